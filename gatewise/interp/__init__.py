"""What a Program means, in NumPy: the definition that every backend must agree with.

Slow and plain on purpose. Arrays are time-major: inputs [T, B, size], static inputs [B, size], states
[B, size]. Any float type; the arithmetic is done in the type of the parameters and inputs.
"""

from gatewise.arrays import Array as Array
from gatewise.interp.arguments import Sequences as Sequences
from gatewise.interp.arguments import check_arrays as check_arrays
from gatewise.interp.arguments import initial_states as initial_states
from gatewise.interp.backward import Gradients as Gradients
from gatewise.interp.backward import run_backward as run_backward
from gatewise.interp.forward import Run as Run
from gatewise.interp.forward import run as run
from gatewise.interp.step import bfloat16 as bfloat16
