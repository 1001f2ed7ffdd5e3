"""Recurrent modules for PyTorch: any cell, and drop-ins for ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN``."""

from gatewise.nn.checks import CallError as CallError
from gatewise.nn.dropin import GRU as GRU
from gatewise.nn.dropin import LSTM as LSTM
from gatewise.nn.dropin import RNN as RNN
from gatewise.nn.recurrent import Recurrent as Recurrent
