"""What went wrong without being an error of ours: counted each time, told to the log in plain words.

docs/operations.md says what to do about each.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Literal, get_args

from api.http.logs import structured

Incident = Literal[
    "shed",
    "slow_client",
    "broken_request",
    "model_outage",
    "breaker_open",
    "unsupported_withheld",
    "key_rejected",
    "stranger_refused",
    "rate_limited",
    "upload_refused",
    "reader_stopped",
    "job_failed",
    "lock_taken_over",
    "injection_found",
]
INCIDENTS: tuple[Incident, ...] = get_args(Incident)

_SAYS: dict[Incident, str] = {
    "shed": "more was asked than can be answered in time: refused with 503 and Retry-After",
    "slow_client": "a client kept its connection waiting for too long: it was closed",
    "broken_request": "what came over a connection is no HTTP that is understood: it was closed",
    "model_outage": "the language model failed: the answer was made without it",
    "breaker_open": "the language model failed several times in a row and is left alone for a while",
    "unsupported_withheld": "no citation supports what an answer was to say: it was left out",
    "key_rejected": "a wrong, expired or revoked API key, or a forged signature: refused",
    "stranger_refused": "without API keys only this machine is answered: refused",
    "rate_limited": "a caller made more requests than allowed: refused with 429",
    "upload_refused": "an upload was not taken",
    "reader_stopped": "a file reached a limit of reading, or ended the process that parsed it: it was left out",
    "job_failed": "an ingest of uploaded files failed: the library is as it was",
    "lock_taken_over": "whoever wrote the library died within his work: what he had not finished is not in force",
    "injection_found": "a text gives orders to the program: it was not obeyed, nor shown to the language model",
}
# Whoever causes them by the thousand must not fill the disk, nor hide other lines.
_SILENT_SECONDS = 60.0
_LOG = structured("wenzheng.incident")


class Incidents:
    """Counts by kind and reason; the log gets the first of each within a minute.

    Safe to tell from any thread. ``unlogged`` in a line is how many came since the line before.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def tell(self, incident: Incident, reason: str, **fields: object) -> None:
        """Count one. ``reason`` is one of few words, never what a client sent; ``fields`` are for the log."""
        what = (incident, reason)
        now = time.monotonic()
        with self._lock:
            self.counts[what] += 1
            count = self.counts[what]
            last, told = self._said.get(what, (None, 0))
            if last is not None and now - last < _SILENT_SECONDS:
                return
            self._said[what] = (now, count)
        _LOG.warning(
            incident, reason=reason, says=_SAYS[incident], unlogged=count - told - 1, **fields
        )
