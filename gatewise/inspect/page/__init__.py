"""A page on which a person scrubs through a sequence and sees what the layer does: one file, offline."""
