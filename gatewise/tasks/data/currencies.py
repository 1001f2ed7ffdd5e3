"""Signs, words and codes of currencies."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping

from gatewise.errors import InputError

# as people write them, in small letters; Unicode's tables have the codes, and the signs in English
_LOCAL = frozenset(
    [
        "kr",
        "kr.",
        "zł",
        "kč",
        "ft",
        "lei",
        "fr",
        "fr.",
        "sfr",
        "sfr.",
        "rs",
        "rs.",
        "r",
        "us$",
        "a$",
        "c$",
        "nz$",
        "hk$",
        "s$",
        "r$",
        "mx$",
        "chf",
        "лв",
        "лв.",
        "руб",
        "руб.",
        "р.",
        "din",
        "din.",
        "kn",
        "dkr",
        "nkr",
        "skr",
        "tl",
        "rp",
        "rp.",
        "грн",
        "грн.",
        "дин",
        "дин.",
        "ден",
        "ден.",
        "тг",
        "тг.",
        "сум",
        "円",
        "元",
        "圆",
        "원",
    ]
)
# currencies without decimals
WHOLE = frozenset(["円", "圆", "원", "¥", "￥", "₩", "₫", "JPY", "KRW", "VND"])


@functools.lru_cache(maxsize=1 << 10)
def is_currency(unit: str) -> bool:
    """Whether a word or a sign is that of a currency."""
    if unit.casefold() in _LOCAL or (len(unit) == 1 and unicodedata.category(unit) == "Sc"):
        return True
    return unit in _currencies()


@functools.cache
def _currencies() -> frozenset[str]:
    """Codes of currencies and their signs in English, from Unicode's tables."""
    try:
        from babel import Locale
        from babel.numbers import list_currencies
    except ImportError:
        raise InputError(
            'reading amounts of money needs Babel: pip install "gatewise[forecast]"'
        ) from None
    signs: Mapping[str, str] = Locale("en").currency_symbols
    return frozenset(list_currencies()) | frozenset(signs.values())
