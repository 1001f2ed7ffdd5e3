"""Where a network can be trained, and in which precisions, as Lightning calls them. Nothing here needs torch."""

DEVICES = ("cpu", "cuda", "auto")
PRECISIONS = ("32-true", "64-true", "bf16-mixed")
