"""``wenzheng keys``: make, list and revoke API keys. A key goes to stdout, once; what is said of it to stderr."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from api.terminal import say, say_json
from prompts import messages
from qa.settings import Settings

if TYPE_CHECKING:
    from api.keys import Key

_MOST_DAYS = 36500


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import key_file_of

    key, text = key_file_of(settings).add(arguments.name, arguments.scope, arguments.expires)
    if arguments.json:
        say_json(key.as_json() | {"key": text})
    else:
        say(text)
    _say("added", id=key.id, path=settings.keys)
    return 0


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import key_file_of

    keys = key_file_of(settings).read()
    if arguments.json:
        say_json([key.as_json() for key in keys])
    else:
        for key in keys:
            say(f"{key.id}  {key.scope:<5}  {key.created:%Y-%m-%d}  {_until(key)}  {key.name}")
    if not keys:
        _say("none", path=settings.keys)
    return 0


def _revoke(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import key_file_of

    left = key_file_of(settings).revoke(arguments.id)
    _say("revoked" if left else "revoked_last", id=arguments.id, path=settings.keys)
    return 0


def _until(key: Key) -> str:
    from api.cli import language

    said = messages("keys", language())
    if key.expires is None:
        return said["for_ever"]
    day = f"{key.expires:%Y-%m-%d}"
    return said["expired" if key.expired else "until"].format(day=day)


def _say(name: str, **fields: object) -> None:
    from api.cli import language

    say(f"wenzheng: {messages('keys', language())[name].format(**fields)}", to=sys.stderr)


def add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``keys`` and its parts to the command."""
    keys = commands.add_parser("keys", help="who may use the HTTP API")
    parts = keys.add_subparsers(dest="part", required=True, metavar="PART")

    add = parts.add_parser("add", help="make a key and print it, once")
    add.add_argument("name", metavar="NAME", help="whose key it is")
    add.add_argument(
        "--scope",
        choices=("read", "write", "admin"),
        default="read",
        help="read asks (default), write also adds and deletes reports, admin does all",
    )
    add.add_argument("--expires", type=_days, metavar="DAYS", help="valid for so many days")
    add.add_argument("--json", action="store_true", help="print the key's object")
    add.set_defaults(run=_add)

    shown = parts.add_parser("list", help="list the keys, without their secrets")
    shown.add_argument("--json", action="store_true", help="print objects as JSON")
    shown.set_defaults(run=_list)

    revoke = parts.add_parser("revoke", help="delete a key; a running server refuses it at once")
    revoke.add_argument("id", metavar="ID")
    revoke.set_defaults(run=_revoke)


def _days(text: str) -> int:
    number = int(text)
    if not 1 <= number <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"must be from 1 to {_MOST_DAYS}")
    return number
