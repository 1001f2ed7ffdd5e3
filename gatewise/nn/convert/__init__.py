"""Our modules as others have them: modules of PyTorch, weights of Keras."""

from gatewise.nn.convert.to_keras import to_keras_weights as to_keras_weights
from gatewise.nn.convert.to_torch import to_torch as to_torch
