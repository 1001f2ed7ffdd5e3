"""Estimators over ``gatewise.nn``: from a table to a trained model and its predictions."""

from gatewise.tasks.forecast import Forecaster as Forecaster
