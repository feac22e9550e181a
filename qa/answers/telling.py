"""An answer told sentence by sentence, as a stream of it is read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from qa.answers.answer import Answer, Citation
from qa.answers.verification.sentences import MARKER, split_lines, split_sentences


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of an answer that may be read, with the citations that its markers name.

    The texts of all pieces of an answer, joined, are its text.
    """

    text: str
    citations: tuple[Citation, ...]


async def told_of(answer: Answer) -> AsyncGenerator[Told | Answer, None]:
    """The sentences of an answer that is already whole, and last the answer."""
    for text in _sentences(answer.text):
        yield Told(text, cited_in(text, answer.citations))
    yield answer


def cited_in(text: str, citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """The citations that the markers of a text name."""
    numbers = {int(n) for n in MARKER.findall(text)}
    return tuple(one for one in citations if one.n in numbers)


def _sentences(text: str) -> Iterator[str]:
    lines = split_lines(text)
    for at, line in enumerate(lines):
        *sentences, last = split_sentences(line) or [line]
        yield from sentences
        yield last if at == len(lines) - 1 else f"{last}\n"
