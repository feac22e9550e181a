"""Other people's formats to cases with spans, and the texts that the spans point into.

A passage of theirs becomes a source of its own; write the sources to a folder and name it by
``--sources``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from eval.case_lines import naming_line, read_objects, read_rows, read_text
from eval.errors import CaseFileError
from eval.questions import Evidence, QuestionCase, Span

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Imported:
    """Cases and the texts of their sources by name."""

    cases: tuple[QuestionCase, ...]
    texts: Mapping[str, str]


def import_squad(path: Path) -> Imported:
    """SQuAD-style JSON: SQuAD 1 and 2, CMRC 2018, DRCD. Impossible questions are unanswerable."""
    texts: dict[str, str] = {}
    cases = []
    for place, paragraph in _squad_paragraphs(path):
        with _naming_place(path, place):
            context, questions = paragraph["context"], paragraph["qas"]
            source = _keep(texts, context)
        for number, question in enumerate(questions):
            with _naming_place(path, f"{place}.qas[{number}]"):
                cases.append(_squad_case(source, context, question))
    return Imported(tuple(cases), texts)


def _squad_paragraphs(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The paragraphs with their places in the document."""
    with _naming_place(path, "data"):
        articles = json.loads(read_text(path))["data"]
    for i, article in enumerate(articles):
        with _naming_place(path, f"data[{i}]"):
            paragraphs = article["paragraphs"]
        for j, paragraph in enumerate(paragraphs):
            yield f"data[{i}].paragraphs[{j}]", paragraph


@contextmanager
def _naming_place(path: Path, place: str) -> Iterator[None]:
    """As ``naming_line``, for a document that is one JSON value."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise CaseFileError("wrong_case_line", name=path.name, line=error.lineno, reason=error.msg) from error  # fmt: skip
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CaseFileError("wrong_squad", name=path.name, place=place, reason=repr(error)) from error  # fmt: skip


def _squad_case(source: str, context: str, qa: Mapping[str, Any]) -> QuestionCase:
    answers = (
        {} if qa.get("is_impossible") else {a["text"]: a["answer_start"] for a in qa["answers"]}
    )
    # CMRC marks some answers at -1 or a little off: the text decides, the offset only chooses.
    spans = [s for text, at in answers.items() if (s := _locate(source, context, text, at))]
    evidence = tuple(Evidence(context[s.start : s.end], (s,)) for s in spans[:1])
    return _reading_case(str(qa["id"]), qa["question"], tuple(answers), evidence)


def _locate(source: str, context: str, text: str, near: int) -> Span | None:
    starts = [m.start() for m in re.finditer(re.escape(text), context)] if text else []
    start = min(starts, key=lambda at: abs(at - near), default=None)
    return None if start is None else Span(source, start, start + len(text))


def _reading_case(
    id: str,
    question: str,
    options: tuple[str, ...],
    evidence: tuple[Evidence, ...],
    kind: str = "reading",
) -> QuestionCase:
    must = (options,) if options else ()
    answer = options[0] if options else ""
    kind = kind if evidence else "unanswerable"
    return QuestionCase(id, kind, question, (), answer, must, (), evidence)


def import_beir(folder: Path) -> Imported:
    """A BEIR folder: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/*.tsv``. Judged for search only."""
    documents = dict(_beir_documents(folder / "corpus.jsonl"))
    relevant = _beir_judgements(folder / "qrels", documents.keys())
    cases = []
    for id, question in _beir_queries(folder / "queries.jsonl"):
        if id in relevant:
            evidence = tuple(_whole(_name(held), documents[held]) for held in relevant[id])
            cases.append(QuestionCase(id, "retrieval", question, (), "", (), (), evidence))
    return Imported(tuple(cases), {_name(id): text for id, text in documents.items()})


def _beir_documents(path: Path) -> Iterator[tuple[str, str]]:
    for number, row in read_objects(path):
        with naming_line(path, number):
            text = "\n".join(part for part in (row.get("title"), row["text"]) if part)
            id = str(row["_id"])
        yield id, text


def _beir_queries(path: Path) -> Iterator[tuple[str, str]]:
    for number, row in read_objects(path):
        with naming_line(path, number):
            id, question = str(row["_id"]), str(row["text"])
        yield id, question


def _beir_judgements(folder: Path, held: Collection[str]) -> dict[str, list[str]]:
    """The held documents that are relevant to each query."""
    relevant: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.tsv")):
        for number, row in read_rows(path, "\t"):
            with naming_line(path, number):
                if int(row["score"]) > 0 and row["corpus-id"] in held:
                    relevant.setdefault(row["query-id"], []).append(row["corpus-id"])
    return relevant


def _whole(name: str, text: str) -> Evidence:
    return Evidence(text, (Span(name, 0, len(text)),))


def import_rgb(path: Path) -> Imported:
    """RGB-style JSON Lines: ``query``, ``answer`` (options, or a list of them), ``positive``,
    ``negative`` passages. Cases without a positive passage are unanswerable."""
    texts: dict[str, str] = {}
    cases = []
    for number, row in read_objects(path):
        with naming_line(path, number):
            cases.append(_rgb_case(texts, row, str(row.get("id", number))))
    return Imported(tuple(cases), texts)


def _rgb_case(texts: dict[str, str], row: Mapping[str, Any], id: str) -> QuestionCase:
    positive = [passage for group in row.get("positive", ()) for passage in _listed(group)]
    for passage in row.get("negative", ()):
        _keep(texts, passage)
    evidence = tuple(_whole(_keep(texts, passage), passage) for passage in positive)
    must = tuple(tuple(map(str, _listed(options))) for options in _listed(row["answer"]))
    answer = " ".join(options[0] for options in must)
    kind = "reading" if evidence else "unanswerable"
    return QuestionCase(id, kind, row["query"], (), answer, must, (), evidence)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def import_csv(path: Path) -> Imported:
    """CSV with the columns ``question``, ``answer`` and ``context``; ``id`` and ``type`` if any.

    Options of an answer stand apart by ``|``. The evidence is the answer's place in the context,
    the whole context if it does not stand there.
    """
    texts: dict[str, str] = {}
    cases: list[QuestionCase] = []
    for number, row in read_rows(path, ","):
        with naming_line(path, number):
            cases.append(_csv_case(texts, row, str(len(cases) + 1)))
    return Imported(tuple(cases), texts)


def _csv_case(texts: dict[str, str], row: Mapping[str, str], id: str) -> QuestionCase:
    options = tuple(option for option in row["answer"].split("|") if option)
    context = row.get("context") or ""
    evidence = (_csv_evidence(texts, context, options),) if context and options else ()
    kind = row.get("type") or "reading"
    return _reading_case(row.get("id") or id, row["question"], options, evidence, kind)


def _csv_evidence(texts: dict[str, str], context: str, options: tuple[str, ...]) -> Evidence:
    source = _keep(texts, context)
    spans = (span for option in options if (span := _locate(source, context, option, 0)))
    span = next(spans, Span(source, 0, len(context)))
    return Evidence(context[span.start : span.end], (span,))


IMPORTERS: Mapping[str, Callable[[Path], Imported]] = {
    "squad": import_squad,
    "beir": import_beir,
    "rgb": import_rgb,
    "csv": import_csv,
}


def import_cases(kind: str, path: Path) -> Imported:
    """Read ``path`` as ``kind``; raises ``CaseFileError``."""
    imported = IMPORTERS[kind](path)
    if not imported.cases:
        raise CaseFileError("no_cases", name=path, format=kind)
    return imported


def write_texts(texts: Mapping[str, str], folder: Path) -> None:
    """One file a source, its text byte for byte."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())


def _keep(texts: dict[str, str], text: str) -> str:
    """The name under which a passage is kept: by its content, so that it is kept once."""
    name = f"{sha256(text.encode()).hexdigest()[:16]}.txt"
    texts[name] = text
    return name


def _name(id: str) -> str:
    return f"{_UNSAFE.sub('_', id)}.txt"
