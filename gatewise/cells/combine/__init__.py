"""Combinators: cell to cell. They rewrite the Program, so they compose and run at full speed.

``gw.cells.layer_norm(gw.cells.zoneout(gw.cells.lstm, h=0.05, c=0.5))`` is a cell like any other:
it can be recorded, differentiated, compiled, saved and combined again.
"""

from gatewise.cells.combine.couple import couple as couple
from gatewise.cells.combine.layer_norm import layer_norm as layer_norm
from gatewise.cells.combine.project import project as project
from gatewise.cells.combine.recurrent_dropout import recurrent_dropout as recurrent_dropout
from gatewise.cells.combine.without import without as without
from gatewise.cells.combine.zoneout import zoneout as zoneout
