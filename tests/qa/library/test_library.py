from pathlib import Path

import pytest

from qa.errors import ReportNotFoundError
from qa.library.library import Library
from qa.reports.report import Report, Source
from tests.embeddings.conftest import HashEmbedder
from tests.qa.library.conftest import Take


def test_holds_what_was_read(small_library: Library, sample_reports: list[Report]) -> None:
    by_id = {report.report_id: report for report in sample_reports}
    assert set(small_library.reports) == set(by_id)
    for one in small_library.held:
        read = by_id[one.report.report_id]
        for name in Report.__dataclass_fields__:
            if name != "passages":
                assert getattr(one.report, name) == getattr(read, name), name
        assert one.passages == len(read.passages)
        assert one.sources == (read.source,)


def test_reports_come_by_place_and_year_with_the_unnamed_last(small_library: Library) -> None:
    assert [one.report.place for one in small_library.held] == [
        "上城区",
        "海曙区",
        "绍兴市",
        "越城区",
        "临淄区",
        "荔湾区",
        None,
        None,
    ]


def test_passages_come_back_as_they_were_cut(
    small_library: Library, sample_reports: list[Report]
) -> None:
    ids = [key.id for key in small_library.passage_keys]
    held = {passage.id: passage for passage in small_library.passages(ids)}
    assert held == {p.id: p for report in sample_reports for p in report.passages}


def test_passages_come_in_the_order_asked_for(small_library: Library) -> None:
    ids = [key.id for key in small_library.passage_keys][:5]
    forth, back = small_library.passages(ids), small_library.passages(ids[::-1])
    assert forth == back[::-1]
    assert small_library.passages([]) == []


def test_texts_are_kept_to_the_sign(
    small_library: Library, sample_sources: dict[str, Source]
) -> None:
    texts = {source.name: source.text for source in sample_sources.values()}
    for report_id, report in small_library.reports.items():
        text = small_library.source_text(report_id)
        assert text == texts[report.source]


def test_a_text_keeps_its_line_ends_and_odd_signs(
    take: Take, library_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    text = (
        "\u200b" + yuecheng.read_text("utf-8").replace("\n", "\r\n") + "\r\n\u3000\U00020bb7\ufeff"
    )
    (tmp_path / "odd.txt").write_bytes(text.encode())
    (report_id,) = take(tmp_path / "odd.txt").added
    library = Library(library_dir)
    assert library.source_text(report_id) == text
    for passage in library.passages([key.id for key in library.passage_keys]):
        assert text[passage.start : passage.end] == passage.text
    library.close()


def test_keys_tell_what_filters_need(small_library: Library) -> None:
    keys = small_library.passage_keys
    for key, passage in zip(keys, small_library.passages([k.id for k in keys]), strict=True):
        assert (key.report_id, key.kind, key.period) == (
            passage.report_id,
            passage.kind,
            passage.period,
        )


def test_sentences_and_passages_lead_to_each_other(small_library: Library) -> None:
    ids = [key.id for key in small_library.passage_keys]
    for number, entry in zip(ids, small_library.entries(ids), strict=True):
        assert len(entry.sentences) == len(entry.passage.sentences)
        assert set(small_library.passages_of_sentences(entry.sentences)) == {number}


def test_each_sentence_is_found_by_its_own_vector(small_library: Library) -> None:
    embedder = HashEmbedder()
    index = small_library.load_vectors(embedder)
    assert index is not None
    entries = small_library.entries([key.id for key in small_library.passage_keys])
    assert len(index) == sum(len(entry.sentences) for entry in entries)
    entry = entries[20]
    for row, text in zip(entry.sentences, entry.passage.sentence_texts(), strict=True):
        (similarity,) = index.similarities(embedder.encode_query(text), [row])
        assert similarity == pytest.approx(1, abs=2e-3)


def test_words_find_their_passages(small_library: Library) -> None:
    ids, _ = small_library.lexical.search("鉴水科技城 绍芯实验室", 3)
    assert "绍芯实验室" in small_library.passages([int(ids[0])])[0].text


def test_an_unknown_report_has_no_text(small_library: Library) -> None:
    with pytest.raises(ReportNotFoundError, match="no report 000000-1999-00000000"):
        small_library.source_text("000000-1999-00000000")


def test_every_fact_is_found_in_the_passage_that_prints_it(small_library: Library) -> None:
    held = [one for one in small_library.facts() if one.passage is not None]
    entries = small_library.entries([key.id for key in small_library.passage_keys])
    assert sum(len(entry.facts) for entry in entries) == len(held)
    for entry in entries:
        for fact in entry.facts:
            assert fact.report_id == entry.passage.report_id
            assert entry.passage.start <= fact.start < entry.passage.end
