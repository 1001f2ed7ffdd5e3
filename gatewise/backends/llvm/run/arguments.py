"""The arguments of a kernel as it reads them: a table of 64-bit numbers."""

from __future__ import annotations

import numpy as np

from gatewise.arrays import Array
from gatewise.backends.llvm.plan.parts import ArgumentTable
from gatewise.backends.llvm.run.buffers import address


class Arguments:
    """The values of a kernel's arguments, in the order of its plan, and the address of the table."""

    def __init__(self, table: ArgumentTable) -> None:
        self.index = {argument.name: k for k, argument in enumerate(table.arguments)}
        self.values: Array = np.zeros(len(self.index), np.int64)
        self.address = address(self.values)

    def set(self, name: str, value: int) -> None:
        """Give an argument its address or number."""
        self.values[self.index[name]] = value

    def get(self, name: str) -> int:
        """What an argument was given last."""
        return int(self.values[self.index[name]])
