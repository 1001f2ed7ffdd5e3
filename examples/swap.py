"""An existing model gets every recurrent module replaced in place, and says what changed."""

import torch
from torch import nn

import gatewise as gw


class Tagger(nn.Module):
    """Somebody's model, written for PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.encoder = nn.LSTM(16, 24, num_layers=2, bidirectional=True, batch_first=True)
        self.smooth = nn.GRU(48, 12, batch_first=True)
        self.head = nn.Linear(12, 5)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.head(self.smooth(self.encoder(self.embed(words))[0])[0])


torch.manual_seed(0)
model = Tagger()
words = torch.randint(50, (8, 30))
before = model(words)

print(gw.swap(model))

after = model(words)
print(f"largest difference of the outputs: {(after - before).abs().max():.1e}")
print(f"the same parameters: {sorted(model.state_dict()) == sorted(Tagger().state_dict())}")
