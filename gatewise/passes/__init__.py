"""Pure passes from Program to Program; ``pipeline.py`` has them in order."""
