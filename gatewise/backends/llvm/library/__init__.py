"""Kernels that all cells share: matrix products, packing, bfloat16."""
