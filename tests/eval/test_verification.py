"""The answers to the shipped questions over the sample reports: true ones pass, altered ones fall."""

import random
from collections import Counter
from pathlib import Path

import pytest

from api.cli import main
from eval.mutations import mutations
from eval.questions import read_case_set, write_questions
from eval.statements import Statement, state
from eval.verification import ALTERATIONS, Tally, alterations, drafts, measure
from qa.answers.answer import Citation
from qa.answers.verification import Evidence, verify_answer, verify_sentence
from qa.chain import Chain
from qa.facts.fact import Fact
from qa.library.library import Library
from qa.reports.report import Passage
from qa.settings import Settings

# Alterations of each kind: a change that makes them no longer apply would prove nothing.
LEAST = {
    "digit": 1200, "unit": 1000, "sign": 250, "qualifier": 1200, "period": 1100, "place": 1000,
    "status": 1000,
}  # fmt: skip


@pytest.fixture(scope="module")
def tally(bundled_chain: Chain) -> Tally:
    return measure(drafts(bundled_chain, read_case_set()), seed=7)


def test_every_figure_of_the_true_answers_is_accepted(tally: Tally) -> None:
    assert tally.rejected == []
    assert tally.accepted >= 1200
    assert tally.answers >= 400


def test_every_alteration_is_rejected(tally: Tally) -> None:
    assert [(missed.kind, missed.told) for missed in tally.missed] == []
    assert set(tally.tried) == set(ALTERATIONS) == set(LEAST)
    few = {kind: tally.tried[kind] for kind in LEAST if tally.tried[kind] < LEAST[kind]}
    assert few == {}


def test_no_alteration_leaves_its_answer_as_it_was(bundled_chain: Chain) -> None:
    cases = read_case_set("questions-1")[:20]
    kinds: Counter[str] = Counter()
    for answer, evidence in drafts(bundled_chain, cases):
        found = verify_answer(answer, evidence)
        for one in alterations(answer, found, evidence, ["上城区", "海曙区"], random.Random(1)):
            assert one.altered != answer
            kinds[one.kind] += 1
    assert len(kinds) >= 6


def test_the_same_seed_alters_the_same(bundled_chain: Chain) -> None:
    def told(seed: int) -> Counter[str]:
        return measure(drafts(bundled_chain, read_case_set("questions-1")[:10]), seed).tried

    assert told(3) == told(3)


@pytest.fixture(scope="module")
def stated(bundled_library: Library) -> list[tuple[Statement, Evidence]]:
    """Every third fact of the samples as a sentence, with the evidence of the fact's own sentence."""
    held = bundled_library.facts()[::3]
    passages = bundled_library.passages([one.passage or 0 for one in held])
    return [
        (state(one.fact), _evidence(bundled_library, one.fact, passage))
        for one, passage in zip(held, passages, strict=True)
    ]


def _evidence(library: Library, fact: Fact, passage: Passage) -> Evidence:
    report = library.reports[fact.report_id]
    spans = [(a, b) for a, b in passage.sentences if a <= fact.start < b]
    citation = Citation.of(1, report, passage, spans[0])
    return Evidence.of(citation, report, [h.fact for h in library.facts([fact.report_id])])


def _is_accepted(text: str, known: Evidence) -> bool:
    return all(finding.check.supported for finding in verify_sentence(text, {1: known}))


def test_sentences_that_no_template_made_are_judged_too(
    stated: list[tuple[Statement, Evidence]],
) -> None:
    accepted = [pair for pair in stated if _is_accepted(pair[0].text, pair[1])]
    refused = [one.fact for one, known in stated if (one, known) not in accepted]
    assert len(stated) >= 400
    # An estimate told as a result is refused, and should be.
    assert sum(fact.status != "estimate" for fact in refused) <= 0.005 * len(stated)
    altered = [(m, known) for one, known in accepted for m in mutations([one], seed=5)]
    missed = [m for m, known in altered if _is_accepted(m.altered.text, known)]
    assert len(altered) >= 2000
    # A figure that stands beside the true one in the sentence: 20万元以上,50万元以上的村….
    assert len(missed) <= 0.001 * len(altered)


def test_verifying_an_answer_takes_milliseconds(tally: Tally) -> None:
    # Typically below one; the bound leaves room for a busy machine.
    assert tally.median_ms < 10


def test_the_command_prints_what_was_accepted_and_rejected(
    bundled_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WENZHENG_CACHE", str(bundled_settings.cache))
    write_questions(read_case_set("questions-1")[:5], tmp_path / "few.jsonl")
    library = ["--library", str(bundled_settings.library)]
    assert main([*library, "eval", "verify", "--cases", str(tmp_path / "few.jsonl")]) == 0
    told = capsys.readouterr().out
    assert all(kind in told for kind in ("nothing", *ALTERATIONS))
    assert "milliseconds for an answer" in told
