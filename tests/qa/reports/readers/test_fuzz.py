"""A short form of ``python -m benchmarks.fuzz_readers``, with hypothesis to shrink what it finds."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_readers import (
    LIMITS,
    damaged,
    fault_of_reading,
    fault_of_splitting,
    made_up,
    seeds,
)
from qa.reports.reading import SourceReader
from qa.reports.report import Source

WHOLE = seeds()


@pytest.fixture(scope="module")
def reader() -> Iterator[SourceReader]:
    with SourceReader(LIMITS) as reader:
        yield reader


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_whole_files_are_read(name: str, reader: SourceReader, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(WHOLE[name])
    found = list(reader.read(tmp_path / name))
    assert all(isinstance(document.source, Source) for document in found)
    assert fault_of_reading(reader, tmp_path / name) is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(sorted(WHOLE)))
def test_damaged_files_are_read_or_refused(
    reader: SourceReader, tmp_path: Path, seed: int, name: str
) -> None:
    chance = random.Random(seed)
    data = damaged(WHOLE[name], WHOLE[chance.choice(sorted(WHOLE))], chance)
    (tmp_path / name).write_bytes(data)
    assert fault_of_reading(reader, tmp_path / name) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32).map(lambda seed: made_up(random.Random(seed))))
def test_pieces_of_reports_in_any_order_are_split_exactly(text: str) -> None:
    assert fault_of_splitting(Source("a.txt", text)) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_is_split_exactly(text: str) -> None:
    assert fault_of_splitting(Source("a.txt", text)) is None
