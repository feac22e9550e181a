import pytest

from qa.reports.origin import (
    NOWHERE,
    Mark,
    Spot,
    around,
    mark_rows,
    marks_between,
    marks_of,
    spot_of,
)

MARKS = (
    Mark(0, page=1, box=(10, 10, 90, 20)),
    Mark(30, page=1, box=(5, 25, 80, 35)),
    Mark(60, page=2, box=(10, 10, 50, 20)),
)


@pytest.mark.parametrize(
    ("start", "end", "spot"),
    [
        (0, 10, Spot(1, None, (10, 10, 90, 20))),
        (29, 30, Spot(1, None, (10, 10, 90, 20))),
        (29, 31, Spot(1, None, (5, 10, 90, 35))),
        (40, 70, Spot(1, None, (5, 25, 80, 35))),
        (60, 99, Spot(2, None, (10, 10, 50, 20))),
    ],
)
def test_a_stretch_is_where_it_begins_with_the_box_of_its_lines_there(
    start: int, end: int, spot: Spot
) -> None:
    assert spot_of(MARKS, start, end) == spot
    assert spot_of(marks_between(MARKS, start, end), start, end) == spot


def test_without_marks_nothing_is_known() -> None:
    assert spot_of((), 0, 5) == NOWHERE
    assert spot_of((Mark(10, page=1),), 0, 5) == NOWHERE
    assert NOWHERE.as_json() == {}


def test_only_what_is_known_is_told() -> None:
    assert Spot(3, None, (1.0, 2.0, 3.0, 4.0)).as_json() == {"page": 3, "box": [1.0, 2.0, 3.0, 4.0]}
    assert Spot(paragraph=4).as_json() == {"paragraph": 4}


def test_marks_are_kept_as_rows() -> None:
    assert marks_of(mark_rows(MARKS)) == MARKS


def test_the_box_around_boxes() -> None:
    assert around([(1, 5, 3, 8), (0, 6, 2, 9)]) == (0, 5, 3, 9)
