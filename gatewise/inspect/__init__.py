"""Looking at cells: their equations typeset, their diagrams, and whether their gradients are right."""
