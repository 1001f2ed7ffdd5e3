"""The report of a classifier: one file for people, with pictures, that needs no network and runs no script."""
