"""The fault suite in short; ``make test-faults`` runs all of it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings import load_embedder
from tests.faults.endpoint import hash_endpoint
from tests.faults.failing import fail_at_every_operation, kill_at_every_operation, limit_files
from tests.faults.figures import Figures
from tests.faults.flipping import damage_everything, foreign_parts
from tests.faults.killing import kill_at_random
from tests.faults.scene import Scene, Stage, hash_stage
from tests.faults.zygote import Zygote


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return hash_stage(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def scenes(stage: Stage) -> list[Scene]:
    return stage.scenes()


@pytest.fixture
def figures() -> Iterator[Figures]:
    counted = Figures()
    yield counted
    assert counted.wrong == []
    assert counted.lost == []
    assert counted.untyped == []
    assert counted.unseen == []


def test_a_process_killed_between_its_steps_leaves_the_library_before_or_after(
    stage: Stage, scenes: list[Scene], figures: Figures
) -> None:
    with Zygote() as zygote:
        for scene in scenes:
            kill_at_every_operation(stage, scene, zygote, figures, step=41)
    assert sum(figures.killed.values()) >= 8
    assert set(figures.found_after) <= {"before", "words", "after"}


def test_a_real_command_killed_loses_nothing(tmp_path: Path, figures: Figures) -> None:
    with hash_endpoint() as embedding:
        stage = Stage(tmp_path, embedding, lambda: load_embedder(embedding, cache_dir=tmp_path))
        kill_at_random(stage, stage.scenes()[1], 1, figures, random.Random(3))
    assert figures.found_after.total() >= 1


def test_what_the_system_refuses_is_told_and_changes_nothing(
    stage: Stage, scenes: list[Scene], figures: Figures
) -> None:
    fail_at_every_operation(stage, scenes[1], figures, step=31)
    limit_files(stage, scenes[1], figures, [0, 30_000])
    assert figures.refused.total() >= 5


def test_damage_is_noticed_named_and_mended(
    stage: Stage, scenes: list[Scene], figures: Figures
) -> None:
    damage_everything(stage, scenes[3], figures, 0, random.Random(1), every=4)
    foreign_parts(stage, scenes[3], stage.folder / "one", figures)
    assert figures.repaired["answers as before the damage"] >= 15
