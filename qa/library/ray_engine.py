"""Ray as the engine of a bulk ingest: on this machine, or on the cluster that ``RAY_ADDRESS`` names."""

from __future__ import annotations

import logging
import os
import pickle  # nosec B403
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import BulkEngineError, SettingsError
from qa.library.bulk import Engine, Outcome, Work, Worker

if TYPE_CHECKING:
    import numpy as np

# Each file is a task of its own, and lost alone, unless there are more than Ray schedules with ease.
_MOST_TASKS = 20_000
# A file that kills its worker each time is given up.
_TRIES_MORE = 2


def ray_engine(workers: int | None = None) -> Engine:
    """An engine of so many workers, by default one for each processor that Ray has.

    Raises ``SettingsError`` if Ray is not installed; what it gives raises ``BulkEngineError``.
    """
    # Before Ray is imported: it tells its makers of its use otherwise.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray.data  # noqa: F401
    except ImportError as error:
        raise SettingsError("missing_extra", name="Ray", extra="bulk") from error

    def engine(files: Sequence[Path], work: Work) -> Iterator[Outcome]:
        if files:
            yield from _outcomes(files, work, workers)

    return engine


def _outcomes(files: Sequence[Path], work: Work, workers: int | None) -> Iterator[Outcome]:
    import ray
    from ray.exceptions import RayError

    from embeddings import EmbeddingError

    _start(workers)
    try:
        for row in _rows(files, work, workers):
            # Of our own workers; whoever speaks in their place runs code on them already.
            outcome = pickle.loads(row["outcome"])  # nosec B301
            if isinstance(outcome, EmbeddingError):
                raise outcome
            yield outcome
    except RayError as error:
        raise BulkEngineError("bulk_engine_failed", reason=_reason(error)) from error
    finally:
        ray.shutdown()


def _start(workers: int | None) -> None:
    import ray

    given: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if not os.environ.get("RAY_ADDRESS"):
        given |= {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(**given)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise BulkEngineError("bulk_engine_failed", reason=_reason(error)) from error


def _rows(files: Sequence[Path], work: Work, workers: int | None) -> Iterator[Mapping[str, Any]]:
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # Of two files of one text the first names it: as in an ordinary ingest.
    context.execution_options.preserve_order = True
    context.max_errored_blocks = -1
    # Of a lost block, too, it is we who tell.
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    most = workers or max(1, int(ray.cluster_resources()["CPU"]))  # type: ignore[no-untyped-call]
    blocks = min(len(files), _MOST_TASKS)
    names = ray.data.from_items([str(path) for path in files], override_num_blocks=blocks)
    pool = ray.data.ActorPoolStrategy(min_size=1, max_size=min(most, blocks))
    with warnings.catch_warnings():
        # By default a file that kills its worker would be tried for ever; how often is said by an
        # argument that Ray is going to give up.
        warnings.simplefilter("ignore")
        done = names.map_batches(
            _reader(work),
            batch_size=1,
            compute=pool,
            max_restarts=-1,
            max_task_retries=_TRIES_MORE,
        )
    yield from done.iter_rows()


def _reader(work: Work) -> type:
    """A worker as Ray calls it: a batch of one path to a batch of one pickled outcome."""

    # What it is told travels with the class: an argument would be lost for the next worker with the one
    # that it was kept by.
    class Reader:
        def __init__(self) -> None:
            self._worker = Worker(work)

        def __call__(self, batch: dict[str, np.ndarray[Any, Any]]) -> dict[str, list[bytes]]:
            found = [_read(self._worker, Path(str(path))) for path in batch["item"]]
            return {"outcome": [pickle.dumps(one) for one in found]}

    return Reader


def _read(worker: Worker, path: Path) -> Outcome | Exception:
    from embeddings import EmbeddingError

    try:
        return worker.read(path)
    except EmbeddingError as error:
        # Raised here, it would cost this file alone, and then each of the others.
        return error


def _reason(error: Exception) -> str:
    cause = getattr(error, "cause", None) or error
    lines = str(cause).strip().splitlines()
    return lines[-1] if lines else type(cause).__name__
