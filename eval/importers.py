"""Other people's formats to cases with spans, and the texts that the spans point into.

A passage of theirs becomes a source of its own; write the sources to a folder and name it by
``--sources``.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

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
    for article in _json(path)["data"]:
        for paragraph in article["paragraphs"]:
            source = _keep(texts, paragraph["context"])
            cases += [_squad_case(source, paragraph["context"], qa) for qa in paragraph["qas"]]
    return Imported(tuple(cases), texts)


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
    documents = {str(row["_id"]): _beir_text(row) for row in _json_lines(folder / "corpus.jsonl")}
    names = {id: _name(id) for id in documents}
    relevant: dict[str, list[str]] = {}
    for path in sorted((folder / "qrels").glob("*.tsv")):
        for row in _table(path, "\t"):
            if int(row["score"]) > 0 and row["corpus-id"] in documents:
                relevant.setdefault(row["query-id"], []).append(row["corpus-id"])
    cases = [
        QuestionCase(
            str(row["_id"]), "retrieval", row["text"], (), "", (), (),
            tuple(_whole(names[id], documents[id]) for id in relevant[str(row["_id"])]),
        )
        for row in _json_lines(folder / "queries.jsonl")
        if str(row["_id"]) in relevant
    ]  # fmt: skip
    return Imported(tuple(cases), {names[id]: text for id, text in documents.items()})


def _beir_text(row: Mapping[str, Any]) -> str:
    return "\n".join(part for part in (row.get("title"), row["text"]) if part)


def _whole(name: str, text: str) -> Evidence:
    return Evidence(text, (Span(name, 0, len(text)),))


def import_rgb(path: Path) -> Imported:
    """RGB-style JSON Lines: ``query``, ``answer`` (options, or a list of them), ``positive``,
    ``negative`` passages. Cases without a positive passage are unanswerable."""
    texts: dict[str, str] = {}
    cases = []
    for number, row in enumerate(_json_lines(path)):
        positive = [passage for group in row.get("positive", ()) for passage in _listed(group)]
        for passage in row.get("negative", ()):
            _keep(texts, passage)
        evidence = tuple(_whole(_keep(texts, passage), passage) for passage in positive)
        must = tuple(tuple(map(str, _listed(options))) for options in _listed(row["answer"]))
        answer = " ".join(options[0] for options in must)
        kind = "reading" if evidence else "unanswerable"
        case_id = str(row.get("id", number))
        cases.append(QuestionCase(case_id, kind, row["query"], (), answer, must, (), evidence))
    return Imported(tuple(cases), texts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def import_csv(path: Path) -> Imported:
    """CSV with the columns ``question``, ``answer`` and ``context``; ``id`` and ``type`` if any.

    Options of an answer stand apart by ``|``. The evidence is the answer's place in the context,
    the whole context if it does not stand there.
    """
    texts: dict[str, str] = {}
    cases = []
    for number, row in enumerate(_table(path, ","), 1):
        options = tuple(option for option in row["answer"].split("|") if option)
        context = row.get("context") or ""
        evidence = (_csv_evidence(texts, context, options),) if context and options else ()
        case_id, kind = row.get("id") or str(number), row.get("type") or "reading"
        cases.append(_reading_case(case_id, row["question"], options, evidence, kind))
    return Imported(tuple(cases), texts)


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
    try:
        return IMPORTERS[kind](path)
    except (KeyError, TypeError, ValueError, OSError, AttributeError) as error:
        raise CaseFileError(f"{path}: not in the format {kind!r} ({error!r})") from error


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


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8-sig"))


def _json_lines(path: Path) -> Iterator[Any]:
    return (json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip())


def _table(path: Path, separator: str) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=separator))
