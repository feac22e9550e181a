import json
from pathlib import Path

import pytest

from eval.errors import CaseFileError
from eval.importers import Imported, import_cases, write_texts

CONTEXT = "荔湾区位于广州西部。荔湾区面积59.1平方公里。"


def holds(imported: Imported) -> bool:
    """Every piece of evidence stands where its spans say."""
    return all(
        imported.texts[span.source][span.start : span.end] == evidence.quote
        for case in imported.cases
        for evidence in case.evidence
        for span in evidence.spans
    )


def test_squad_with_an_offset_that_is_off_and_a_question_without_answer(tmp_path: Path) -> None:
    questions = [
        {"id": "1", "question": "面积?", "answers": [{"text": "荔湾区", "answer_start": 11}]},
        {"id": "2", "question": "人口?", "is_impossible": True, "answers": []},
    ]
    data = {"data": [{"paragraphs": [{"context": CONTEXT, "qas": questions}]}]}
    (tmp_path / "s.json").write_text(json.dumps(data), "utf-8")
    imported = import_cases("squad", tmp_path / "s.json")
    answerable, impossible = imported.cases
    assert holds(imported)
    assert answerable.evidence[0].spans[0].start == 10
    assert answerable.must == (("荔湾区",),)
    assert (impossible.type, impossible.is_answerable) == ("unanswerable", False)


def test_beir_keeps_judged_queries(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    rows = [{"_id": "d/1", "title": "题", "text": "文"}, {"_id": "d2", "text": "别的"}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    asked = [{"_id": "q1", "text": "问"}, {"_id": "q2", "text": "无"}]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
    judged = "query-id\tcorpus-id\tscore\nq1\td/1\t1\nq1\td2\t0\n"
    (tmp_path / "qrels" / "test.tsv").write_text(judged)
    imported = import_cases("beir", tmp_path)
    (case,) = imported.cases
    assert holds(imported)
    assert (case.id, case.evidence[0].quote) == ("q1", "题\n文")
    assert sorted(imported.texts) == ["d2.txt", "d_1.txt"]


def test_rgb_answers_are_lists_of_options(tmp_path: Path) -> None:
    rows = [
        {"id": 0, "query": "何时?", "answer": [["1月2日", "1.2"], "北京"], "positive": ["正"], "negative": ["反"]},
        {"id": 1, "query": "谁?", "answer": ["甲"], "positive": [], "negative": ["反"]},
    ]  # fmt: skip
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    imported = import_cases("rgb", tmp_path / "r.jsonl")
    assert holds(imported)
    assert imported.cases[0].must == (("1月2日", "1.2"), ("北京",))
    assert not imported.cases[1].is_answerable
    assert sorted(imported.texts.values()) == ["反", "正"]


def test_csv_finds_the_answer_in_the_context(tmp_path: Path) -> None:
    lines = f"question,answer,context\n面积?,59平方公里|59.1平方公里,{CONTEXT}\n人口?,,{CONTEXT}\n"
    (tmp_path / "c.csv").write_text("\ufeff" + lines, "utf-8")
    imported = import_cases("csv", tmp_path / "c.csv")
    assert holds(imported)
    assert imported.cases[0].evidence[0].quote == "59.1平方公里"
    assert not imported.cases[1].is_answerable


@pytest.mark.parametrize("kind", ["squad", "beir", "rgb", "csv"])
def test_a_file_of_another_format_is_told(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x").write_text('{"other": 1}\n{"other": 2}', "utf-8")
    with pytest.raises(CaseFileError, match="x"):
        import_cases(kind, tmp_path / "x")


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("rgb", '{"query": "?", "answer": "甲"}\n\n{"query": "?"}', "x, line 3: the field answer"),
        ("rgb", '{"query": "?", "answer": "甲"}\n{"query"', "x, line 2: "),
        ("rgb", '{"query": "?", "answer": [[]]}', "x, line 1: "),
        ("rgb", "[1]", "x, line 1: not an object"),
        ("csv", "question,context\n?,文\n", "x, line 2: the field answer"),
        ("csv", "question,answer\n?,甲\n?\n", "x, line 3: the field answer"),
        ("csv", "question,answer,context\n?,甲,乙,丙\n", "x, line 2: more cells"),
        ("csv", "question,answer\n", "x holds no case"),
        ("squad", '{"data": [{"paragraphs": [{"qas": []}]}]}', r"data\[0\]\.paragraphs\[0\]"),
        ("squad", '{"data": [{"paragraphs": [{"context": "文", "qas": [{"id": 1}]}]}]}', r"qas\[0\]"),
        ("squad", '{"data":\n[', "x, line 2: "),
        ("squad", "[]", "x: data cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, kind: str, text: str, said: str
) -> None:
    (tmp_path / "x").write_text(text, "utf-8")
    with pytest.raises(CaseFileError, match=said):
        import_cases(kind, tmp_path / "x")


def test_a_line_of_a_beir_folder_that_is_wrong_is_told(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d", "text": "文"}', "utf-8")
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "问"}', "utf-8")
    for judged in ("q\td\n", "q\td\thigh\n"):
        (tmp_path / "qrels" / "t.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
        with pytest.raises(CaseFileError, match=r"t\.tsv, line 2"):
            import_cases("beir", tmp_path)
    (tmp_path / "queries.jsonl").write_text('{"_id": "q"}', "utf-8")
    (tmp_path / "qrels" / "t.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")
    with pytest.raises(CaseFileError, match=r"queries\.jsonl, line 1: the field text"):
        import_cases("beir", tmp_path)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("squad", json.dumps({"data": [{"paragraphs": [{"context": "文", "qas": [{"id": 1, "question": "?", "answers": []}]}]}]})),
        ("rgb", '{"query": "?", "answer": "甲"}\r\n'),
        ("csv", "question,answer\r\n?,甲\r\n"),
    ],
)  # fmt: skip
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path, kind: str, text: str) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [case.question for case in import_cases(kind, tmp_path / "x").cases] == ["?"]


@pytest.mark.parametrize("kind", ["squad", "rgb", "csv"])
def test_bytes_that_are_no_utf8_are_told(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x").write_bytes("问题".encode("gb18030"))
    with pytest.raises(CaseFileError, match="x is not text"):
        import_cases(kind, tmp_path / "x")


def test_texts_are_written_byte_for_byte(tmp_path: Path) -> None:
    write_texts({"a.txt": "甲\r\n乙\n"}, tmp_path / "sources")
    assert (tmp_path / "sources" / "a.txt").read_bytes() == "甲\r\n乙\n".encode()
