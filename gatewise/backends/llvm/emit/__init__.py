"""The text of kernels: the step of a cell, its products and its pointwise work."""
