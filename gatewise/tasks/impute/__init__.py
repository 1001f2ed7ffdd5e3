"""Imputation: missing values of sequences are filled in, with intervals."""
