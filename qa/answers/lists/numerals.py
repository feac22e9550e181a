"""Numbers as reports print them: 六, 十二, 12."""

from __future__ import annotations

NUMERAL = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
MEASURE = r"(?:大|个|件|项|方面|点|条|种|类|家|处|座|名|位|张|批|块|片|所|支|城|区|园|源|态|地|村|镇|字|新|要|重)"
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "双": 2}
HAN = "[一二三四五六七八九十]"


def number_of(text: str) -> int | None:
    """六 → 6, 十二 → 12, 二十 → 20, 12 → 12; None for what is no number."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0) if len(text) <= 3 else None
    return _DIGITS.get(text) if len(text) == 1 else None
