"""Compiled kernels inside PyTorch: autograd, the custom operator, the fast path."""
