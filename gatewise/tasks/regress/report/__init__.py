"""The report of a regressor: one file for people, with pictures, that needs no network and runs no script."""
