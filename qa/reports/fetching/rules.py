"""What fetching may do, and as whom it goes."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

# The name that a robots.txt speaks to.
TOKEN = "wenzheng"


@dataclass(frozen=True, slots=True)
class FetchRules:
    """``hosts`` are internal hosts (``host`` or ``host:port``) that may be fetched from although they
    are not public; ``contact`` is told to every site; ``timeout_seconds`` is for connecting and for
    each piece, ``deadline_seconds`` for a page in all, without the turns waited for;
    ``delay_seconds`` lie between two requests to one host; ``max_bytes`` is what a page may have.
    """

    hosts: frozenset[str] = frozenset()
    contact: str | None = None
    timeout_seconds: float = 30.0
    deadline_seconds: float = 300.0
    delay_seconds: float = 1.0
    max_bytes: int = 200 * 1024 * 1024

    @property
    def user_agent(self) -> str:
        """``wenzheng/0.1.0 (fetches government work reports for its user; contact)``."""
        try:
            number = version("wenzheng")
        except PackageNotFoundError:
            # Run from a checkout that is not installed.
            number = "0"
        told = ["fetches government work reports for its user", *filter(None, [self.contact])]
        return f"{TOKEN}/{number} ({'; '.join(told)})"
