"""Bytes to text, once: every offset in the product counts characters of this text."""

from __future__ import annotations

import codecs

from qa.errors import EmptySourceError, NotTextError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the first half of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Below this share of Chinese characters and ASCII a decoding is taken for a wrong guess: text read
# in the wrong encoding scatters over the whole of Unicode. Real reports score above .97.
_LEAST_FAMILIAR = 0.85


def decode(data: bytes, name: str = "source") -> str:
    """Decode ``data`` as UTF-8, UTF-16 or GB18030, with or without a byte-order mark.

    Line ends are kept as they are. Raises ``EmptySourceError`` when nothing but white space is
    there and ``NotTextError`` when no encoding gives plausible text.
    """
    text = _decode_any(data)
    if text is None:
        raise NotTextError("not_text", name=name)
    if not text.strip("\ufeff\u200b \t\r\n\u3000"):
        raise EmptySourceError("empty", name=name)
    return text


def _decode_any(data: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding)
    for encoding in _candidates(data):
        text = _strict(data, encoding)
        # Bytes that happen to be valid UTF-8 are UTF-8; the other encodings accept nearly all.
        if text is not None and (_is_clean(text) if encoding == "utf-8" else _is_plausible(text)):
            return text
    return None


def _is_clean(text: str) -> bool:
    """True without control characters: a binary file may decode, but is full of them."""
    return not any(char < " " and char not in "\t\n\v\f\r" for char in text[:20_000])


def _candidates(data: bytes) -> tuple[str, ...]:
    # Text in UTF-8 or GB18030 has no NUL byte; UTF-16 has one beside every ASCII character.
    if b"\x00" in data[:4096]:
        return ("utf-16-le", "utf-16-be")
    return ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_plausible(text: str) -> bool:
    sample = text[:20_000]
    if not sample:
        return True
    return sum(map(_is_familiar, sample)) / len(sample) >= _LEAST_FAMILIAR


def _is_familiar(char: str) -> bool:
    code = ord(char)
    return (
        code in (9, 10, 13)
        or 0x20 <= code < 0x7F
        or 0x2010 <= code <= 0x206F
        or 0x3000 <= code <= 0x303F
        or 0x4E00 <= code <= 0x9FFF
        or 0xFF00 <= code <= 0xFFEF
    )
