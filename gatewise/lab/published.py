"""Published figures, beside which the table puts ours. Original trainers are online gradient descent."""

from __future__ import annotations

from gatewise.lab.experiment import Published

_HS97, _GERS, _TIMING = "LSTM 1997", "LSTM 2000", "LSTM 2002"

PUBLISHED: dict[str, tuple[Published, ...]] = {
    "reber": (
        Published(_HS97, "97-100 %, 8,440-39,740 sequences"),
        Published("Elman", "0 %"),
        Published("RTRL", "some fraction, 25,000-173,000 sequences"),
        Published("cascade-correlation", "50 %, 182,000 sequences"),
    ),
    "2a": (
        Published(_HS97, "18 of 18, 5,040 sequences", "T=100"),
        Published("chunker", "33 %", "T=100"),
        Published("BPTT, RTRL", "0 %", "T=100"),
    ),
    "2b": (Published(_HS97, "100 %, 5,680 sequences", "T=100"),),
    "2c": (
        Published(_HS97, "31,000 sequences", "T=100"),
        Published(_HS97, "203,000 sequences", "T=1000 kinds=50"),
        Published(_HS97, "49,000 sequences", "T=1000 kinds=1000"),
    ),
    "3a": (
        Published(_HS97, "39,850 sequences (ST2)", "T=100 N=3"),
        Published(_HS97, "452,460 sequences (ST2)", "T=1000 N=3"),
    ),
    "3b": (
        Published(_HS97, "43,250 sequences", "T=100 N=1"),
        Published(_HS97, "485,080 sequences", "T=1000 N=1"),
    ),
    "3c": (Published(_HS97, "269,650 sequences", "T=100 N=3"),),
    "adding97": (
        Published(_HS97, "74,000 sequences", "T=100"),
        Published(_HS97, "209,000 sequences", "T=500"),
        Published(_HS97, "853,000 sequences", "T=1000"),
    ),
    "adding": (
        Published("LSTM (TCN paper)", "MSE 0.164: nothing learned", "T=600"),
        Published("GRU (TCN paper)", "MSE 5e-5", "T=600"),
    ),
    "multiplication": (
        Published(_HS97, "482,000 sequences (139 of 2,560 wrong)", "T=100"),
        Published(_HS97, "1,273,000 sequences (14 wrong)", "T=100"),
    ),
    "6a": (Published(_HS97, "31,390 sequences", "T=100"),),
    "6b": (Published(_HS97, "571,100 sequences", "T=100"),),
    "continual-reber": (
        Published(_GERS, "perfect (10^6 symbols): 18 %, with falling rate 62 %"),
        Published("LSTM without forget gate", "0 %"),
    ),
    "continual-6b": (
        Published(_GERS, "24 %, with falling rate 37 %"),
        Published("LSTM without forget gate", "0 %"),
    ),
    "msd": (Published(_TIMING, "solved by one cell; peepholes optional"),),
    "gts": (Published(_TIMING, "only with peepholes; fails without forget gate"),),
    "pfg": (
        Published(_TIMING, "without peepholes only the cosine of period 10", "T=10"),
        Published(_TIMING, "peepholes: RMSE 0.17", "T=25"),
    ),
    "anbn": (Published("LSTM 2001", "trained n <= 10: range about 118, best 1,000", "T=10"),),
    "anbncn": (Published("LSTM 2001", "trained n <= 10: range about 52", "T=10"),),
    "copy": (
        Published(
            "LSTM, GRU (TCN paper)", "cross-entropy 0.0204, 0.0197: nothing learned", "T=1000"
        ),
        Published("LSTM, chrono (Tallec)", "solved", "T=500, 2000"),
    ),
    "selective-copy": (
        Published("minLSTM, minGRU, 3 layers", "96.0 %, 99.5 %", "T=4096 count=16"),
    ),
    "digits": (
        Published("LSTM (TCN paper)", "87.2 % on MNIST", "T=784"),
        Published("LSTM, JANET (JANET paper)", "98.5 %, 99.0 % on MNIST", "T=784"),
    ),
    "permuted-digits": (
        Published("LSTM (TCN paper)", "85.7 % on MNIST", "T=784"),
        Published("LSTM, JANET (JANET paper)", "91 %, 92.5 % on MNIST", "T=784"),
    ),
    "agreement": (Published("LSTM of 50 units (Linzen)", "0.83 % wrong numbers, on text"),),
}
