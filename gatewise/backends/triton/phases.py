"""The way *steps*: at each step products of a library, and a kernel for each phase."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gatewise.backends.triton import graphs
from gatewise.backends.triton.arguments import Role
from gatewise.backends.triton.kernels import element, launch_options, load
from gatewise.backends.triton.memory import JointProduct, units
from gatewise.backends.triton.outside import stacked
from gatewise.backends.triton.phase_kernels import phase_kernels
from gatewise.backends.triton.plan import GpuPlan
from gatewise.backends.triton.sequence import GpuStep, Rows, Tensors, flags
from gatewise.backends.triton.values import Tile

TOGETHER = 32  # steps that are recorded as one graph
_MOST = 16  # recorded graphs of a step


@dataclass
class Buffers:
    """What lies between the kernels of a step. The addresses stay, so that launches can be recorded.

    ``now``: states [B, n]; ``operand``, ``product`` and ``weight``: of each product; ``value``: what
    crosses from one kernel to another; ``table`` and ``clock``: where the arrays of a call lie, and how
    many steps are done. ``lock``: one call at a time.
    """

    now: dict[str, Tensor]
    operand: dict[int, Tensor]
    product: dict[int, Tensor]
    weight: dict[int, Tensor]
    value: dict[int, Tensor]
    table: Tensor
    clock: Tensor
    calls: int = 0
    recorded: graphs.Recorded | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, role: Role, name: str | int) -> Tensor:
        """A tensor by what a kernel's argument stands for."""
        if role == Role.NOW:
            return self.now[str(name)]
        groups = {
            Role.OPERAND: self.operand,
            Role.PRODUCT: self.product,
            Role.CROSSING_VALUE: self.value,
        }
        return groups[role][int(name)]


class PhasedStep(GpuStep):
    """A kernel for each phase of a step, and products of a library between them."""

    def __init__(
        self,
        plan: GpuPlan,
        sizes: Mapping[str, int],
        tile: Tile,
        *,
        backward: bool,
        output: bool,
    ) -> None:
        super().__init__(plan, sizes, tile, backward=backward, output=output)
        self.sources = phase_kernels(
            self.plan, self.sizes, self.tile, backward=self.backward, output=self.output
        )
        self.products: list[JointProduct] = [j for joint, _ in self.sources.phases for j in joint]
        self._buffers: OrderedDict[tuple[object, ...], Buffers] = OrderedDict()
        self._lock = threading.Lock()

    def launch(self, tensors: Tensors, rows: Rows, like: Tensor) -> None:
        if not graphs.may_record(like.device) or rows.steps < TOGETHER:
            self._run(self._new_buffers(rows, like), tensors, rows, like, record=False)
            return
        buffers = self._kept_buffers(rows, like)
        with buffers.lock:
            self._run(buffers, tensors, rows, like, record=True)

    def _run(
        self, buffers: Buffers, tensors: Tensors, rows: Rows, like: Tensor, *, record: bool
    ) -> None:
        """All steps. The first call with the same buffers records nothing: kernels are compiled then."""
        self._begin(buffers, tensors, rows)
        done = 0
        if record:
            buffers.calls += 1
            if buffers.recorded is None and buffers.calls > 1:
                buffers.recorded = graphs.record(lambda: self._together(buffers, rows, like))
        if buffers.recorded is not None:
            for _ in range(rows.steps // TOGETHER):
                buffers.recorded.replay()
            done = rows.steps // TOGETHER * TOGETHER
        for ahead in range(rows.steps - done):
            self._step(buffers, ahead, rows, like)
        for name, last in tensors[Role.LAST].items():
            assert last is not None
            last.copy_(buffers.now[str(name)])

    def _together(self, buffers: Buffers, rows: Rows, like: Tensor) -> None:
        """The steps of one graph."""
        for ahead in range(TOGETHER):
            self._step(buffers, ahead, rows, like)
        buffers.clock.add_(TOGETHER)

    def _step(self, buffers: Buffers, ahead: int, rows: Rows, like: Tensor) -> None:
        """One step, so many ahead of the clock."""
        for products, source in self.sources.phases:
            for joint in products:
                left, right = buffers.operand[joint.name], buffers.weight[joint.name]
                multiply(left, right, buffers.product[joint.name])
            load(source.text)[(-(-rows.batch // self.tile.rows),)](
                buffers.table,
                buffers.clock,
                *(buffers.of(a.role, a.of) for a in source.arguments),
                ahead,
                rows.batch,
                **flags(rows),
                ELEMENT=element(str(like.dtype).removeprefix("torch.")),
                **launch_options(self.warps),
            )

    def _begin(self, buffers: Buffers, tensors: Tensors, rows: Rows) -> None:
        """Put what belongs to a call into the buffers."""
        nodes = self.plan.program.nodes
        for name, now in buffers.now.items():
            start = tensors[Role.START][name]
            assert start is not None
            now.copy_(start)
        params = {str(n): t for n, t in tensors[Role.MATRIX].items() if t is not None}
        for joint in self.products:
            parts = [stacked(self.plan, params, over, True) for over in joint.overs]
            torch.cat(parts, out=buffers.weight[joint.name])
            for node, first in joint.places.items():
                if nodes[node].op == "state":
                    state = buffers.now[str(nodes[node].attr)]
                    buffers.operand[joint.name][:, first : first + state.shape[1]].copy_(state)
        arrays = [tensors[a.role].get(a.of) for a in self.sources.table]
        addresses = [rows.steps, *(0 if t is None else t.data_ptr() for t in arrays)]
        graphs.write_numbers(buffers.table, addresses)
        buffers.clock.zero_()

    def _kept_buffers(self, rows: Rows, like: Tensor) -> Buffers:
        """The buffers of earlier calls like this one, on the same stream."""
        key = (
            rows.batch,
            like.dtype,
            like.device,
            *flags(rows).values(),
            graphs.stream(like.device),
        )
        with self._lock:
            if key not in self._buffers:
                with torch.inference_mode(False):  # later calls of any mode write to them
                    self._buffers[key] = self._new_buffers(rows, like)
                while len(self._buffers) > _MOST:
                    self._buffers.popitem(last=False)
            self._buffers.move_to_end(key)
            return self._buffers[key]

    def _new_buffers(self, rows: Rows, like: Tensor) -> Buffers:
        program, batch = self.plan.program, rows.batch
        crossing = {
            int(a.of)
            for _, source in self.sources.phases
            for a in source.arguments
            if a.role == Role.CROSSING_VALUE
        }

        def new(*shape: int, kind: torch.dtype = torch.float32) -> Tensor:
            return like.new_empty(shape, dtype=kind)

        entries = 1 + len(self.sources.table)
        return Buffers(
            now={s.name: new(batch, s.size.evaluate(self.sizes)) for s in program.states},
            operand={j.name: new(batch, j.depth, kind=like.dtype) for j in self.products},
            product={j.name: new(batch, j.width) for j in self.products},
            weight={j.name: new(j.depth, j.width, kind=like.dtype) for j in self.products},
            value={n: new(batch, units(program, n, self.sizes)) for n in crossing},
            table=like.new_zeros(entries, dtype=torch.int64),
            clock=like.new_zeros(1, dtype=torch.int64),
        )


def multiply(left: Tensor, right: Tensor, out: Tensor) -> None:
    """A product, summed and given in float32."""
    if left.dtype == torch.float32:
        torch.mm(left, right, out=out)
    elif left.device.type == "cuda":
        torch.mm(left, right, out_dtype=torch.float32, out=out)
    else:
        torch.mm(left.float(), right.float(), out=out)
