"""What a module is: its cell, sizes, parameters and options; no tensor is computed here."""
