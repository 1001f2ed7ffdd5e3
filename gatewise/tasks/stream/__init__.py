"""Learning from streams: one step after another, with the state carried."""
