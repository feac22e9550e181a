"""Systems under test: ours, a plain LangChain pipeline, or any that a Python entry makes.

A factory ``module:factory`` takes a ``Bench`` and returns a ``System``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from eval.errors import SystemNotFoundError
from eval.questions import Span

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from embeddings import Embedder, VectorCache
    from qa.answers.answer import Answer
    from qa.chain import Chain
    from qa.reports.report import Report


@dataclass(frozen=True, slots=True)
class Quoted:
    """A citation as a system gives it: its marker's number, where it stands, what it says."""

    n: int
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system says to a question.

    ``ranked`` is None if it shows no search, ``text`` if it gives no answer; ``refusal`` is the
    reason of a refusal (any word will do for a system that gives none). ``milliseconds`` is what
    the answer alone took, for a system that does more here; else the whole call is timed.
    ``confidence`` is how sure it is that the texts state what was asked, 0 to 1.
    """

    ranked: Sequence[Span] | None = None
    text: str | None = None
    citations: Sequence[Quoted] = ()
    refusal: str | None = None
    tokens: int | None = None
    milliseconds: float | None = None
    confidence: float | None = None


class System(Protocol):
    """A system under test."""

    def reply(self, question: str, turns: Sequence[str]) -> Reply:
        """Search and answer, leaning on earlier user ``turns``."""
        ...


@dataclass(frozen=True)
class Bench:
    """What systems are built from: the same texts, embedder and vector cache for all of them.

    ``texts`` maps the sources' names to their decoded texts, ``reports`` are those found in them;
    the collaborators are made when they are first asked for. ``model`` gives the language model of
    the settings, None without one; ``assisted_chain`` is the chain with that model's help.
    """

    texts: Mapping[str, str]
    reports: Sequence[Report]
    chain: Callable[[], Chain] = field(repr=False)
    embedder: Callable[[], Embedder] = field(repr=False)
    vector_cache: Callable[[], VectorCache] = field(repr=False)
    model: Callable[[], BaseChatModel | None] = field(default=lambda: None, repr=False)
    assisted_chain: Callable[[], Chain] | None = field(default=None, repr=False)


Factory = Callable[[Bench], System]


class Wenzheng:
    """Our chain as a system under test."""

    def __init__(self, chain: Chain, depth: int = 20) -> None:
        self._chain = chain
        self._depth = depth

    def reply(self, question: str, turns: Sequence[str]) -> Reply:
        """The answer, and beside it what the search finds to greater depth."""
        hits = self._chain.search(question, self._depth, turns).hits
        ranked = [Span(h.passage.source, h.passage.start, h.passage.end) for h in hits]
        answer = self._chain.ask(question, turns)
        return Reply(
            ranked,
            shown_text(answer),
            [Quoted(c.n, Span(c.source, c.start, c.end), c.quote) for c in answer.citations],
            answer.refusal.reason if answer.refusal else None,
            tokens=answer.usage.input_tokens + answer.usage.output_tokens if answer.usage else None,
            milliseconds=sum(answer.timings_ms.values()) if answer.usage is None else None,
            confidence=answer.confidence,
        )


def shown_text(answer: Answer) -> str:
    """The answer's text and its table's rows as lines, each cell with its marker."""
    rows = answer.table.rows if answer.table else ()
    lines = [
        " ".join(f"{c.text}[{c.citation}]" if c.citation else c.text for c in row) for row in rows
    ]
    return "\n".join([answer.text, *lines])


def _vanilla(bench: Bench) -> System:
    from eval.vanilla import Vanilla

    return Vanilla(bench, bench.model())


def _vanilla_echo(bench: Bench) -> System:
    from eval.doubles import EchoModel
    from eval.vanilla import Vanilla

    return Vanilla(bench, EchoModel())


def _assisted(bench: Bench) -> System:
    return Wenzheng((bench.assisted_chain or bench.chain)())


SYSTEMS: Mapping[str, Factory] = {
    "wenzheng": lambda bench: Wenzheng(bench.chain()),
    "wenzheng-llm": _assisted,
    "vanilla": _vanilla,
    "vanilla-echo": _vanilla_echo,
}


def build_system(name: str, bench: Bench) -> System:
    """The system called ``name``, or made by ``module:factory``; raises ``SystemNotFoundError``."""
    return _factory(name)(bench)


def _factory(name: str) -> Factory:
    if name in SYSTEMS:
        return SYSTEMS[name]
    module, _, attribute = name.partition(":")
    if not attribute:
        known = ", ".join(SYSTEMS)
        raise SystemNotFoundError("no_system", name=name, known=known)
    try:
        factory: Factory = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise SystemNotFoundError("no_factory", name=name, reason=error) from error
    return factory
