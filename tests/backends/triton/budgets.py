"""What kernels may take on a GPU, as data: found by compiling, so that a change for the worse is noticed."""

from __future__ import annotations

from dataclasses import dataclass

# bytes of shared memory of a program, by compute capability
SHARED = {80: 166_912, 90: 232_448, 100: 232_448}
CELLS = ("lstm", "peephole_lstm", "gru_v3", "layernorm_lstm", "slstm")
BATCH = 16


@dataclass(frozen=True)
class Case:
    """A step of a cell with so many units, compiled for a compute capability. ``way``: one by name, or
    nothing for what the sizes decide."""

    cell: str
    direction: str
    way: str
    dtype: str
    capability: int
    units: int

    def __str__(self) -> str:
        sizes = f"{self.dtype}-{self.capability}-{self.units}"
        return f"{self.cell}-{self.direction}-{self.way or 'chosen'}-{sizes}"


# 17 kernels, each of which takes about a second of a processor
DEFAULT = (
    Case("lstm", "forward", "rows", "bfloat16", 90, 128),
    Case("lstm", "backward", "rows", "float32", 80, 64),
    Case("lstm", "forward", "grid", "bfloat16", 80, 256),
    Case("lstm", "forward", "grid", "float32", 90, 256),
    Case("lstm", "backward", "grid", "bfloat16", 90, 768),
    Case("lstm", "backward", "steps", "float32", 90, 64),
    Case("peephole_lstm", "forward", "rows", "bfloat16", 90, 128),
    Case("peephole_lstm", "backward", "rows", "bfloat16", 80, 128),
    Case("gru_v3", "forward", "grid", "bfloat16", 100, 256),
    Case("gru_v3", "backward", "grid", "bfloat16", 90, 256),
    Case("gru_v3", "backward", "rows", "float32", 90, 64),
    Case("slstm", "forward", "rows", "float32", 90, 64),
    Case("slstm", "backward", "rows", "bfloat16", 100, 128),
    Case("layernorm_lstm", "forward", "steps", "float32", 80, 128),
    Case("layernorm_lstm", "backward", "steps", "bfloat16", 90, 64),
)

# Bytes of stack of a thread where zero cannot be had: a product of float32 is three of its parts, and all that
# a program of the grid reads for one lies in registers.
STACK = {("grid", "float32"): 256}
# What ptxas puts there though registers are left, in a few of many kernels.
FEW = 16
# Cells of which a kernel takes more: its values do not fit into the 255 registers that a thread can have.
MORE = {
    ("lmu", "backward", "rows", "float32"): 32,
    ("on_lstm", "forward", "rows", "float32"): 80,
    ("phased_lstm", "forward", "rows", "float32"): 24,
}
