"""The Program: one time step of a recurrent cell as a list of nodes."""

from gatewise.ir.axes import Axes as Axes
from gatewise.ir.builder import Builder as Builder
from gatewise.ir.matrices import axes_of as axes_of
from gatewise.ir.node import REVERSE as REVERSE
from gatewise.ir.node import Init as Init
from gatewise.ir.node import Input as Input
from gatewise.ir.node import Node as Node
from gatewise.ir.node import Output as Output
from gatewise.ir.node import Param as Param
from gatewise.ir.node import Program as Program
from gatewise.ir.node import State as State
from gatewise.ir.ops import OPS as OPS
from gatewise.ir.ops import PRODUCTS as PRODUCTS
from gatewise.ir.ops import REDUCTIONS as REDUCTIONS
from gatewise.ir.serial import from_json as from_json
from gatewise.ir.serial import to_json as to_json
from gatewise.ir.size import ONE as ONE
from gatewise.ir.size import Size as Size
from gatewise.ir.spec import validate as validate
from gatewise.ir.spec import validate_cell as validate_cell
