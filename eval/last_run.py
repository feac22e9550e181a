"""The last evaluation, kept beside the library: what the page and the API show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from eval.comparison import compare, sheet_of
from eval.errors import NotEvaluatedError, RunFileError
from eval.outcomes import Run
from eval.summary import run_json

_FILE = "evaluation.json"
# A system that knows nothing of reports gets hundreds wrong: nobody reads so many on a page.
_MOST_WRONG = 100


def keep_last(runs: Sequence[Run], library: Path, sources: Path | None = None) -> None:
    """Write the scores of the runs into the library's folder, in place of what was there.

    ``sources`` is the folder that was measured instead of the library. The first run is compared with
    each of the others. Raises ``OSError`` if the folder cannot be written.
    """
    first, *others = runs
    told = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        # Its name alone: where it lies on this machine is nobody's business who reads the page.
        "sources": sources.resolve().name if sources else None,
        "runs": [_told(run) for run in runs],
        "comparisons": [
            {
                "system": first.system,
                "beside": other.system,
                "changes": [
                    {**asdict(change), "is_significant": change.is_significant}
                    for change in compare(sheet_of(other), sheet_of(first))
                ],
            }
            for other in others
        ],
    }
    library.mkdir(parents=True, exist_ok=True)
    # Whoever reads it meanwhile must not find half of it.
    fresh = library / f"{_FILE}.new"
    fresh.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    fresh.replace(library / _FILE)


def _told(run: Run) -> dict[str, Any]:
    """A run's scores with the first of its wrong answers, less what each of those cited."""
    told = run_json(run)
    wrong = told["failed"]
    told["failed"] = [{**one, "citations": []} for one in wrong[:_MOST_WRONG]]
    told["wrong"] = len(wrong)
    return told


def read_last(library: Path) -> dict[str, Any]:
    """What ``keep_last`` wrote; raises ``NotEvaluatedError`` or, for a damaged file, ``RunFileError``."""
    path = library / _FILE
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotEvaluatedError("no_evaluation") from error
    except OSError as error:
        raise RunFileError("unreadable", name=path, reason=error.strerror) from error
    except ValueError as error:
        raise RunFileError("wrong_run", name=path, reason=error) from error
    return cast(dict[str, Any], told)
