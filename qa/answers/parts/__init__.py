"""Several questions in one: taken apart, answered each by itself, and joined."""

from __future__ import annotations

from qa.answers.parts.joining import first_quote, joined, of_the_places_told, tells_more
from qa.answers.parts.splitting import Part, parts_of

__all__ = ["Part", "first_quote", "joined", "of_the_places_told", "parts_of", "tells_more"]
