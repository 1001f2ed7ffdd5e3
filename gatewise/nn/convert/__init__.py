"""The same network elsewhere: modules of PyTorch, weights of Keras."""

from gatewise.nn.convert.keras import from_keras as from_keras
from gatewise.nn.convert.keras import to_keras_weights as to_keras_weights
from gatewise.nn.convert.to_torch import to_torch as to_torch
