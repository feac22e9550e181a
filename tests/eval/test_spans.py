from eval.questions import Evidence, Span
from eval.spans import first_rank, is_covered, is_found, overlap

A = Span("a", 10, 20)


def test_a_span_may_be_covered_by_two_passages_that_meet() -> None:
    assert is_covered(A, [Span("a", 15, 30), Span("a", 5, 15)])
    assert not is_covered(A, [Span("a", 5, 15), Span("a", 16, 30)])
    assert not is_covered(A, [Span("b", 0, 99)])


def test_evidence_that_stands_twice_is_found_at_either_place() -> None:
    told_twice = Evidence("…", (Span("x", 0, 1), A))
    assert is_found(told_twice, [Span("a", 0, 99)])
    assert not is_found(told_twice, [Span("y", 0, 99)])


def test_evidence_cut_in_two_is_found_with_its_second_half() -> None:
    ranked = [Span("a", 5, 15), Span("b", 0, 9), Span("a", 15, 30)]
    assert first_rank(Evidence("…", (A,)), ranked) == 3
    assert first_rank(Evidence("…", (A,)), ranked[:2]) is None


def test_spans_overlap_if_they_share_a_character_of_one_source() -> None:
    assert overlap(A, Span("a", 19, 21))
    assert not overlap(A, Span("a", 20, 21))
    assert not overlap(A, Span("b", 10, 20))
