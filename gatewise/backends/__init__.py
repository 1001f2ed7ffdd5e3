"""Ways to run a Program; ``base.py`` finds one by name."""
