"""Recurrent modules for PyTorch: any cell, and drop-ins for ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN``."""

from gatewise.extras import TORCH, require

require("gatewise.nn", "torch", TORCH)

from gatewise.nn import init as init
from gatewise.nn.execution.call_checks import CallError as CallError
from gatewise.nn.modules.concurrent import side_by_side as side_by_side
from gatewise.nn.modules.from_keras import from_keras as from_keras
from gatewise.nn.modules.lstm_gru_rnn import GRU as GRU
from gatewise.nn.modules.lstm_gru_rnn import LSTM as LSTM
from gatewise.nn.modules.lstm_gru_rnn import RNN as RNN
from gatewise.nn.modules.recurrent import Recurrent as Recurrent
from gatewise.nn.modules.step_cells import GRUCell as GRUCell
from gatewise.nn.modules.step_cells import LSTMCell as LSTMCell
from gatewise.nn.modules.step_cells import RNNCell as RNNCell
from gatewise.nn.modules.stepper import Stepper as Stepper
from gatewise.nn.modules.swap import swap as swap
from gatewise.nn.plan.extras import Extras as Extras
