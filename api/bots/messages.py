"""What comes in from a platform: a delivery over HTTP, and in it a message to the bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa.questions import Language, language_of


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where questions lean on each other: a thread, or where there is none a chat of two."""

    platform: str
    workspace: str
    channel: str
    thread: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to the bot, ``text`` without the bot's mention and in plain characters.

    ``event_id`` is the same when a platform sends the message again. ``workspace`` is the sender's,
    ``direct`` a chat with the bot alone.
    """

    platform: str
    event_id: str
    workspace: str
    channel: str
    thread: str
    sender: str
    text: str
    direct: bool = False

    @property
    def conversation(self) -> Conversation:
        return Conversation(self.platform, self.workspace, self.channel, self.thread)

    @property
    def language(self) -> Language:
        """The language it is answered in; Chinese if it says nothing."""
        return language_of(self.text)


# What names all direct chats in a list of channels: their ids are not known beforehand.
DIRECT = "im"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may ask: ids of workspaces, of channels and of senders; None allows all of them."""

    workspaces: frozenset[str]
    channels: frozenset[str] | None = None
    senders: frozenset[str] | None = None

    def refusal(self, incoming: Incoming) -> str | None:
        """Why a message is not answered, as a key of ``prompts/bots.*.toml``."""
        if incoming.workspace not in self.workspaces:
            return "workspace_not_allowed"
        channel = DIRECT if incoming.direct else incoming.channel
        if self.channels is not None and channel not in self.channels:
            return "channel_not_allowed"
        if self.senders is not None and incoming.sender not in self.senders:
            return "sender_not_allowed"
        return None


def listed(text: str | None) -> frozenset[str] | None:
    """The ids of a comma-separated setting, None where it is not set."""
    ids = frozenset(filter(None, (part.strip() for part in (text or "").split(","))))
    return ids or None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request of a platform's server; ``headers`` have lower-case names."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What its server is told at once; the answer takes another way."""

    body: str = ""
    media_type: str = "text/plain"


class DeliveryRefusedError(Exception):
    """A delivery that is not the platform's, or not from where it may come.

    ``key`` names the reason in ``prompts/bots.*.toml``.
    """

    def __init__(self, status: int, key: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.headers = dict(headers or {})
