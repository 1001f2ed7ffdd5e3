"""Compiled kernels on a caller's arrays: workspaces, gradients, threads."""
