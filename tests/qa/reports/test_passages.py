from itertools import chain, pairwise

import pytest

from qa.reports.clean_text import fold
from qa.reports.parsing import PASSAGE_MAX_CHARS, parse_reports
from qa.reports.report import Passage, Report, Source
from tests.qa.reports.written import PLAN, report_source

# The same texts as other programs would have saved them.
FORMS = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "indented": lambda text: text.replace("\n", "\n\u3000\u3000"),
    "full-width": lambda text: text.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)}),
    "zero-width marks": lambda text: text.replace("的", "\u200b的\u200b"),
}


@pytest.fixture(scope="module", params=FORMS)
def parsed(
    request: pytest.FixtureRequest, sample_sources: dict[str, Source]
) -> list[tuple[Source, Report]]:
    form = FORMS[request.param]
    sources = [Source(s.name, form(s.text)) for s in sample_sources.values()]
    return [(source, report) for source in sources for report in parse_reports(source)]


def test_a_passage_is_a_slice_of_its_source(parsed: list[tuple[Source, Report]]) -> None:
    for source, report in parsed:
        for passage in report.passages:
            assert source.text[passage.start : passage.end] == passage.text
            assert passage.text == passage.text.strip()
            assert (passage.report_id, passage.source) == (report.report_id, source.name)


def test_a_passage_lies_inside_one_section(parsed: list[tuple[Source, Report]]) -> None:
    for _, report in parsed:
        for p in report.passages:
            (section,) = (s for s in report.sections if s.start <= p.start < s.end)
            assert p.end <= section.end
            assert (p.kind, p.period) == (section.kind, section.period)


def test_sentences_stand_in_order_inside_their_passage(
    parsed: list[tuple[Source, Report]],
) -> None:
    for source, report in parsed:
        for p in report.passages:
            edges = list(chain.from_iterable(p.sentences))
            assert edges == sorted(edges)
            assert (edges[0], edges[-1]) == (p.start, p.end)
            spelt = tuple(source.text[start:end] for start, end in p.sentences)
            assert p.sentence_texts() == spelt
            assert all(spelt)


def test_every_sign_of_a_body_stands_in_exactly_one_sentence(
    parsed: list[tuple[Source, Report]],
) -> None:
    for source, report in parsed:
        body = report.sections[1].start
        spans = [s for p in report.passages for s in p.sentences if s[0] >= body]
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        gaps = pairwise([body, *chain.from_iterable(spans), report.end])
        between = "".join(source.text[a:b] for a, b in list(gaps)[::2])
        assert fold(between).strip() == ""


def test_passages_keep_to_their_length(parsed: list[tuple[Source, Report]]) -> None:
    for _, report in parsed:
        lengths = [passage.end - passage.start for passage in report.passages]
        assert max(lengths) <= PASSAGE_MAX_CHARS
        assert 250 <= sum(lengths) / len(lengths) <= 400


def test_the_form_of_a_text_changes_no_section(
    parsed: list[tuple[Source, Report]], sample_reports: list[Report]
) -> None:
    for (_, report), wanted in zip(parsed, sample_reports, strict=True):
        assert report.title == wanted.title
        assert [(s.kind, s.period, s.title) for s in report.sections] == [
            (s.kind, s.period, s.title) for s in wanted.sections
        ]


@pytest.mark.parametrize("max_chars", [150, 300, 1000])
def test_only_long_sentences_and_lists_of_headings_pass_the_length_asked_for(
    sample_sources: dict[str, Source], max_chars: int
) -> None:
    for source in sample_sources.values():
        for report in parse_reports(source, max_chars):
            for p in report.passages:
                longest = max(end - start for start, end in p.sentences)
                assert p.end - p.start <= max(2 * max_chars, longest + max_chars // 2)


def test_a_sentence_longer_than_a_passage_stays_whole() -> None:
    long = "我们要" + "加快推进项目建设、" * 100 + "确保完成目标。"
    source = report_source("政府工作报告", body=f"一、2026年工作安排\n{PLAN * 3}{long}{PLAN * 20}")
    (report,) = parse_reports(source)
    (held,) = (p for p in report.passages if long in p.text)
    assert len(held.sentences) == 1


def test_a_long_list_of_headings_is_cut_into_passages_of_the_usual_length() -> None:
    tasks = "\n".join(f"着力打造第{number}个传承名士之乡气质的城市" for number in range(100))
    source = report_source("政府工作报告", body=f"2026年工作安排\n{tasks}\n{PLAN * 20}")
    (report,) = parse_reports(source)
    lengths = [len(p.text) for p in report.passages if p.text.startswith("着力打造")]
    assert min(lengths[:-1]) > PASSAGE_MAX_CHARS // 3


def test_headings_lead_from_the_sections_title_down() -> None:
    body = (
        f"二、2026年工作安排\n{PLAN * 6}\n(一)抓好项目。{PLAN * 9}\n"
        f"1.产业项目\n{PLAN * 9}\n(二)改善民生。{PLAN * 9}\n"
    )
    (report,) = parse_reports(report_source("政府工作报告", body=body))
    paths = list(dict.fromkeys(p.headings for p in report.passages if p.headings))
    assert paths == [
        ("二、2026年工作安排",),
        ("二、2026年工作安排", "(一)抓好项目"),
        ("二、2026年工作安排", "(一)抓好项目", "1.产业项目"),
        ("二、2026年工作安排", "(二)改善民生"),
    ]


def test_the_headings_of_real_passages_stand_above_them(
    sample_sources: dict[str, Source], sample_reports: list[Report]
) -> None:
    texts = {source.name: source.text for source in sample_sources.values()}
    for report in sample_reports:
        for p in report.passages:
            above = fold(texts[p.source][report.start : p.end]).replace("\n", "")
            places = [above.rfind(heading.replace("\n", "")) for heading in p.headings]
            assert -1 not in places, p.headings


def test_a_known_passage_has_its_headings(sample_reports: list[Report]) -> None:
    (report,) = (r for r in sample_reports if r.place == "越城区")
    held = [p for p in report.passages if "鉴水科技城,加快建设绍芯实验室" in p.text]
    assert [p.headings for p in held] == [
        ("一、2023年工作回顾", "(一)聚力“三件大事”,持续厚植发展动力")
    ]


def test_ids_are_one_to_a_passage_and_the_same_each_time(
    sample_sources: dict[str, Source], sample_reports: list[Report]
) -> None:
    ids = [passage.id for report in sample_reports for passage in report.passages]
    assert len(set(ids)) == len(ids)
    again = [p.id for s in sample_sources.values() for r in parse_reports(s) for p in r.passages]
    assert again == ids


def test_an_id_is_the_hash_of_the_address_alone() -> None:
    # printf 330602-2024-27cca5e8:103:120 | sha256sum
    passage = Passage("330602-2024-27cca5e8", "a", 103, 120, "", (), "review", None, ())
    assert passage.id == "969f34c5e2d78cfe"
