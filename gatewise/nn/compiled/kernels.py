"""Compiled layers on tensors of torch: what the operators and the direct calls share.

A layer in one direction is known by a key (its Program and how its parameters are stacked), its sizes,
float type and what it records. Tensors are time-major, with any distances of steps and rows.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from gatewise.compile import llvm_runtime, new_layer
from gatewise.nn.compiled.float_types import CPU, DTYPES
from gatewise.nn.compiled.launch import Back
from gatewise.nn.plan.lease import leased
from gatewise.nn.plan.registry import registered

if TYPE_CHECKING:
    from gatewise.compile import (
        CallFrame,
        GradientSlot,
        GradientTargets,
        KernelKind,
        Traversal,
        Weight,
    )

_LARGE = 1 << 17  # values
_CODE = 8  # layers whose code waits for another module of the same sizes
_PLACES = 16  # modules and directions whose places are remembered


# key, sizes, float type and recorded names
KernelsKey: TypeAlias = tuple[str, tuple[int, ...], torch.dtype, str]
# of the layers that some module has
_LEASED: dict[KernelsKey, Kernels] = {}


def kernels(key: str, sizes: tuple[int, ...], dtype: torch.dtype, record: str) -> Kernels:
    """The kernels of a layer; ``record`` has names with commas between.

    Where no module has such a layer any more (a traced or exported program, a gradient that is still to
    be taken), they work as well, and keep no memory between two runs.
    """
    compiled = _LEASED.get((key, sizes, dtype, record))
    if compiled is not None:
        return compiled
    lease = leased(key, sizes)
    if lease is None:
        return _kernels(key, sizes, dtype, record)
    compiled = _LEASED.setdefault((key, sizes, dtype, record), _kernels(key, sizes, dtype, record))
    compiled.layer.owned_by(lease)
    weakref.finalize(lease, _release, (key, sizes, dtype, record)).atexit = False
    return compiled


def _release(where: KernelsKey) -> None:
    """The last module is gone: memory goes, and code unless it is among the last that were made."""
    compiled = _LEASED.pop(where, None)
    if compiled is not None:
        compiled.layer.release()
        llvm_runtime().forget(compiled.bytes)


@lru_cache(maxsize=_CODE)
def _kernels(key: str, sizes: tuple[int, ...], dtype: torch.dtype, record: str) -> Kernels:
    compiled = Kernels(key, sizes, dtype, record)
    compiled.layer.owned_by(None)
    return compiled


class Kernels:
    """One layer in one direction, for given sizes, float type and recorded names.

    Attributes:
        every: units of what comes at every step: of the first state, then of the recorded names.
        final: units of the states.
        nothing: the address of zeros, as many as a state has.
    """

    def __init__(self, key: str, sizes: tuple[int, ...], dtype: torch.dtype, record: str) -> None:
        self.program, self._layout, weights = registered(key)
        self.dtype = dtype
        self._sizes = dict(zip(self.program.sizes, sizes, strict=True))
        names = tuple(record.split(",")) if record else ()
        self.layer = new_layer(
            self.program,
            tuple(self._sizes.items()),
            DTYPES[dtype],
            names,
            averaged=False,
            weights=weights,
        )
        self._rt = llvm_runtime()
        self.outputs = self.layer.outputs
        units = [self.program.nodes[self.program.named(n)].size for n in self.outputs]
        self.every = tuple(u.evaluate(self._sizes) for u in units)
        self.final = tuple(s.size.evaluate(self._sizes) for s in self.program.states)
        self._inputs = tuple(i.name for i in self.program.inputs)
        self._drawn = tuple(i.rate is not None for i in self.program.inputs)
        self._weights: dict[tuple[int, ...], dict[str, Weight]] = {}
        self._places = self._members()
        self._orders: dict[KernelKind, list[tuple[int, bool, tuple[int, ...]]]] = {}
        self._zeros = np.zeros(max((*self.every, *self.final)), DTYPES[dtype])
        self.nothing = self._zeros.ctypes.data  # what a gradient that is not given is read from
        self._waste = np.empty(len(self._zeros) + 64, DTYPES[dtype])  # room for a padded state
        self._waste_at = self._waste.ctypes.data

    def saved_size(self, steps: int, batch: int, total: int) -> int:
        """How many values a training run saves; ``total``: steps that are visited, of all rows."""
        return self.layer.saved_size(steps, batch, total)

    @property
    def bytes(self) -> int:
        """Of the parameters."""
        return sum(math.prod(shape) for shape in self.stacks) * (torch.finfo(self.dtype).bits // 8)

    @cached_property
    def stacks(self) -> list[tuple[int, ...]]:
        """The shapes of the stacked parameters."""
        return [self._layout.shape(s, self._sizes) for s in self._layout.stacks]

    @cached_property
    def _d_states(self) -> tuple[str, ...]:
        """The states of the backward step."""
        return tuple(s.name for s in self.layer.plans.training.backward.states)

    def _members(self) -> list[tuple[str, int, int, int]]:
        """Each parameter's (name, stack, first row, rows) in the stacked tensors."""
        places = []
        for k, stack in enumerate(self._layout.stacks):
            row = 0
            rows = self._layout.rows(stack, self._sizes)
            for member, count in zip(stack.members, rows, strict=True):
                places.append((member.param, k, row, count))
                row += count
        return places

    @cached_property
    def into(self) -> GradientTargets:
        """Where gradients go: contiguous tensors of the shapes in ``stacks``."""
        places: dict[str, tuple[GradientSlot, ...]] = {}
        for name, k, row, rows in self._places:
            _, *inner = self.stacks[k]
            above = row * math.prod(inner)
            place = self._rt.gradient_slot.of(k, above, (rows, *inner) if inner else (rows,))
            places[name] = (*places.get(name, ()), place)
        return self._rt.gradient_targets(places)

    def _order(self, kind: KernelKind) -> list[tuple[int, bool, tuple[int, ...]]]:
        """What a backward kernel gets: the place among inputs, their gradients, those of outputs, final,
        initial and restart states; whether it has steps; and what stands for it if it is not there."""
        role = self._rt.role
        order = [(role.IN, n) for n in self._inputs] + [(role.OUT, f"d.{n}") for n in self._inputs]
        order += [(role.IN, f"seed.{n}") for n in self.outputs]
        order += [(r, n) for r in (role.FIRST, role.LAST, role.RESTART) for n in self._d_states]
        places = {argument: k for k, argument in enumerate(order)}
        arguments = []
        for own, name in self.layer.argument_roles(kind):
            at, stepped = (
                places[role.OUT if own == role.ROW else own, name],
                own in (role.IN, role.OUT),
            )
            nothing: tuple[int, ...] = (self.nothing, 0, 0) if stepped else (self.nothing, 0)
            # all rows into one that nobody reads
            if own in (role.LAST, role.RESTART):
                nothing = self._waste_at, 0
            arguments.append((at, stepped, nothing))
        return self._orders.setdefault(kind, arguments)

    def weights(self, params: Sequence[Tensor]) -> dict[str, Weight]:
        """Where the kernels find each parameter inside the stacked tensors."""
        return self.weights_at(
            params, tuple([n for p in params for n in (p.data_ptr(), p.stride(0))])
        )

    def weights_at(self, params: Sequence[Tensor], where: tuple[int, ...]) -> dict[str, Weight]:
        """Where the kernels find each parameter inside the stacked tensors.

        ``where`` tells these places from others; of contiguous tensors, the addresses do.
        """
        known = self._weights.get(where)
        if known is not None:  # the same memory; its values may have changed
            return known
        by_name: dict[str, Weight] = {}
        for name, k, row, _ in self._places:
            p = params[k]
            pointer = p.data_ptr() + row * p.stride(0) * p.element_size()
            if name in by_name:  # PyTorch's second bias
                by_name[name] = self._rt.weight(by_name[name].pointer, 0, pointer)
            else:
                by_name[name] = self._rt.weight(pointer, p.stride(-2) if p.dim() > 1 else 0)
        if len(self._weights) >= _PLACES:
            self._weights.clear()
        self._weights[where] = by_name
        return by_name

    def traversal(
        self,
        steps: int,
        batch: int,
        lengths: Tensor | None,
        reset: Tensor | None,
        reverse: bool,
        training: bool,
    ) -> Traversal:
        """Which rows visit which steps. Forth and back, a training has the same."""
        threads = self._rt.get_num_threads()
        tile = self.layer.tile_for(steps, batch, training, threads)
        if lengths is None and reset is None:
            return _traversal(steps, batch, tile, reverse, threads)
        counts = None if lengths is None else lengths.numpy()
        rows = self._rt.cut(steps, batch, counts, tile)
        mark = None
        if reset is not None:
            mark = self._rt.view(reset.data_ptr(), reset.stride(0), reset.stride(1))
        return self._rt.traversal(rows, mark, reverse, threads)

    def new(self, *shape: int, lent_from: int = _LARGE) -> Tensor:
        """A new tensor. A large one (``lent_from`` values) of torch's own would be fresh pages of the
        system at every call, as dear as writing it three times; ours is memory that is used again when
        it is let go of."""
        count = math.prod(shape)
        if count < lent_from:
            return torch.empty(shape, dtype=self.dtype, device=CPU)
        return torch.from_numpy(self._rt.lend(count, DTYPES[self.dtype])).view(shape)

    def forward(
        self,
        traversal: Traversal,
        groups: Sequence[Sequence[Tensor]],
        outputs: Sequence[Tensor],
        last: Sequence[Tensor],
        saved: Tensor | None,
    ) -> CallFrame:
        """A run on ``groups`` of tensors (inputs, parameters, initial and restart states), for ``run``; the others
        are written. All must be there until it has run."""
        inputs, params, states, restart = groups
        numbers: list[int] = []
        for t in inputs:
            numbers += _stepped(t)
        for group in (states, restart):
            for t in group:
                numbers += t.data_ptr(), t.stride(0)
            if not group:  # zeros
                numbers += (self.nothing, 0) * len(self.final)
        for t in outputs:
            numbers += _stepped(t)
        for t in last:
            numbers += t.data_ptr(), t.stride(-2)
        return self.layer.forward(
            traversal, numbers, self.weights(params), None if saved is None else saved.data_ptr()
        )

    def _way_back(self, wants: Sequence[bool], inputs: Sequence[Tensor]) -> KernelKind:
        """The kind of backward kernel where some input wants a gradient."""
        steps = [w and t.dim() == 3 for w, t in zip(wants, inputs, strict=True)]
        return self._rt.kind.BACKWARD if True in steps else self._rt.kind.STATIC

    def backward(
        self,
        traversal: Traversal,
        inputs: Sequence[Tensor],
        params: Sequence[Tensor],
        saved: Tensor,
        grads: Sequence[Tensor | None],
        wants: Sequence[bool],
        wants_states: bool,
    ) -> Back:
        """A run back, for ``run_backward``: from the gradients of outputs and final states (None: zero).
        ``wants`` says which inputs want gradients. All that is given must be there until it has run."""
        batch, kind = traversal.rows.batch, self._rt.kind.LEAN
        d_inputs: list[Tensor | None] = [None] * len(inputs)
        if True in wants:
            kind = self._way_back(wants, inputs)
            whole = traversal.rows.total == traversal.rows.steps * batch
            for k, (t, drawn) in enumerate(zip(inputs, self._drawn, strict=True)):
                if not drawn and (kind == self._rt.kind.BACKWARD or t.dim() == 2):
                    room = self.new(*t.shape)  # nothing is written where no row comes
                    d_inputs[k] = room if whole else room.zero_()
        d_params = [self.new(*shape) for shape in self.stacks]
        d_first: list[Tensor] = []
        caught: list[Tensor] = []
        if wants_states:
            d_first = [self.new(batch, n) for n in self.final]
            caught = [self.new(batch, self.layer.padded(n)) for n in self._d_states]
        absent = [None] * len(self.final)
        arrays = (*inputs, *d_inputs, *grads, *(d_first or absent), *(caught or absent))
        numbers: list[int] = []
        for at, stepped, nothing in self._orders.get(kind) or self._order(kind):
            t = arrays[at]
            if t is None:
                numbers += nothing
            elif stepped:
                numbers += _stepped(t)
            else:
                numbers += t.data_ptr(), t.stride(-2)
        frame = self.layer.backward(
            traversal, saved.data_ptr(), numbers, self.weights(params), self.into, kind
        )
        if not wants_states:
            return Back(frame, (d_inputs, d_params, absent, absent))
        d_restart = [c[:, :n] for c, n in zip(caught, self.final, strict=True)]
        return Back(frame, (d_inputs, d_params, d_first, d_restart))


@lru_cache(maxsize=256)
def _traversal(steps: int, batch: int, tile: int, reverse: bool, threads: int) -> Traversal:
    rt = llvm_runtime()
    return rt.traversal(rt.cut(steps, batch, None, tile), None, reverse, threads)


def _stepped(t: Tensor) -> tuple[int, int, int]:
    """Address, distance of steps, distance of rows; static tensors [B, n] have no steps."""
    if t.dim() == 3:
        step, row, _ = t.stride()
        return t.data_ptr(), step, row
    return t.data_ptr(), 0, t.stride(0)


def readable(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors with their units next to each other."""
    return [t if t.stride(-1) == 1 else t.contiguous() for t in tensors]
