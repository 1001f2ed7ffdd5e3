"""Resets: states that start again in the middle of a sequence."""

from __future__ import annotations

from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.emit.tile_rows import TileRows
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan


class Restarts:
    """Writes what a reset does to the rows of a tile."""

    def __init__(
        self,
        plan: KernelPlan,
        f: Function,
        arg: dict[str, str],
        units: Units,
        rows: TileRows,
        team: Team,
    ) -> None:
        self.p, self.f, self.arg = plan, f, arg
        self.units, self.rows, self.team = units, rows, team

    def at(self, t: str) -> None:
        """A boundary before step ``t``: forward the state restarts, backward its gradient goes to the
        restart state."""
        f, p = self.f, self.p
        step = f.add(t, self.arg["shift"])
        has_resets = f.let(f"icmp ne ptr {self.arg['reset']}, null")
        inside = f.let(f"icmp slt i64 {step}, {self.arg['T']}")
        with f.when(f.let(f"and i1 {has_resets}, {inside}")):
            count = self.rows.longer_than(step)  # marks beyond a row's length mean nothing
            self.team.wait()  # the end of the step before reads the states
            with self.team.alone(), f.loop(count) as r:
                b, ws = self.rows.batch_row(r), self.rows.workspace_row(r)
                offset = f.add(f.mul(step, self.arg["reset:t"]), f.mul(b, self.arg["reset:b"]))
                place = f.let(f"getelementptr inbounds i8, ptr {self.arg['reset']}, i64 {offset}")
                mark = f.let(f"load i8, ptr {place}, align 1")
                with f.when(f.let(f"icmp ne i8 {mark}, 0")):
                    for name, units in p.shapes.states.items():
                        if p.spec.backward:
                            self._catch(name, units, b, ws)
                        else:
                            self.rows.load_state(f"restart.{name}", name, b, ws)
            self.team.wait()

    def _row(self, name: str, b: str) -> str:
        return self.f.at(self.arg[f"restart.{name}"], self.f.mul(b, self.arg[f"restart.{name}:b"]))

    def clear(self, b: str) -> None:
        """Gradients of restart states begin at zero, in padded rows."""
        for name, units in self.p.shapes.states.items():
            row = self._row(name, b)
            with self.units.blocks(self.p.t.blocks(units)) as block:
                self.f.store("zeroinitializer", self.f.at(row, self.f.mul(block, self.p.t.lanes)))

    def _catch(self, name: str, units: int, b: str, ws: str) -> None:
        """The gradient of a state goes to the restart state, and no further back."""
        f, t = self.f, self.p.t
        row = self._row(name, b)
        with self.units.blocks(t.blocks(units)) as block:
            at = f.mul(block, t.lanes)
            place = f.at(row, at)
            state = f.at(ws, self.p.layout.state_slot[name], at)
            total = f.let(f"fadd {t.vector} {f.load(place)}, {f.load(state)}")
            f.store(total, place)
            f.store("zeroinitializer", state)
