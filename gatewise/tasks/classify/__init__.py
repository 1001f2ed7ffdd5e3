"""Classification of whole sequences."""
