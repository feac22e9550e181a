"""Every line through one renderer, at the levels that the settings name."""

import json
import logging
import subprocess
import sys

import pytest
import structlog

from api.http.logs import formatter, structured

_SCRIPT = """
import logging, warnings
from api.http.logs import log_to_stderr, structured
log_to_stderr({level!r}, {form!r})
structured("wenzheng.request").info("request", route="/api/ask", ms=1.5)
logging.getLogger("wenzheng.library").warning("opened %s", "越城区")
logging.getLogger("uvicorn.error").info("started")
logging.getLogger("httpx").info("HTTP Request: POST http://models/")
logging.getLogger("other").warning("of a library")
warnings.warn("soon gone")
try:
    secret = "what was asked"
    1 / 0
except ZeroDivisionError:
    logging.getLogger("wenzheng.http").exception("broke")
"""


def _logged(level: str, form: str) -> list[str]:
    script = _SCRIPT.format(level=level, form=form)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_json_is_one_object_a_line_whoever_logs() -> None:
    lines = [json.loads(line) for line in _logged("info", "json")]
    events = [line["event"] for line in lines]
    assert events[:4] == ["request", "opened 越城区", "started", "of a library"]
    assert "soon gone" in events[4]
    assert events[5:] == ["broke"]
    assert (lines[0]["route"], lines[0]["ms"], lines[0]["level"]) == ("/api/ask", 1.5, "info")
    assert all({"logger", "level", "timestamp"} <= set(line) for line in lines)
    assert lines[5]["exception"].splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_a_terminal_is_quiet_but_for_warnings_and_shows_no_variables() -> None:
    text = "\n".join(_logged("warning", "console"))
    assert "/api/ask" not in text
    assert "started" not in text
    assert "opened 越城区" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "what was asked" not in text
    assert "\x1b[" not in text


@pytest.mark.parametrize(("level", "told"), [("debug", 6), ("error", 1)])
def test_libraries_are_never_heard_below_warnings(level: str, told: int) -> None:
    assert len(_logged(level, "json")) == told


def test_two_formatters_do_not_share_a_state() -> None:
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, "said %s", ("once",), None)
    assert json.loads(formatter("json").format(record))["event"] == "said once"
    assert "said once" in formatter("console").format(record)
    assert not structlog.is_configured()
    structured("wenzheng.nobody").debug("is filtered before it is made")
