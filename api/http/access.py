"""Who may do what."""

from __future__ import annotations


async def reader() -> None:
    """Whoever may ask and read."""


async def writer() -> None:
    """Whoever may add and delete reports."""


async def admin() -> None:
    """Whoever may see how the service does."""
