"""The report of a fit: one file for people, with pictures, that needs no network and runs no script.

``collect`` picks what is shown while the rows are at hand, ``page.render`` makes the file of it.
"""
