"""Any sequence of changes, crashes and faults against a model that is two dictionaries."""

import errno
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qa.errors import WenzhengError
from qa.library import storage
from qa.library.library import Library
from tests.embeddings.conftest import HashEmbedder
from tests.faults.door import door, fail_with
from tests.faults.scene import Operation, hash_stage
from tests.faults.zygote import Zygote

PLACES = ("杭州市", "宁波市", "温州市")
FIGURES = ("5.1", "6.2", "7.3")


def report(place: str, figure: str) -> str:
    padding = "让我们团结一心,埋头苦干,勇毅前行。" * 50
    return (
        f"2024年{place}政府工作报告\n各位代表:\n现在,我代表{place}人民政府,向大会报告工作,请予审议。\n"
        f"一、2023年工作回顾\n全年实现地区生产总值增长{figure}%。\n二、2024年工作安排\n{padding}\n"
    )


class LibraryMachine(RuleBasedStateMachine):
    """``held`` is what the library holds, place → figure; ``files`` what the files on the disk say."""

    zygote: Zygote

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stage = hash_stage(self.folder)
        self.library = self.folder / "library"
        self.held: dict[str, str] = {}
        self.files: dict[str, str] = {}

    @initialize(place=st.sampled_from(PLACES), figure=st.sampled_from(FIGURES))
    def begin(self, place: str, figure: str) -> None:
        self.ingest(place, figure)

    def _written(self, place: str, figure: str) -> Operation:
        path = self.folder / f"{place}.txt"
        path.write_text(report(place, figure), "utf-8")
        self.files[place] = figure
        return Operation("ingest", (path,))

    @rule(place=st.sampled_from(PLACES), figure=st.sampled_from(FIGURES))
    def ingest(self, place: str, figure: str) -> None:
        self._written(place, figure).perform(self.library, self.stage.vectors())
        self.held[place] = figure

    @rule(place=st.sampled_from(PLACES), figure=st.sampled_from(FIGURES), at=st.integers(1, 130))
    def crash(self, place: str, figure: str, at: int) -> None:
        operation = self._written(place, figure)
        self.zygote.perform(operation, self.library, self.stage.cache, at)
        self._is_before_or_after(place, figure)

    @rule(
        place=st.sampled_from(PLACES),
        figure=st.sampled_from(FIGURES),
        at=st.integers(1, 130),
        number=st.sampled_from([errno.ENOSPC, errno.EIO, errno.EACCES]),
    )
    def fault(self, place: str, figure: str, at: int, number: int) -> None:
        operation = self._written(place, figure)
        try:
            with door(self.library, at, fail_with(number)):
                operation.perform(self.library, self.stage.vectors())
        except WenzhengError:
            pass
        self._is_before_or_after(place, figure)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.held)))
        opened = Library(self.library)
        (wanted,) = (h.report.report_id for h in opened.held if h.report.place == place)
        opened.close()
        Operation("remove", report_id=wanted).perform(self.library, self.stage.vectors())
        del self.held[place]

    def _is_before_or_after(self, place: str, figure: str) -> None:
        after = {**self.held, place: figure}
        assert self._told() in (self.held, after)
        self.held = self._told()

    def _told(self) -> dict[str, str]:
        if not storage.has_library(self.library):
            return {}
        opened = Library(self.library)
        try:
            return {
                str(held.fact.place): f"{held.fact.growth_percent}"
                for held in opened.facts()
                if held.fact.indicator == "地区生产总值"
            }
        finally:
            opened.close()

    @invariant()
    def tells_what_the_model_holds(self) -> None:
        assert self._told() == self.held
        if not self.held:
            return
        opened = Library(self.library)
        vectors = opened.load_vectors(HashEmbedder())
        entries = opened.entries([key.id for key in opened.passage_keys])
        assert vectors is None or len(vectors) == sum(len(entry.sentences) for entry in entries)
        for place in self.held:
            ids, _ = opened.lexical.search(f"{place}人民政府", 1)
            assert place in opened.passages([int(ids[0])])[0].text
        opened.close()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


@pytest.mark.parametrize("examples", [3])
def test_any_sequence_of_changes_crashes_and_faults_tells_what_the_model_holds(
    examples: int,
) -> None:
    with Zygote() as zygote:
        LibraryMachine.zygote = zygote
        case = LibraryMachine.TestCase()
        case.settings = settings(
            max_examples=examples,
            stateful_step_count=8,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        case.runTest()
