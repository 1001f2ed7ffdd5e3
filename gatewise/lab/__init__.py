"""The field's founding experiments, run again with one command: ``gatewise lab``.

An experiment generates its own data as the literature defines it, trains one layer of any cell by a named recipe,
and applies the stated criterion to fresh sequences.
"""

from gatewise.extras import TORCH, require

require("gatewise.lab", "torch", TORCH)

from gatewise.lab.experiments import get as get
from gatewise.lab.experiments import names as names
from gatewise.lab.results import Result as Result
from gatewise.lab.results import read as read
from gatewise.lab.run import make as make
from gatewise.lab.run import run as run
