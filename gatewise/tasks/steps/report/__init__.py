"""The page and the pictures that the reports of all tasks at every step are made of."""
