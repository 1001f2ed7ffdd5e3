"""The modules that people use."""
