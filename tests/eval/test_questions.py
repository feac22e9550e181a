from pathlib import Path

import pytest

from eval.questions import HELD_OUT, CaseFileError, read_case_set, read_questions

SAMPLES = Path(__file__).parents[2] / "samples"


def test_the_shipped_evidence_stands_at_its_spans() -> None:
    texts = {path.name: path.read_text("utf-8") for path in SAMPLES.glob("*.txt")}
    cases = [*read_case_set(), *(c for file in HELD_OUT for c in read_questions(file))]
    assert len(cases) >= 600
    for case in cases:
        for evidence in case.evidence:
            assert evidence.spans
            for span in evidence.spans:
                assert texts[span.source][span.start : span.end] == evidence.quote


def test_ids_are_unique() -> None:
    ids = [
        case.id
        for case in [*read_case_set(), *(c for file in HELD_OUT for c in read_questions(file))]
    ]
    assert len(set(ids)) == len(ids)


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    line = '{"id": "a", "type": "t", "question": "?", "answer": ""}'
    (tmp_path / "c.jsonl").write_bytes(b"\xef\xbb\xbf" + line.encode())
    assert [case.id for case in read_questions(tmp_path / "c.jsonl")] == ["a"]


@pytest.mark.parametrize("line", ["{", '{"id": "x"}', "[]", '{"id": 1, "evidence": 3}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line, "utf-8")
    with pytest.raises(CaseFileError, match=r"cases\.jsonl, line 1"):
        read_questions(path)
