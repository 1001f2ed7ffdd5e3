"""Tagging: something is said of every step of sequences."""
