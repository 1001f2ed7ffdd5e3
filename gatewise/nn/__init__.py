"""Recurrent modules for PyTorch: any cell, and drop-ins for ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN``."""

from gatewise.extras import TORCH, require

require("gatewise.nn", "torch", TORCH)

from gatewise.nn.checks import CallError as CallError
from gatewise.nn.convert.keras import from_keras as from_keras
from gatewise.nn.dropin import GRU as GRU
from gatewise.nn.dropin import LSTM as LSTM
from gatewise.nn.dropin import RNN as RNN
from gatewise.nn.extras import Extras as Extras
from gatewise.nn.recurrent import Recurrent as Recurrent
from gatewise.nn.side_by_side import side_by_side as side_by_side
from gatewise.nn.step import GRUCell as GRUCell
from gatewise.nn.step import LSTMCell as LSTMCell
from gatewise.nn.step import RNNCell as RNNCell
from gatewise.nn.swap import swap as swap
