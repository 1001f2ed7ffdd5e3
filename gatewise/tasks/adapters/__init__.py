"""The estimators of whole sequences as aeon and sktime have them; each module needs its library."""
