"""The processor and its code: target, compiler, cache and threads; no cell is known here."""
