"""The language of cells: ``@cell`` and the functions that equations may use."""

from typing import NoReturn

from gatewise.lang.cell import Cell as Cell
from gatewise.lang.cell import cell as cell
from gatewise.lang.cell import load_cell as load_cell
from gatewise.lang.functions import abs as abs
from gatewise.lang.functions import clip as clip
from gatewise.lang.functions import columns as columns
from gatewise.lang.functions import constant as constant
from gatewise.lang.functions import cos as cos
from gatewise.lang.functions import erf as erf
from gatewise.lang.functions import exp as exp
from gatewise.lang.functions import floor as floor
from gatewise.lang.functions import hard_sigmoid as hard_sigmoid
from gatewise.lang.functions import log as log
from gatewise.lang.functions import log_sigmoid as log_sigmoid
from gatewise.lang.functions import maximum as maximum
from gatewise.lang.functions import minimum as minimum
from gatewise.lang.functions import outer as outer
from gatewise.lang.functions import relu as relu
from gatewise.lang.functions import repeat as repeat
from gatewise.lang.functions import rows as rows
from gatewise.lang.functions import sigmoid as sigmoid
from gatewise.lang.functions import sin as sin
from gatewise.lang.functions import softplus as softplus
from gatewise.lang.functions import sqrt as sqrt
from gatewise.lang.functions import stop_gradient as stop_gradient
from gatewise.lang.functions import tanh as tanh
from gatewise.lang.functions import transpose as transpose
from gatewise.lang.functions import units as units
from gatewise.lang.functions import where as where
from gatewise.lang.reductions import cumsum as cumsum
from gatewise.lang.reductions import dot as dot
from gatewise.lang.reductions import max as max
from gatewise.lang.reductions import mean as mean
from gatewise.lang.reductions import min as min
from gatewise.lang.reductions import norm as norm
from gatewise.lang.reductions import softmax as softmax
from gatewise.lang.reductions import sum as sum


def __getattr__(name: str) -> NoReturn:
    import dis
    import sys

    from gatewise.errors import nearest
    from gatewise.lang.functions import NAMES

    known = f"{nearest(name, list(NAMES))} It has: {', '.join(NAMES)}"
    text = f"the cell language has no function {name!r}.{known}"
    caller = sys._getframe(1)
    if caller.f_code.co_code[caller.f_lasti] == dis.opmap["IMPORT_FROM"]:
        raise ImportError(text)  # Python would replace the text of an AttributeError
    raise AttributeError(text)
