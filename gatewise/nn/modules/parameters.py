"""The parameters of recurrent modules: registered, named, shown and initialised by plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

import torch
from torch import Tensor, nn

from gatewise.errors import InputError, SizeError
from gatewise.nn.plan.module_plan import ModulePlan
from gatewise.nn.plan.param_layout import initialise


class _New(TypedDict):
    """Where new parameters lie, and of which type they are."""

    device: torch.device | str | None
    dtype: torch.dtype | None


class PlannedModule(nn.Module):
    """A module whose parameters are those of its plan."""

    plan: ModulePlan
    backend: str

    @property
    def weights(self) -> str | None:
        """The type in which the compiled kernels read matrices in inference.

        None: that of the parameters. ``"bfloat16"``: half the bytes, for modules that are computed in
        float32 (all but those of float64); matrices, and the vectors they are applied to, are rounded
        to bfloat16, while sums, states and equations stay float32 (about twice as fast from a few
        hundred units on; outputs of an LSTM move by about half a percent of the largest). The parameters themselves do not change, training and other
        backends read them as they are. May be set at any time; it is not part of the ``state_dict``.

        Raises InputError for anything else; a call raises BackendError if the module is float64.
        """
        return self.plan.weights

    @weights.setter
    def weights(self, weights: str | None) -> None:
        self.plan = self.plan.reading(weights)

    def parameter(self, name: str) -> Tensor:
        """A parameter as it is now: parametrized, replaced or plain."""
        plain = self._parameters.get(name)
        return plain if plain is not None else getattr(self, name)

    def equation_parameters(self, layer: int = 0, direction: int = 0) -> dict[str, Tensor]:
        """Parameters by the names of the equations (``"W.i"``, ``"b.f"``).

        The tensors are differentiable views: under ``torch.no_grad()`` what is written to them is
        written to the parameters, and what is computed from them has gradients. A matrix of W.i @ x
        has shape [rows, columns]; block-diagonal ones [blocks, rows / blocks, columns / blocks].

        The modules that keep PyTorch's parameters have its two biases: where the equations read b.i,
        they compute with b.i + b.hi (``bias_ih`` and ``bias_hh``).

        Args:
            layer: 0 .. num_layers - 1.
            direction: 0 is forward, 1 is reverse.

        Raises:
            InputError: for a layer or direction that is not there.
        """
        plan = self.plan
        for what, value, count in (
            ("layer", layer, len(plan.layers)),
            ("direction", direction, plan.directions),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
                raise InputError(f"there is no {what} {value!r}: there are {count}, from 0 on")
        at = plan.layers[layer]
        return plan.layout.views([self.parameter(n) for n in at.names[direction]], at.sizes)

    def _first_parameter(self) -> Tensor | None:
        """A parameter, whose type and device are the module's; without any, they are the input's."""
        return None if self.plan.first is None else self.parameter(self.plan.first)

    def _stacks(self, layer: int, direction: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Names and shapes of the stacked parameters."""
        at = self.plan.layers[layer]
        for stack, name in zip(self.plan.layout.stacks, at.names[direction], strict=True):
            yield name, self.plan.layout.shape(stack, at.sizes)

    def _add_parameters(self, device: torch.device | str | None, dtype: torch.dtype | None) -> None:
        """Register what the plan asks for and is not there yet."""
        plan, new = self.plan, _New(device=device, dtype=dtype)
        for k, at in enumerate(plan.layers):
            for d in range(plan.directions):
                for name, shape in self._stacks(k, d):
                    if name not in self._parameters:
                        setattr(self, name, nn.Parameter(torch.empty(shape, **new)))
                if plan.extras.learned_initial_state:
                    for name_, width in zip(at.initial[d], plan.widths, strict=True):
                        if name_ is not None:
                            setattr(self, name_, nn.Parameter(torch.empty(width, **new)))
            if plan.extras.highway and k:
                size = plan.directions * plan.widths[0]
                self.register_parameter(
                    f"highway_weight_l{k}", nn.Parameter(torch.empty((size, size), **new))
                )
                self.register_parameter(
                    f"highway_bias_l{k}", nn.Parameter(torch.empty(size, **new))
                )

    def _repr_of_extras(self) -> str:
        """What a repr says besides PyTorch's: the backend and the extras that are not the default."""
        plan = self.__dict__.get("plan")
        shown = [] if self.backend == "auto" else [f"backend={self.backend}"]
        shown += [f"{n}={getattr(plan.extras, n)}" for n in plan.extras.changed] if plan else []
        return "".join(f", {text}" for text in shown)

    def _check_joins(self) -> None:
        """Raises SizeError if residual or highway would join layers that are not there."""
        used = [n for n in ("residual", "highway") if getattr(self.plan.extras, n)]
        if used and len(self.plan.layers) < 2:
            raise SizeError(f"{used[0]} joins layers: it needs num_layers of at least 2")

    @torch.no_grad()
    def _reset_extras(self, unchanged: Sequence[str] = ()) -> None:
        """Initial values as the cell declares them, of all stacks but those in ``unchanged``."""
        plan = self.plan
        for k, at in enumerate(plan.layers):
            for d in range(plan.directions):
                views: dict[str, Tensor] = {}
                for stack, name in zip(plan.layout.stacks, at.names[d], strict=True):
                    if stack.name not in unchanged:
                        parts = self.parameter(name).split(plan.layout.rows(stack, at.sizes))
                        views |= zip((m.param for m in stack.members), parts, strict=True)
                initialise(plan.cell.program, views, at.sizes)
                if plan.extras.learned_initial_state:
                    for state, name_ in zip(plan.cell.program.states, at.initial[d], strict=True):
                        if name_ is not None:
                            nn.init.constant_(self.parameter(name_), state.initial)
            if plan.extras.highway and k:
                nn.init.xavier_uniform_(self.parameter(f"highway_weight_l{k}"))
                nn.init.constant_(self.parameter(f"highway_bias_l{k}"), -1.0)  # at first, carry
