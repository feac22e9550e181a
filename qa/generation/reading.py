"""A model's output read as it arrives: whole sentences, with markers in one form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.answers.verification.sentences import split_sentences

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S)
_OPEN_TAG = re.compile(r"<[a-z]{0,8}\Z")
_OPENED, _CLOSED = re.compile(r"<think(?:ing)?>"), re.compile(r"</think(?:ing)?>")
_AND = r"\s*[,\uff0c、;\uff1b和及]\s*"
# 【1】, ［1、2］, [资料1], [^1], [1, 2]: models write markers in many ways.
_MARKER = re.compile(
    r"[\[［【〔]\s*[\^#]?(?:资料|来源|material|source)?\s*"
    rf"(\d{{1,3}}(?:{_AND}\d{{1,3}})*)\s*[\]］】〕]",
    re.I,
)
_OPEN_MARKER = re.compile(r"^\s*[\[［【〔][^\]］】〕]{0,20}$")
_STOP_THEN_MARKERS = re.compile(r"([。.!?\uff01\uff1f])\s*((?:\[\d+\]\s*)+)")
# A stop of Latin letters: growth was 5% [1]. The target is …
_LATIN_STOP = re.compile(r"(?<=[a-z%)\]\d])\.\s+(?=[A-Z“])")
_SIGNS = re.compile(r"\*\*|__|^#{1,6}\s+|^>\s+")
_LABEL = re.compile(r"^\s*(?:答案?|回答|answer)\s*[:\uff1a]\s*", re.I)
_LEADING = re.compile(
    r"^(?P<markers>(?:\[\d+\]\s*)+)(?P<words>.+?)(?P<stop>[。.!?\uff01\uff1f]?)$", re.S
)
_ANY_MARKER = re.compile(r"\[\d+\]")
_ENDS_CITED = re.compile(r"\[\d+\]\s*[。.!?\uff01\uff1f]\s*$")


class SentenceReader:
    """Collects pieces of text and gives back sentences as soon as they are complete.

    Markers become ``[1][2]`` and stand before the full stop; thoughts (``<think>``), bold type and
    the signs of headings are left out.
    """

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that the piece completes. A marker may follow a full stop, so a sentence
        without one is complete only when the next has begun."""
        self._text += piece
        if _OPEN_TAG.search(self._text) or _is_thinking(self._text):
            return []
        *lines, last = _in_one_form(self._text).split("\n")
        pieces = _split(last)
        held = _unfinished(pieces, self._text)
        self._text = "".join(pieces[len(pieces) - held :])
        finished = pieces[: len(pieces) - held]
        return [one for line in lines for one in _sentences(line)] + list(_bare(finished))

    def rest(self) -> list[str]:
        """What is left when the model has ended."""
        left, self._text = _in_one_form(self._text), ""
        return [sentence for line in left.split("\n") for sentence in _sentences(line)]


def lines_of(text: str) -> list[str]:
    """The lines of a whole output, without thoughts and the signs of Markdown."""
    return list(_bare(_THOUGHTS.sub("", text).split("\n")))


def _is_thinking(text: str) -> bool:
    """True while thoughts are open: they may hold sentences that look like answers."""
    return len(_OPENED.findall(text)) > len(_CLOSED.findall(text))


def _in_one_form(text: str) -> str:
    text = _MARKER.sub(
        lambda found: "".join(f"[{n}]" for n in re.findall(r"\d+", found[1])),
        _THOUGHTS.sub("", text),
    )
    return _STOP_THEN_MARKERS.sub(_markers_first, text)


def _markers_first(found: re.Match[str]) -> str:
    gap = " " if found[1] == "." else ""
    return f"{found[2].strip()}{found[1]}{gap}"


def _unfinished(pieces: list[str], raw: str) -> int:
    """How many of the last pieces may still change by what follows ``raw``."""
    # 增长8%。[2] may go on with [3].
    if pieces and _ENDS_CITED.search(pieces[-1]) and not raw.rstrip().endswith("]"):
        return 0
    # 增长8%。[ may become 增长8%。[2].
    return min(len(pieces), 2 if pieces and _OPEN_MARKER.match(pieces[-1]) else 1)


def _split(line: str) -> list[str]:
    return [
        part
        for sentence in split_sentences(line)
        for part in re.split(
            f"(?<=\\.)(?={_LATIN_GAP})", _LATIN_STOP.sub(f".{_LATIN_GAP}", sentence)
        )
    ]


# Stands where a Latin full stop ended a sentence; no text of ours holds it.
_LATIN_GAP = "\x1e"


def _sentences(line: str) -> Iterator[str]:
    yield from _bare(_split(line))


def _bare(pieces: list[str]) -> Iterator[str]:
    """Sentences without the signs of Markdown, empty ones left out."""
    for piece in pieces:
        bare = _LABEL.sub("", _SIGNS.sub("", piece.replace(_LATIN_GAP, " ").strip())).strip()
        bare = _LEADING.sub(_markers_last, bare)
        if bare:
            yield bare


def _markers_last(found: re.Match[str]) -> str:
    """[1] 增长7.6%。 says what 增长7.6%[1]。 says."""
    if _ANY_MARKER.search(found["words"]):
        return found["words"] + found["stop"]
    return f"{found['words']}{found['markers'].strip()}{found['stop']}"
