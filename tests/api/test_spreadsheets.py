import csv
import io
from collections.abc import Iterator

import pytest

from api.spreadsheets import csv_chunks, safe_cell


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\n=1", " =1", "＝1+1", "-5亿元", "-"],
)
def test_a_text_that_would_run_as_a_formula_is_made_a_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["\r=1", "\x1b=1", "\u202e=1"])
def test_what_acts_on_a_screen_hides_no_formula(text: str) -> None:
    assert safe_cell(text) == "'=1"


@pytest.mark.parametrize(
    "value", ["-5.67", "+3", "-3.2%", "7.6%", "2021-2025", "地区=生产", "", None, -3.2, 12]
)
def test_numbers_and_other_texts_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == value


def test_csv_comes_in_pieces_and_is_read_back() -> None:
    made = 0

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal made
        for made in range(1, 1001):
            yield made, 'a "b",\nc', None, -1.5

    chunks = csv_chunks(("n", "text", "none", "number"), rows())
    assert next(chunks) == "n,text,none,number\n"
    assert made == 0
    next(chunks)
    assert made < 1000
    text = "".join(csv_chunks(("n", "text", "none", "number"), rows()))
    read = list(csv.reader(io.StringIO(text)))
    assert len(read) == 1001
    assert read[1] == ["1", 'a "b",\nc', "", "-1.5"]
