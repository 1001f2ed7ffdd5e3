"""A second reading of every definition: from what a network sees to the answer, in plain Python, one sequence at a time.

Each function takes the inputs of one sequence and says what is to be answered, step by step ({step: answer}), and
complains (ValueError) where the sequence is none of its definition. Nothing of the generators is used.
"""

from __future__ import annotations

from typing import Any

Answers = dict[int, Any]


def check(condition: bool, text: str = "") -> None:
    if not condition:
        raise ValueError(text)


def adding(x: Any, T: int) -> Answers:
    """Modern: U[0, 1], one mark in each half, the sum."""
    check(len(x) == T)
    check(all(0 <= v <= 1 for v, _ in x))
    marked = [t for t, (_, mark) in enumerate(x) if mark == 1]
    check(len(marked) == 2 and marked[0] < T // 2 <= marked[1], f"{marked}")
    check(sum(mark for _, mark in x) == 2)
    return {T - 1: [x[marked[0]][0] + x[marked[1]][0]]}


def adding97(x: Any, T: int, product: bool = False) -> Answers:
    """1997: T..1.1T pairs, first and last marked -1, two marked 1 among the first 10 and the first T/2 - 1."""
    check(T <= len(x) <= T + T // 10, f"{len(x)}")
    low = 0.0 if product else -1.0
    check(all(low <= v <= 1 for v, _ in x))
    ones = [t for t, (_, mark) in enumerate(x) if mark == 1]
    check(len(ones) == 2 and min(ones) < 10 and max(ones) < T // 2 - 1, f"{ones}")
    check(x[-1][1] == -1 and (x[0][1] == -1 or 0 in ones))
    check(all(mark == 0 for t, (_, mark) in enumerate(x) if t not in (0, len(x) - 1, *ones)))
    neutral = 1.0 if product else 0.0
    X1, X2 = (neutral if t == 0 else x[t][0] for t in ones)
    return {len(x) - 1: [X1 * X2 if product else 0.5 + (X1 + X2) / 4.0]}


def long_lag(x: Any, T: int, kinds: int) -> Answers:
    """2c: b, x|y, T or more distractors, e."""
    x_symbol, y_symbol, begin, end = kinds, kinds + 1, kinds + 2, kinds + 3
    check(x[0] == begin and x[-1] == end and x[1] in (x_symbol, y_symbol))
    middle = x[2:-1]
    check(len(middle) >= T and all(0 <= s < kinds for s in middle))
    return {len(x) - 1: [float(x[1] == x_symbol), float(x[1] == y_symbol)]}


def next_symbols(whole: Any, symbols: int) -> Answers:
    return {t: [float(whole[t + 1] == s) for s in range(symbols)] for t in range(len(whole) - 1)}


def noise_free(x: Any, T: int) -> Answers:
    """2a: a_1 .. a_{T-1} between two of the same."""
    kinds = T - 1
    check(len(x) == T and list(x[1:]) == list(range(kinds)) and x[0] in (kinds, kinds + 1))
    return next_symbols([*x, x[0]], kinds + 2)


def random_middle(x: Any, T: int) -> Answers:
    """2b."""
    kinds = T - 1
    check(len(x) == T and all(0 <= s < kinds for s in x[1:]) and x[0] in (kinds, kinds + 1))
    return next_symbols([*x, x[0]], kinds + 2)


def two_sequence(x: Any, T: int, N: int) -> Answers:
    """3a."""
    values = [v for (v,) in x]
    check(T <= len(x) <= T + T // 10 and len(set(values[:N])) == 1 and abs(values[0]) == 1)
    return {len(x) - 1: [1.0 if values[0] > 0 else 0.0]}


def order(x: Any, T: int, places: tuple[tuple[int, int], ...]) -> Answers:
    """6a, 6b: classes as binary numbers, X a zero and Y a one, the first symbol first."""
    check(T <= len(x) <= T + T // 10 and x[0] == 6 and x[-1] == 7)
    at = [t for t, s in enumerate(x) if s in (4, 5)]
    check(len(at) == len(places), f"{at}")
    for t, (low, high) in zip(at, places, strict=True):
        check(low * T // 100 <= t <= high * T // 100, f"{at}")
    check(all(0 <= s < 4 for t, s in enumerate(x) if t not in (0, len(x) - 1, *at)))
    number = int("".join("01"[x[t] - 4] for t in at), 2)
    return {len(x) - 1: [float(k == number) for k in range(2 ** len(places))]}


# --- grammars -----------------------------------------------------------------------------------------

# the graph of the Reber grammar, drawn once more: node -> {symbol: node}
GRAPH: dict[str, dict[str, str]] = {
    "start": {"B": "fork"},
    "fork": {"T": "upper", "P": "lower"},
    "upper": {"S": "upper", "X": "middle"},
    "lower": {"T": "lower", "V": "lower2"},
    "middle": {"X": "lower", "S": "end"},
    "lower2": {"P": "middle", "V": "end"},
    "end": {"E": "done"},
}


def embedded_reber(text: str) -> list[set[str]]:
    """What may follow after each symbol of B t (Reber) t E; ValueError for another text."""
    check(
        len(text) > 6
        and text[0] == "B"
        and text[-1] == "E"
        and text[1] == text[-2]
        and text[1] in "TP"
    )
    following, node = [set("TP"), set("B")], "start"
    for symbol in text[2:-2]:
        check(symbol in GRAPH[node], f"{symbol} at {node} of {text}")
        node = GRAPH[node][symbol]
        following.append(set(GRAPH.get(node, {})))
    check(node == "done", text)
    following[-1] = {text[1]}
    return [*following, {"E"}, set()]


def counting(x: Any, letters: int) -> Answers:
    """S a^n b^n (c^n): the set of legal next symbols, the last of which ends the word."""
    n = (len(x) - 1) // letters
    check(list(x) == [0] + [k for k in range(1, letters + 1) for _ in range(n)])
    answers: Answers = {}
    for t in range(len(x)):
        if t == 0:
            legal = {0}
        elif t <= n:
            legal = {0, 1}
        else:
            legal = {(t - 1) // n} if t % n else {t // n}
        answers[t] = [float(k in legal) for k in range(letters + 1)]
    return answers


def copy(x: Any, T: int, K: int) -> list[int]:
    """Ten symbols, T blanks the last of which is the marker, ten blanks: what is to be recalled at the last places."""
    check(len(x) == T + 2 * K and all(s < 8 for s in x[:K]))
    check([t for t, s in enumerate(x) if s == 9] == [T + K - 1])
    check(all(s == 8 for t, s in enumerate(x) if t >= K and t != T + K - 1))
    return [int(s) for s in x[:K]]


def selective_copy(x: Any, T: int, K: int) -> list[int]:
    """K symbols among T steps, the marker, K blanks."""
    check(len(x) == T + 1 + K and x[T] == 9 and all(s == 8 for s in x[T + 1 :]))
    symbols = [int(s) for s in x[:T] if s != 8]
    check(len(symbols) == K and all(s < 8 for s in symbols))
    return symbols
