"""API keys: hashed at rest in one file, which a running server reads again when it changes.

A key is ``wz_ID_SECRET``: the id is public and finds it, the secret is 256 random bits. A key has one
scope: ``read`` asks and reads, ``write`` also adds and deletes reports, ``admin`` does all.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from qa.errors import InputError, KeyFileError, LibraryUnavailableError, SettingsError
from qa.settings import PREFIX

if TYPE_CHECKING:
    from qa.library.server.shared import SharedKeys

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
_FORMAT = 1
_NAME_CHARS = 100
_SHORTEST_GIVEN = 16
# What tells one state of a file from another: device, inode, size, changes.
_Stamp = tuple[int, ...]


class Key(BaseModel):
    """A key as it is kept: whoever reads this cannot use it."""

    # ``expires`` has no default: an entry that lost it would be valid for ever.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str = Field(pattern="^[0-9a-z]{1,32}$")
    name: str
    scope: Scope
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    created: AwareDatetime
    expires: AwareDatetime | None

    def may(self, scope: Scope) -> bool:
        """Whether its scope includes another."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)

    @property
    def expired(self) -> bool:
        return self.expires is not None and self.expires <= datetime.now(UTC)

    def as_json(self) -> dict[str, Any]:
        """What an operator is shown."""
        return self.model_dump(mode="json", exclude={"sha256"}) | {"expired": self.expired}


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    format: Literal[1]
    keys: list[Key]


class KeyFile:
    """The file of keys, of mode 0600, replaced as a whole: a reader never sees half of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def stamp(self) -> _Stamp | None:
        """What changes when the file does; None without a file. Raises ``KeyFileError``."""
        try:
            return _stamp(self.path.stat())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._damaged(error.strerror) from error

    def read(self) -> tuple[Key, ...]:
        """All keys, none without a file; raises ``KeyFileError``."""
        return self.read_stamped()[0] if self.stamp() else ()

    def read_stamped(self) -> tuple[tuple[Key, ...], _Stamp]:
        """All keys of the file and the stamp of what was read; raises ``KeyFileError``."""
        try:
            with self.path.open("rb") as file:
                stamp, content = _stamp(os.fstat(file.fileno())), file.read()
            keys = _Kept.model_validate_json(content).keys
        except OSError as error:
            raise self._damaged(error.strerror) from error
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._damaged(f"{place}: {first['msg']}".removeprefix(": ")) from error
        if len({key.id for key in keys}) < len(keys):
            raise self._damaged("two keys have one id")
        return tuple(keys), stamp

    def add(self, name: str, scope: Scope, days: int | None = None) -> tuple[Key, str]:
        """Make a key, valid for some days or for ever; its text is returned and kept nowhere.

        Raises ``InputError`` for a name that cannot be shown, ``KeyFileError``.
        """
        if not (name.strip() and len(name) <= _NAME_CHARS and name.isprintable()):
            raise InputError("wrong_key_name", most=_NAME_CHARS)
        now = datetime.now(UTC).replace(microsecond=0)
        with self._locked():
            keys = self.read()
            text = _new_text({key.id for key in keys})
            made = Key(
                id=_id_in(text),
                name=name,
                scope=scope,
                sha256=_sha256(text),
                created=now,
                expires=now + timedelta(days=days) if days else None,
            )
            self._write([*keys, made])
        return made, text

    def revoke(self, key_id: str) -> int:
        """Delete a key and return how many are left; raises ``InputError`` if there is none such.

        An empty file stays: without it all might do all.
        """
        with self._locked():
            keys = self.read()
            left = [key for key in keys if key.id != key_id]
            if len(left) == len(keys):
                raise InputError("no_key", id=key_id)
            self._write(left)
        return len(left)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the file: of two added at once one would be lost."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, keys: Sequence[Key]) -> None:
        kept = {"format": _FORMAT, "keys": [key.model_dump(mode="json") for key in keys]}
        content = json.dumps(kept, ensure_ascii=False, indent=1).encode()
        try:
            _replace(self.path, content)
        except OSError as error:
            raise self._unwritable(error) from error

    def _damaged(self, reason: str | None) -> KeyFileError:
        return KeyFileError("keys_damaged", path=self.path, reason=reason)

    def _unwritable(self, error: OSError) -> KeyFileError:
        return KeyFileError("keys_unwritable", path=self.path, reason=error.strerror)


class KeyTable(KeyFile):
    """The keys in the database that keeps the library: those of all programs that serve it."""

    def __init__(self, shared: SharedKeys) -> None:
        super().__init__(Path(str(shared.server)))
        self._shared = shared

    def stamp(self) -> _Stamp | None:
        """What changes when the keys do; None if there never was one. Raises ``KeyFileError``."""
        with self._reported():
            changes = self._shared.changes()
        return None if changes is None else (changes,)

    def read_stamped(self) -> tuple[tuple[Key, ...], _Stamp]:
        """All keys, and the stamp of what was read; raises ``KeyFileError``."""
        with self._reported():
            entries, changes = self._shared.entries()
        try:
            return tuple(Key.model_validate_json(entry) for entry in entries), (changes,)
        except ValidationError as error:
            raise self._damaged(str(error.errors(include_input=False)[0]["msg"])) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._reported(), self._shared.locked():
            yield

    def _write(self, keys: Sequence[Key]) -> None:
        self._shared.write((key.id, key.model_dump_json()) for key in keys)

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except LibraryUnavailableError as error:
            raise self._damaged(str(error.fields.get("reason"))) from error


class KeyRing:
    """The keys that count at this moment: those of the file and those given in the settings."""

    def __init__(self, file: KeyFile, given: Sequence[Key] = ()) -> None:
        self._file = file
        self._given = tuple(given)
        self._keys: Mapping[str, Key] = {}
        self._stamp: _Stamp | None = None
        self._seen = False

    @property
    def required(self) -> bool:
        """Whether a key is needed; raises ``KeyFileError``."""
        self._look()
        return self._seen or bool(self._given)

    def find(self, text: str) -> Key | None:
        """The valid key of this text, None if there is none; raises ``KeyFileError``."""
        digest = _sha256(text)
        given = [key for key in self._given if hmac.compare_digest(key.sha256, digest)]
        if given:
            return given[0]
        self._look()
        # An unknown id is compared as well: the time would tell a revoked key from a wrong one.
        key = self._keys.get(_id_in(text), _NOBODY)
        same = hmac.compare_digest(key.sha256, digest)
        return key if same and not key.expired else None

    def _look(self) -> None:
        """Read the file if it is another than before: a revocation counts from the next request."""
        stamp = self._file.stamp()
        if stamp is None and self._seen:
            # A file that was lost must not open what it guarded.
            raise KeyFileError("keys_gone", path=self._file.path)
        if stamp is not None and stamp != self._stamp:
            self._seen = True
            keys, self._stamp = self._file.read_stamped()
            self._keys = {key.id: key for key in keys}


def given_keys(secret: SecretStr | None) -> tuple[Key, ...]:
    """The keys in ``WENZHENG_API_KEYS``; raises ``SettingsError``, which never shows them."""
    if secret is None:
        return ()
    parts = [part.strip() for part in secret.get_secret_value().split(",")]
    keys = [_given(number, part) for number, part in enumerate(filter(None, parts), 1)]
    if not keys:
        raise _wrong_given("holds no key")
    if len({key.sha256 for key in keys}) < len(keys):
        raise _wrong_given("one key stands there twice")
    return tuple(keys)


def _given(number: int, part: str) -> Key:
    prefix, colon, rest = part.partition(":")
    text = rest if colon else part
    scope = next((s for s in SCOPES if s == prefix), None) if colon else "admin"
    if scope is None:
        raise _wrong_given(f"what precedes the colon of key {number} is not read, write or admin")
    if len(text) < _SHORTEST_GIVEN:
        raise _wrong_given(f"key {number} has fewer than {_SHORTEST_GIVEN} characters")
    if not (text.isascii() and text.isprintable() and " " not in text):
        # No header could carry it.
        raise _wrong_given(f"key {number} has other than visible ASCII characters")
    return Key(
        id=f"given{number}",
        name=f"{PREFIX}API_KEYS {number}",
        scope=scope,
        sha256=_sha256(text),
        created=datetime.now(UTC),
        expires=None,
    )


def _wrong_given(reason: str) -> SettingsError:
    return SettingsError("wrong_setting", name=f"{PREFIX}API_KEYS", reason=reason)


def _new_text(taken: set[str]) -> str:
    while (key_id := secrets.token_hex(6)) in taken:
        pass
    return f"wz_{key_id}_{secrets.token_hex(32)}"


def _id_in(text: str) -> str:
    parts = text.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "wz" else ""


def _sha256(text: str) -> str:
    # Slow hashes protect words that people choose, which can be guessed; of 256 random bits no list
    # is ever made, and a slow hash on every request would be a way to stop the server. Keys given in
    # the settings may be weaker, but their hashes are written nowhere.
    return hashlib.sha256(text.encode()).hexdigest()


# Its hash is nobody's: what is compared where an id is unknown.
_NOBODY = Key(
    id="0", name="", scope="read", sha256="0" * 64, created=datetime.now(UTC), expires=None
)


def _stamp(status: os.stat_result) -> _Stamp:
    # An inode may be used again within one tick of the clock: no part tells enough alone.
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _replace(path: Path, content: bytes) -> None:
    """Write aside, sync, rename: a crash leaves the old file or the new one."""
    # Of mode 0600 from its first byte on.
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 (a descriptor, no path)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
