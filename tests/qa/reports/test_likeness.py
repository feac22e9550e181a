import random
from itertools import combinations

import pytest

from qa.reports.likeness import Overlap, overlap, packed, sample, shingles, unpacked
from qa.reports.report import Report


def test_shingles_are_runs_of_eight_signs() -> None:
    assert len(shingles("一二三四五六七八")) == 1
    assert len(shingles("一二三四五六七八九十")) == 3
    assert len(shingles("一二三四五六七")) == 0
    assert len(shingles("一二三四五六七八" * 9)) == 8


def test_line_breaks_punctuation_and_widths_make_no_difference() -> None:
    one = shingles("地区生产总值增长7.6%,达到1270亿元。")
    other = shingles("地区生产总值增长７.６％， \r\n　达到\u200b１２７０亿元.")
    assert one.tolist() == other.tolist()


def test_the_overlap_is_the_share_of_common_shingles() -> None:
    # Five shingles and three, of which the first two are common.
    one, other = shingles("一二三四五六七八九十百千"), shingles("一二三四五六七八九甲")
    assert overlap(one, other) == Overlap(2 / 5, 2 / 3)
    assert overlap(one, shingles("")) == Overlap(0, 0)


def test_a_sample_is_a_fair_part_that_every_text_agrees_on(sample_reports: list[Report]) -> None:
    one = shingles(sample_reports[0].text)
    half = shingles(sample_reports[0].text[:6000])
    assert 1 / 48 < len(sample(one)) / len(one) < 1 / 22
    shared = set(sample(half).tolist()) & set(sample(one).tolist())
    assert len(shared) == len(sample(half))
    assert unpacked(packed(sample(one))).tolist() == sample(one).tolist()


def test_reports_of_two_places_or_years_share_little(sample_reports: list[Report]) -> None:
    made = [shingles(report.text) for report in sample_reports]
    shares = [overlap(one, other) for one, other in combinations(made, 2)]
    assert max(max(s.of_one, s.of_other) for s in shares) < 0.1


@pytest.mark.parametrize("errors", [0.01, 0.03, 0.05])
def test_a_copy_with_signs_misread_is_the_same_report(
    sample_reports: list[Report], errors: float
) -> None:
    misread = random.Random(7)
    for report in sample_reports:
        signs = ["口" if misread.random() < errors else sign for sign in report.text]
        shared = overlap(shingles(report.text), shingles("".join(signs)))
        assert shared.is_of_one_report
        assert shared.are_alike


def test_a_part_is_an_abridged_version(sample_reports: list[Report]) -> None:
    whole = sample_reports[1].text
    shared = overlap(shingles(whole), shingles(whole[: len(whole) // 3]))
    assert shared.is_of_one_report
    assert not shared.are_alike
