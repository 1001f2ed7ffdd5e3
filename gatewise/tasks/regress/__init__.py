"""Regression of whole sequences."""
