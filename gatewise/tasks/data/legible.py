"""Which of the encodings of Latin letters makes words of a few bytes: Windows, the old Mac or the old DOS."""

from __future__ import annotations

import re
from itertools import pairwise

from gatewise.tasks.data.currencies import is_currency
from gatewise.tasks.data.month_names import is_day, is_month
from gatewise.tasks.data.spread_times import part_of

# in the order in which they are believed
LATIN = ("cp1252", "cp1250", "cp1254", "mac_roman", "cp850")
_TOKEN = re.compile(r"[^\s\d,;|\"'()\[\]{}<>=:/\\.!?+*&%$#@-]+")


def most_legible(sample: bytes) -> str:
    """The encoding in which a text of Latin letters has no broken words, and most words that tables have.

    Such words are names of months and days, currencies, and what columns of times are called.
    """
    best, highest = LATIN[0], (-(1 << 30), 0)
    for encoding in LATIN:
        try:
            words = odd_words(sample.decode(encoding))
        except UnicodeDecodeError:
            continue
        score = -sum(map(_broken, words)), sum(map(_known, words))
        if score > highest:
            best, highest = encoding, score
    return best


def odd_words(text: str) -> list[str]:
    """The words of a text with a letter or sign that is not ASCII, each once."""
    return list(dict.fromkeys(w for w in _TOKEN.findall(text) if not w.isascii()))


def _known(word: str) -> bool:
    return is_month(word) or is_day(word) or is_currency(word) or bool(part_of(word))


def _broken(word: str) -> bool:
    """Whether a sign stands between letters, or a capital behind a small letter: "Gr”áe", "UmsŠtze"."""
    between = any(
        not b.isascii() and not b.isalpha() and a.isalpha() and c.isalpha()
        for (a, b), c in zip(pairwise(word), word[2:], strict=False)
    )
    return between or any(
        a.islower() and b.isupper() and not (a.isascii() and b.isascii()) for a, b in pairwise(word)
    )
