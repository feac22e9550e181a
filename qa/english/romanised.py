"""Romanised names (Honglou, Tangye) in the Chinese signs that the reports print them with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

# Several wordings of one name are tried: a reading has many signs, few pairs of which are printed.
_MOST = 6


def printed_forms(name: str, is_held: Callable[[str], bool]) -> tuple[str, ...]:
    """Chinese wordings of a romanised name whose every pair of signs ``is_held``; () if none.

    Names of one syllable have none: its readings are too many.
    """
    found: dict[str, None] = {}
    for syllables in _split(re.sub("[^a-z]", "", name.lower())):
        if len(syllables) > 1:
            found.update(dict.fromkeys(_chains(syllables, is_held)))
    return tuple(found)[:_MOST]


def _chains(syllables: tuple[str, ...], is_held: Callable[[str], bool]) -> Iterable[str]:
    signs = _by_syllable()
    chains = list(signs[syllables[0]])
    for syllable in syllables[1:]:
        chains = [
            chain + sign
            for chain in chains
            for sign in signs[syllable]
            if is_held(chain[-1] + sign)
        ]
    return chains


def _split(name: str) -> list[tuple[str, ...]]:
    """Every way to read ``name`` as syllables."""
    if not name:
        return [()]
    return [
        (name[:end], *rest)
        for end in range(1, min(6, len(name)) + 1)
        if name[:end] in _by_syllable()
        for rest in _split(name[end:])
    ]


@cache
def _by_syllable() -> Mapping[str, tuple[str, ...]]:
    """Syllable without tone → the signs of common use that are read so."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    # GB 2312 orders its signs in two levels; both are the signs of simplified Chinese print.
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                sign = bytes((row, cell)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            found.setdefault(lazy_pinyin(sign)[0].replace("ü", "v"), []).append(sign)
    return {syllable: tuple(signs) for syllable, signs in found.items()}
