"""Which way a step is run, and how its work is cut: a table of limits, and the rules that read it.

No kernel is tuned while somebody waits: the numbers were found by compiling, and by measuring where a GPU was
at hand (docs/decisions says which are which).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gatewise.backends.triton.memory import units
from gatewise.backends.triton.plan import GpuPlan, is_whole_sum
from gatewise.backends.triton.text import power_of_two
from gatewise.backends.triton.values import Tile
from gatewise.errors import BackendError

WAYS = ("rows", "grid", "apart", "steps")


@dataclass(frozen=True)
class Gpu:
    """What of a GPU decides: processors (SMs), and bytes of shared memory that a program may take."""

    processors: int
    shared: int


# by compute capability
GPUS = {80: Gpu(108, 166_912), 90: Gpu(132, 232_448), 100: Gpu(148, 232_448)}


@dataclass(frozen=True)
class Limits:
    """The table. Elements and units are per program.

    ``rows``: rows of a batch that a matrix product takes at least. ``reserve``: bytes of shared memory that
    a kernel takes besides its matrices. ``units_of_rows``: a row with more units does not fit into the
    registers of a program. ``sums``: with more sums over all units in a step, its kernel keeps more values
    than registers hold, and spills. ``grid_units``: units of each vector in a program of the grid.
    ``float32_chunk``: of the operand of a product of float32 in the grid, which is three products of its
    parts; of more units at once it keeps more in registers than there are.
    ``apart_units``: the same where nobody waits; ``scan_steps`` and
    ``scan_units``: of a tile where steps are joined by a scan. ``phase_elements``: of a vector in a kernel of a phase.
    ``warps_above``: kernels whose row of a matrix takes more bytes get eight warps, others four.
    """

    rows: int = 16
    reserve: int = 8_192
    units_of_rows: int = 256
    sums: int = 4
    grid_units: int = 16
    grid_rows: tuple[int, ...] = (16, 32, 64)
    float32_chunk: int = 64
    apart_units: int = 128
    scan_steps: int = 32
    scan_units: int = 32
    phase_elements: int = 512
    warps_above: int = 128


LIMITS = Limits()
# bytes of a value of a matrix in shared memory; float32 lies there in two parts (tf32x3)
SIZES = {"float32": 8, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Way:
    """A way of running a step ("rows", "grid", "apart", "steps"), its tile and warps, and why."""

    name: str
    tile: Tile
    warps: int
    reason: str
    scan: bool = False  # of steps: ``tile.rows`` are so many of them


def choose_way(
    plan_of: Callable[[bool], GpuPlan],
    sizes: Mapping[str, int],
    batch: int,
    dtype: str,
    gpu: Gpu,
    *,
    asked: str = "",
    together: bool = True,
    sequential: str = "",
) -> Way:
    """The way for a step.

    Args:
        plan_of: the plan, given whether the units of a row are shared by several programs.
        sizes: numbers for the Program's sizes.
        batch: rows of the batch.
        dtype: of the weights.
        gpu: what there is.
        asked: a way by name, or nothing.
        together: whether the programs of a kernel run at the same time, so that they can wait for each
            other; where Triton interprets, they do not.
        sequential: why no scan joins the steps, or nothing.

    Raises:
        BackendError: for a way that was asked for and cannot serve, saying why.
    """
    refused: list[str] = []
    for name in [asked] if asked else WAYS:
        way = _RULES[name](plan_of, sizes, batch, dtype, gpu)
        if isinstance(way, Way) and name == "grid" and not together:
            way = "its programs wait for each other, and here they run one after the other"
        if isinstance(way, Way) and name == "apart":
            way = _scanned(way, plan_of(False), sizes, batch, gpu, sequential)
        if isinstance(way, Way):
            refusals = f" ({'; '.join(refused)})" if refused else ""
            return replace(way, reason=way.reason + refusals)
        refused.append(f"not {name}: {way}")
    raise BackendError(
        f"the way {asked} cannot serve this call: {refused[0].removeprefix(f'not {asked}: ')}"
    )


def _rows(
    plan_of: Callable[[bool], GpuPlan], sizes: Mapping[str, int], batch: int, dtype: str, gpu: Gpu
) -> Way | str:
    plan = plan_of(False)
    if not plan.products:
        return "there is no matrix product in the loop"
    tile = Tile(LIMITS.rows, least=16)
    widest = _widest(plan, sizes)
    if widest > LIMITS.units_of_rows:
        return f"a row has {widest} units, a program holds {LIMITS.units_of_rows}"
    return _checked("rows", plan, sizes, dtype, gpu, tile, "the matrices fit on one processor")


def _grid(
    plan_of: Callable[[bool], GpuPlan], sizes: Mapping[str, int], batch: int, dtype: str, gpu: Gpu
) -> Way | str:
    plan = plan_of(True)
    if not plan.products:
        return "there is no matrix product in the loop"
    if any(plan.program.nodes[n].op == "cumsum" for n in plan.loop):
        return "a sum so far needs all units in one program"
    widest = _widest(plan, sizes)
    programs = -(-widest // LIMITS.grid_units)
    if programs < 2:
        return "a row has too few units to share"
    refusal = ""
    for rows in LIMITS.grid_rows:
        blocks = -(-batch // rows)
        if blocks * programs > gpu.processors:
            refusal = f"{blocks * programs} programs, the GPU runs {gpu.processors} at a time"
            continue
        tile = Tile(rows, programs, least=16)
        if dtype == "float32":
            tile = replace(tile, chunk=LIMITS.float32_chunk)
        return _checked(
            "grid", plan, sizes, dtype, gpu, tile, "the units are spread over processors"
        )
    return refusal


def _apart(
    plan_of: Callable[[bool], GpuPlan], sizes: Mapping[str, int], batch: int, dtype: str, gpu: Gpu
) -> Way | str:
    plan = plan_of(False)
    if plan.barriers:
        return "units meet"
    whole = any(is_whole_sum(plan.program, n) for n in plan.loop)
    widest = _widest(plan, sizes)
    if whole:
        if widest > LIMITS.units_of_rows:
            return f"a sum over {widest} units, a program holds {LIMITS.units_of_rows}"
        return Way("apart", Tile(1), 4, "rows do not meet")
    programs = -(-widest // LIMITS.apart_units)
    return Way("apart", Tile(1, programs), 4, "no state enters a matrix: nobody waits")


def _scanned(
    way: Way,
    plan: GpuPlan,
    sizes: Mapping[str, int],
    batch: int,
    gpu: Gpu,
    sequential: str,
) -> Way:
    """Steps joined by a scan, where programs that go through all of them would leave a GPU idle."""
    if any(is_whole_sum(plan.program, n) for n in plan.loop):
        sequential = sequential or "it sums over units"
    if way.tile.programs * batch >= gpu.processors:
        sequential = sequential or "the rows fill the GPU"
    if sequential:
        return replace(way, reason=f"{way.reason}; step by step, as {sequential}")
    tile = Tile(LIMITS.scan_steps, -(-_widest(plan, sizes) // LIMITS.scan_units))
    return Way("apart", tile, 4, "every state is linear: steps are joined by a scan", True)


def _steps(
    plan_of: Callable[[bool], GpuPlan], sizes: Mapping[str, int], batch: int, dtype: str, gpu: Gpu
) -> Way | str:
    widest = power_of_two(_widest(plan_of(False), sizes))
    rows = max(1, min(16, LIMITS.phase_elements // widest))
    warps = 8 if widest > LIMITS.phase_elements else 4
    return Way(
        "steps", Tile(rows), warps, "a product of a library and a kernel for each phase of a step"
    )


_RULES = {"rows": _rows, "grid": _grid, "apart": _apart, "steps": _steps}


def _checked(
    name: str,
    plan: GpuPlan,
    sizes: Mapping[str, int],
    dtype: str,
    gpu: Gpu,
    tile: Tile,
    reason: str,
) -> Way | str:
    """The way, unless its kernel would not fit."""
    sums = sum(is_whole_sum(plan.program, n) for n in plan.loop)
    if sums > LIMITS.sums:
        return f"{sums} sums over all units keep more values than registers hold"
    takes = matrix_bytes(plan, sizes, tile, dtype) + LIMITS.reserve
    if takes > gpu.shared:
        return f"matrices of {takes:,} bytes, a processor holds {gpu.shared:,}"
    row = tile.width(_widest(plan, sizes)) * SIZES[dtype]
    warps = 8 if row > LIMITS.warps_above or tile.rows > 16 else 4
    return Way(name, tile, warps, reason)


def matrix_bytes(plan: GpuPlan, sizes: Mapping[str, int], tile: Tile, dtype: str) -> int:
    """Bytes of the matrices that a program keeps, with their padding."""
    total = 0
    for column in plan.products:
        width = max(16, tile.width(units(plan.program, column, sizes)))
        for term in plan.terms_within(column):
            depth = units(plan.program, term.operand, sizes)
            total += max(16, -(-depth // 16) * 16) * width * SIZES[dtype]
    return total


def _widest(plan: GpuPlan, sizes: Mapping[str, int]) -> int:
    """The units of the widest vector of the loop."""
    nodes = [*plan.loop, *plan.stored, *plan.program.next]
    return max(units(plan.program, n, sizes) for n in nodes)
