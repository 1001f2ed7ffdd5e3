"""How a call runs: checks, sequence formats, the stack of layers and the choice of backend."""
