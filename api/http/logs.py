"""Logs: one renderer for our lines, the server's and the libraries', on stderr alone."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any, Literal, TextIO

import structlog

from qa.harmless import escaped, harmless

Form = Literal["console", "json"]
_OURS = ("wenzheng", "uvicorn")
# What every line tells: ours get it where they are written, all others where they are rendered.
_TOLD: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def structured(name: str) -> Any:
    """A logger whose lines carry fields: ``structured("wenzheng.x").info("event", field=1)``.

    It is the standard logger of that name; nothing is configured for the whole process.
    """
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_TOLD,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def formatter(form: Form, colors: bool = False) -> logging.Formatter:
    """Renders every line, an exception included, as one JSON object or for a terminal."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_TOLD,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(_json() if form == "json" else _console(colors)),
        ],
    )


def log_to_stderr(level: str, form: Form) -> None:
    """Send all logs of the process to stderr: ours from ``level`` on, the libraries' warnings.

    The libraries' own details would tell what was asked, and of whom.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form, sys.stderr.isatty()))
    ours = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(ours, logging.WARNING), force=True)
    logging.captureWarnings(True)
    for name in _OURS:
        logging.getLogger(name).setLevel(ours)
    # It warns of each broken form of an upload, which is an incident: told once a minute.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


def _json() -> tuple[Any, ...]:
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)

    def rendered(logger: Any, name: str, fields: Any) -> str:
        return escaped(str(renderer(logger, name, fields)))

    return (structlog.processors.format_exc_info, rendered)


def _console(colors: bool) -> tuple[Any, ...]:
    renderer = structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=_traceback)
    return (_on_one_line, renderer)


def _on_one_line(_: Any, __: str, fields: Any) -> Any:
    """What a stranger's text brought into a line neither acts on the terminal nor begins another line."""
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = harmless(value).replace("\n", "\\n")
    return fields


def _traceback(out: TextIO, error: Any) -> None:
    # The default formatter prints the variables of every frame, questions among them.
    told = io.StringIO()
    structlog.dev.plain_traceback(told, error)
    out.write(harmless(told.getvalue()))
