"""The network of all experiments: one recurrent layer of any cell, and one linear layer that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gatewise.arrays import Array
from gatewise.errors import CellError
from gatewise.ir import Program
from gatewise.ir.size import ONE
from gatewise.lab.batch import Batch
from gatewise.lab.experiment import Experiment, Setting
from gatewise.lang import Cell
from gatewise.nn import Recurrent

# values of a state over all steps of a batch, from which on steps are computed again to save memory
_MUCH = 20_000_000


class LabNetwork(nn.Module):
    """A layer of a cell and a linear readout, taken at the places where a batch asks for answers.

    A cell that wants the time of a step (a second input of one value) gets the number of the step.

    Raises:
        CellError: for a cell that needs an input which the experiments do not have.
    """

    def __init__(self, cell: Cell, experiment: Experiment, setting: Setting) -> None:
        super().__init__()
        program = cell.program
        self.timed = _extra_inputs(program)
        symbols, H = experiment.symbols, setting.H
        self.one_hot = symbols if setting.one_hot else None
        self.embedding = None if symbols is None or setting.one_hot else nn.Embedding(symbols, H)
        if self.embedding is not None:
            with torch.no_grad():
                self.embedding.weight.mul_(setting.spread)
        width = H if self.embedding is not None else symbols or experiment.width
        named = {n for i in program.inputs for n in i.size.names}
        more = {n: H for n in program.sizes if n not in named and n != "H"}
        long = experiment.lag * setting.B * H > _MUCH
        self.recurrent = Recurrent(
            cell,
            (width, 1) if self.timed else width,
            H,
            sizes=more,
            memory="sqrt" if long else "all",
        )
        self.readout = nn.Linear(self.recurrent.plan.widths[0], experiment.outputs)
        self.loss = experiment.loss
        self._state: tuple[Tensor, ...] | None = None
        self._time = 0

    def forward(self, batch: Batch) -> Tensor:
        """Outputs [N, O], before any squashing."""
        x = torch.from_numpy(batch.inputs)
        if self.embedding is not None:
            x = self.embedding(x)
        elif self.one_hot is not None:
            x = nn.functional.one_hot(x, self.one_hot).to(torch.get_default_dtype())
        if not batch.carry:
            self._state, self._time = None, 0
        lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths)
        inputs = (x, self._steps(x)) if self.timed else x
        output, state = self.recurrent(inputs, self._state, lengths=lengths)
        self._state = tuple(s.detach() for s in state)
        self._time += len(x)
        steps, rows = torch.from_numpy(batch.steps), torch.from_numpy(batch.rows)
        answers: Tensor = self.readout(output[steps, rows])
        return answers

    def _steps(self, x: Tensor) -> Tensor:
        steps = torch.arange(self._time, self._time + len(x), dtype=x.dtype)
        return steps[:, None, None].expand(-1, x.shape[1], 1)

    def loss_of(self, answers: Tensor, batch: Batch) -> Tensor:
        """The mean loss over the answers of a batch."""
        targets = torch.from_numpy(batch.targets)
        if self.loss == "classes":
            return nn.functional.cross_entropy(answers, targets)
        if self.loss == "squared":
            return nn.functional.mse_loss(answers, targets.to(answers.dtype))
        return nn.functional.binary_cross_entropy_with_logits(answers, targets.to(answers.dtype))

    def squash(self, answers: Tensor) -> Array:
        """Answers as the criteria read them: outputs between 0 and 1 where the loss is logistic."""
        read = torch.sigmoid(answers) if self.loss == "logistic" else answers
        array: Array = read.detach().numpy()
        return array

    @torch.no_grad()
    def answer(self, batch: Batch) -> Array:
        """The answers of the network as it is, for a test."""
        return self.squash(self(batch))

    @contextmanager
    def tested(self) -> Iterator[None]:
        """For a test: evaluation mode; the state that training carries is there again afterwards."""
        carried = self._state, self._time
        self.eval()
        try:
            yield
        finally:
            self.train()
            self._state, self._time = carried


def _extra_inputs(program: Program) -> bool:
    """Whether a cell wants the time. Raises CellError if it wants more than an input and the time."""
    others = [i for i in program.inputs[1:] if i.rate is None]
    static = [i.name for i in others if i.per == "sequence"]
    if static:
        raise CellError(
            f"{program.name} needs the input {static[0]}, one value for the whole sequence, and the experiments "
            "have no such input: take a cell without it"
        )
    if [i.name for i in others if i.size != ONE] or len(others) > 1:
        raise CellError(
            f"{program.name} needs the inputs {', '.join(i.name for i in program.inputs)}: the experiments have one "
            "input and, for a cell that wants it, the time"
        )
    return bool(others)
