"""Real ``wenzheng`` processes, killed with SIGKILL at moments spread over their whole run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from qa.errors import ReportNotFoundError
from qa.library.doctor import examine
from qa.settings import Settings
from tests.faults.figures import Figures
from tests.faults.scene import Scene, Stage, told

ROOT = Path(__file__).parents[2]
# How much of the moments falls into the time in which the library is written.
_WRITING_SHARE = 0.7


def start(stage: Stage, library: Path, scene: Scene) -> subprocess.Popen[bytes]:
    """The command as a user starts it."""
    environment = {
        **os.environ,
        "WENZHENG_EMBEDDING": stage.embedding,
        "WENZHENG_CACHE": str(stage.cache),
    }
    command = [sys.executable, "-m", "api.cli", "--library", str(library)]
    return subprocess.Popen(
        [*command, *scene.operation.arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_at_random(
    stage: Stage, scene: Scene, moments: int, figures: Figures, random_: random.Random
) -> None:
    """Kill the scene's command ``moments`` times, look, and let the next one finish the work."""
    begun, ended = _measured(stage, scene)
    name = f"{scene.operation.name} ({'model' if stage.embedding == 'bundled' else 'endpoint'})"
    while figures.killed[name] < moments:
        earliest = begun if random_.random() < _WRITING_SHARE else 0
        moment = random_.uniform(earliest, ended)
        library = scene.copy_to(stage.folder / "killed")
        process = start(stage, library, scene)
        try:
            process.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            figures.killed[name] += 1
        check(stage, scene, library, figures, f"{name} killed after {moment:.3f} s")
        print(
            f"{name}: {figures.killed[name]} of {moments}, {moment:.2f} s of {ended:.2f} s",
            file=sys.stderr,
        )


def _measured(stage: Stage, scene: Scene) -> tuple[float, float]:
    """Seconds until the command begins to write, and until it has ended."""
    library = scene.copy_to(stage.folder / "killed")
    versions = set((library / "versions").glob("*")) if library.exists() else set()
    started = time.monotonic()
    process = start(stage, library, scene)
    begun = None
    while process.poll() is None:
        if begun is None and set((library / "versions").glob("*")) - versions:
            begun = time.monotonic() - started
        time.sleep(0.005)
    ended = time.monotonic() - started
    assert process.returncode == 0
    return begun or 0.0, ended


def check(stage: Stage, scene: Scene, library: Path, figures: Figures, what: str) -> None:
    """The library answers as before or after; doctor finds no damage; the next try finishes."""
    embedder = stage.load()
    try:
        state = scene.state(told(library, embedder))
        figures.asked += 1
        if state is None:
            figures.wrong.append(what)
            return
        figures.found_after[state] += 1
        settings = Settings(library=library, cache=stage.cache, embedding=stage.embedding)
        figures.unseen += [
            f"{what}: {one.message('en')}" for one in examine(settings) if one.severity == "error"
        ]
        try:
            scene.operation.perform(library, stage.vectors())
        except ReportNotFoundError:
            assert scene.operation.report_id
            assert state == "after"
        if scene.state(told(library, embedder)) != "after":
            figures.lost.append(f"{what}: the next try did not finish it")
        if list((library / "versions").glob("*.part")):
            figures.lost.append(f"{what}: leftovers stay")
    except Exception as error:
        figures.lost.append(f"{what}: {error!r}")
