"""The matrix products of a step: whose columns, of which rows, and those over inputs ahead of time."""

from __future__ import annotations

from gatewise.backends.llvm.emit.pointwise import Units
from gatewise.backends.llvm.emit.team import Team
from gatewise.backends.llvm.ir_text import Function
from gatewise.backends.llvm.plan.kernel_plan import KernelPlan
from gatewise.backends.llvm.plan.packed_sizes import packed_values
from gatewise.backends.llvm.plan.parts import AHEAD, Product
from gatewise.backends.llvm.plan.tiles import TILE

CACHED = 1 << 15  # bytes of weights that stay in the first-level cache


class Products:
    """Writes the products of a step into the kernel's function.

    ``row0``, ``single`` and ``down`` are those of the tile at hand: its first row, whether it has
    but one, and whether time goes down.
    """

    def __init__(
        self, plan: KernelPlan, width: int, f: Function, arg: dict[str, str], units: Units
    ) -> None:
        self.p, self.width, self.f, self.arg, self.units = plan, width, f, arg, units
        self.row0 = self.single = self.down = ""

    def counts(self) -> set[int]:
        """Panels, or groups of rows, that a team shares out."""
        if self.p.spec.single:
            params = [self.p.program.param(name) for name in self.p.matrices]
            return {self.p.t.blocks(q.shape(self.p.shapes.sizes)[-2]) for q in params}
        products = (q for phase in self.p.phases for q in phase.products)
        return {-(-q.blocks // self.width) for q in products}

    def enter(self, team: Team, ws: str, own_ws: str) -> None:
        """To be called in the entry block, with the workspace of the tile and that of the thread."""
        self.team, self.ws, self.own_ws = team, ws, own_ws
        self.ahead_from = self.f.let("alloca i64, align 8")

    def _batch_row(self) -> str:
        """Which row of the batch the only row of a tile is."""
        f = self.f
        place = f.let(f"getelementptr inbounds i64, ptr {self.arg['perm']}, i64 {self.row0}")
        return f.let(f"load i64, ptr {place}, align 8")

    def _spans(self, q: Product) -> list[tuple[str, str]]:
        """The columns of a product that this thread computes, as (first vector, how many): its share
        of the panels. Where units are apart, the range of this tile in each column."""
        f = self.f
        if self.p.strategy.apart:
            starts = range(0, q.blocks, self.p.unit_blocks)
            return [(f.add(self.units.low, at), self.units.many) for at in starts]
        start, stop = self.team.share(-(-q.blocks // self.width))
        first, end = f.mul(start, self.width), f.mul(stop, self.width)
        short = f.let(f"icmp slt i64 {end}, {q.blocks}")
        end = f.let(f"select i1 {short}, i64 {end}, i64 {q.blocks}")
        return [(first, f.sub(end, first))]

    def _gemm(
        self, q: Product, n: str, c: str, lc: int, a: str, la: str | int, more: int, back: str
    ) -> None:
        """One product, of the columns that are ours."""
        f, t, spec = self.f, self.p.t, self.p.spec
        vector = packed_values(t.lanes, q.depth) if spec.weights else t.lanes * q.depth
        for first, blocks in self._spans(q):
            weights = f.at(self.arg[f"w.{q.index}"], f.mul(first, vector))
            to = f.at(c, f.mul(first, t.lanes))
            arguments = (
                f"i64 {n}, ptr {to}, i64 {lc}, ptr {a}, i64 {la}, ptr {weights}, "
                f"i64 {q.depth}, i64 {blocks}, i1 {more}"
            )
            if spec.weights:
                rounded = f.at(self.own_ws, self.p.rounded)
                f.do(f"call void @gw_gemm_bf16({arguments}, ptr {rounded})")
            else:
                f.do(f"call void @gw_gemm({arguments}, i1 {back})")

    def product(self, q: Product, n: str, t: str) -> None:
        """One product of a step: of ``n`` rows, at time ``t``."""
        f, p = self.f, self.p
        if p.spec.single:
            self._unpacked(q, n)
            return
        c, a = f.at(self.ws, q.offset), f.at(self.ws, p.layout.slot[q.operand])
        # every other step from the last panel to the first: what was read last is still in a cache
        large = q.blocks * p.t.lanes * q.depth * p.t.bytes > CACHED
        odd = f.let(f"trunc i64 {t} to i1") if large else "false"
        if q.index not in p.layout.ahead_slot:
            self._gemm(q, n, c, p.layout.row, a, p.layout.row, int(q.more), odd)
            return
        with f.when(self.single):
            lo = self.lowest()
            source = f.at(
                self.ws, p.layout.ahead_slot[q.index], f.mul(f.sub(t, lo), q.blocks * p.t.lanes)
            )
            for first, blocks in self._spans(q):
                at = f.mul(first, p.t.lanes)
                units = f.mul(blocks, p.t.lanes)
                f.do(f"call void @copy(ptr {f.at(c, at)}, ptr {f.at(source, at)}, i64 {units})")
        with f.when(f.let(f"xor i1 {self.single}, true")):
            self._gemm(q, n, c, p.layout.row, a, p.layout.row, 0, odd)

    def _unpacked(self, q: Product, n: str) -> None:
        """One product of ``n`` rows, from the parameters as the caller has them.

        The first one that reaches a column writes it, whatever it is a product over."""
        f, p = self.f, self.p
        (phase,) = [phase for phase in p.phases if q in phase.products]
        before = {
            r.index for r in phase.products[: phase.products.index(q)] if r.offset == q.offset
        }
        written = {piece.lane for piece in p.pieces if piece.weights in before}
        c, a = f.at(self.ws, q.offset), f.at(self.ws, p.layout.slot[q.operand])
        gemv = "gw_gemv_bf16" if p.spec.weights else "gw_gemv"
        for piece in p.pieces:
            if piece.weights != q.index:
                continue
            param = p.program.param(piece.param)
            rows, columns = param.shape(p.shapes.sizes)[-2:]  # of a block
            for b in range(param.blocks):
                to, x = f.at(c, piece.lane + b * rows), f.at(a, piece.start + b * columns)
                ld = self.arg[f"m.{piece.param}:b"]
                w = f.at(self.arg[f"m.{piece.param}"], f.mul(ld, b * rows) if b else 0)
                first, last = self._groups(-(-rows // p.t.lanes))
                f.do(
                    f"call void @{gemv}(i64 {n}, ptr {to}, i64 {p.layout.row}, ptr {x}, "
                    f"i64 {p.layout.row}, ptr {w}, i64 {ld}, i64 {rows}, i64 {columns}, "
                    f"i64 {first}, i64 {last}, i1 {int(piece.lane in written)})"
                )
            written.add(piece.lane)

    def _groups(self, count: int) -> tuple[str | int, str | int]:
        """Which of so many groups of rows are this thread's. Parameters of one column are shared out
        alike, as they are added into it; where one has blocks, the first thread takes all."""
        if any(self.p.program.param(m.param).blocks > 1 for m in self.p.pieces):
            return 0, self.f.let(f"select i1 {self.team.lead}, i64 {count}, i64 0")
        return self.team.share(count)

    def lowest(self) -> str:
        """The first of the steps, in time, whose products have been computed ahead."""
        return self.f.let(f"load i64, ptr {self.ahead_from}, align 8")

    def ahead(self, s: str, t: str, longest: str) -> None:
        """A tile of one row: products over inputs for ``AHEAD`` steps at once, as rows of one product.

        One row alone keeps the multiply-add units waiting for the weights."""
        f, p = self.f, self.p
        place = f.let(f"urem i64 {s}, {AHEAD}")
        begins = f.let(f"icmp eq i64 {place}, 0")
        with f.when(f.let(f"and i1 {begins}, {self.single}")):
            left = f.sub(longest, s)
            many = f.let(f"icmp sgt i64 {left}, {AHEAD}")
            count = f.let(f"select i1 {many}, i64 {AHEAD}, i64 {left}")
            lowest = f.add(f.sub(t, count), 1)
            lo = f.let(f"select i1 {self.down}, i64 {lowest}, i64 {t}")
            f.do(f"store i64 {lo}, ptr {self.ahead_from}, align 8")
            b = self._batch_row()
            # a tile reads all its rows, and the caller's array may end with the last step: there are tiles
            # of 1, 2, 4 and 6 rows, so of 3 or 5 left over the last is computed by itself
            left_over = f.let(f"urem i64 {count}, {TILE}")
            odd = f.let(f"and i64 {left_over}, 1")
            alone = f.mul(odd, f.let(f"zext i1 {f.let(f'icmp ugt i64 {left_over}, 1')} to i64"))
            rows = f.sub(count, alone)
            for q in [
                q for phase in p.phases for q in phase.products if q.index in p.layout.ahead_slot
            ]:
                self._ahead_rows(q, b, lo, "0", rows)
                with f.when(f.let(f"icmp ne i64 {alone}, 0")):
                    self._ahead_rows(q, b, lo, rows, 1)

    def rows_of(self, q: Product, n: str, c: str, lc: int, a: str, la: int, more: int) -> None:
        """One product of ``n`` rows of our own, wherever they lie."""
        self._gemm(q, n, c, lc, a, la, more, "false")

    def _ahead_rows(self, q: Product, b: str, lo: str, first: str, rows: int | str) -> None:
        """``rows`` steps from ``lo + first`` on, as many as some tile has, or as several have."""
        f, p = self.f, self.p
        name, width = str(p.node(q.operand).attr), q.blocks * p.t.lanes
        stride = self.arg[f"in.{name}:t"]
        x = f.at(self.arg[f"in.{name}"], f.mul(b, self.arg[f"in.{name}:b"]))
        c = f.at(self.ws, p.layout.ahead_slot[q.index], f.mul(first, width))
        at = f.at(x, f.mul(f.add(lo, first), stride))
        self._gemm(q, str(rows), c, width, at, stride, 0, "false")
