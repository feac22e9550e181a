"""The whole fault suite: ``python -m tests.faults [PART…] --output FILE``; about an hour.

Parts: kill (real commands at random moments), step (killed before each operation on files), fail (the
system refuses), damage (bits, files), serve (a server beside it all), model (with the bundled model).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from embeddings import load_embedder
from tests.embeddings.conftest import model_cache_dir
from tests.faults.endpoint import hash_endpoint
from tests.faults.failing import (
    fail_at_every_operation,
    fill_disk,
    kill_at_every_operation,
    limit_files,
)
from tests.faults.figures import Figures
from tests.faults.flipping import damage_everything, foreign_parts
from tests.faults.killing import kill_at_random
from tests.faults.scene import Stage, hash_stage
from tests.faults.serving import serve_through
from tests.faults.zygote import Zygote

PARTS = ("kill", "step", "fail", "damage", "serve", "model")
_MOMENTS, _ROUND, _MODEL_MOMENTS, _SERVED_KILLS, _FLIPS = 50, 10, 4, 12, 6
_LIMITS = [*range(0, 60_000, 4_000), *range(60_000, 400_001, 20_000)]
_SIZES = [*range(0, 400, 20), *range(400, 1200, 100)]


def run(parts: list[str], seed: int, figures: Figures) -> None:
    """Run these parts and count."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if {"kill", "serve"} & set(parts):
            _with_processes(folder / "endpoint", parts, chance, figures)
        if {"step", "fail", "damage"} & set(parts):
            _within(folder / "hash", parts, chance, figures)
        if "model" in parts:
            stage = Stage(
                folder / "model",
                "bundled",
                lambda: load_embedder("bundled", cache_dir=model_cache_dir()),
            )
            for scene in stage.scenes():
                kill_at_random(stage, scene, _MODEL_MOMENTS, figures, chance)


def _with_processes(
    folder: Path, parts: list[str], chance: random.Random, figures: Figures
) -> None:
    with hash_endpoint() as embedding:
        stage = Stage(folder, embedding, lambda: load_embedder(embedding, cache_dir=folder))
        scenes = stage.scenes()
        for done in range(_ROUND, _MOMENTS + 1, _ROUND) if "kill" in parts else ():
            for scene in scenes:
                kill_at_random(stage, scene, done, figures, chance)
            _tell(f"{done} of {_MOMENTS} moments of each command", figures)
        if "serve" in parts:
            serve_through(stage, scenes, figures, _SERVED_KILLS, chance)


def _within(folder: Path, parts: list[str], chance: random.Random, figures: Figures) -> None:
    stage = hash_stage(folder)
    scenes = stage.scenes()
    if "damage" in parts:
        damage_everything(stage, scenes[3], figures, _FLIPS, chance)
        foreign_parts(stage, scenes[3], stage.folder / "one", figures)
        _tell("damage", figures)
    with Zygote() as zygote:
        for scene in scenes if "step" in parts else ():
            kill_at_every_operation(stage, scene, zygote, figures)
            _tell(scene.operation.name, figures)
    for scene in scenes if "fail" in parts else ():
        limit_files(stage, scene, figures, _LIMITS)
        if not fill_disk(stage, scene, figures, _SIZES):
            print("no file system can be mounted here: no real full disk", file=sys.stderr)
        fail_at_every_operation(stage, scene, figures, 5)
        _tell(scene.operation.name, figures)


def _tell(what: str, figures: Figures) -> None:
    told = {
        n: value[:5] if isinstance(value, list) else value for n, value in vars(figures).items()
    }
    print(what, {name: value for name, value in told.items() if value}, file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    arguments = parser.parse_args()
    figures = Figures()
    run(arguments.parts or list(PARTS), arguments.seed, figures)
    if arguments.output:
        figures.write(arguments.output)
    _tell("all", figures)
    return int(not figures.is_clean)


if __name__ == "__main__":
    sys.exit(main())
