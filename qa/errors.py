"""The typed errors of ``qa``: a tree named by what the caller must do.

The words stand in ``prompts/errors.LANGUAGE.toml``; an error carries the key and what fills it.

::

    WenzhengError
    ├── InputError              mend the file or the question, then try again
    │   ├── NotTextError        the bytes are not text
    │   ├── EmptySourceError    the text holds nothing
    │   ├── NotAReportError     the text is no work report
    │   ├── SourceVanishedError the file could not be read
    │   ├── UnreadableFormError the file is damaged, locked or of a form that is not read
    │   ├── TooLargeError       reading it takes more than the limits allow
    │   ├── CorrectionError     a value by which metadata should be corrected is none
    │   ├── ReaderMissingError  reading it needs something that is not installed
    │   ├── RefusedAddressError the address is none that is fetched from
    │   ├── RobotsRefusalError  the site asks programs to stay away
    │   ├── HostNotFoundError   the host's name leads nowhere
    │   ├── UnreachableError    there is no connection, or what came over it is broken
    │   ├── UntrustedSiteError  the site cannot show that it is itself
    │   ├── FetchTimeoutError   the site answers too slowly
    │   ├── HttpStatusError     the site answers that it does not give the page
    │   ├── SiteBusyError       the site wants to be asked later
    │   └── WrongListError      the list names nothing, or is none
    ├── LibraryError            mend the library, then try again
    │   ├── LibraryNotFoundError
    │   ├── LibraryBusyError
    │   ├── LibraryUnwritableError
    │   ├── LibraryDamagedError
    │   ├── LibraryFormatError  made by a later program
    │   ├── LibraryOutdatedError made by an earlier one
    │   ├── BackupError         the backup cannot be made or used
    │   ├── OriginalNotHeldError
    │   ├── OtherEmbeddingError
    │   ├── ReportNotFoundError
    │   └── LibraryUnavailableError a server that keeps it does not answer: try again later
    ├── OverloadedError         wait, then try again
    ├── ModelUnavailableError   check the model's endpoint, or go on without it
    ├── BulkEngineError         what many workers run on cannot be used, or broke off: go on later
    └── SettingsError           mend the settings
        └── KeyFileError        the file of API keys cannot be used
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prompts import messages
from qa.harmless import harmless


class WenzhengError(Exception):
    """Root of all errors that a user can act on: what happened and what to do, on one line.

    ``key`` names the message in ``prompts/errors.*.toml``, ``fields`` fill its placeholders.
    """

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key, fields)
        self.key = key
        self.fields = fields

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors come from other processes, too."""
        return _made, (type(self), self.key, self.fields)

    def said(self, language: str) -> str:
        """The message in ``"zh"`` or ``"en"``."""
        text = messages("errors", language)[self.key].format(**self.fields)
        # File names, addresses and what endpoints say are strangers' words.
        return harmless(" ".join(text.split()))

    def __str__(self) -> str:
        return self.said("en")


def _made(kind: type[WenzhengError], key: str, fields: Mapping[str, object]) -> WenzhengError:
    return kind(key, **fields)


class InputError(WenzhengError):
    """What was handed in cannot be used."""


class NotTextError(InputError):
    """The bytes decode to no text in any supported encoding."""


class EmptySourceError(InputError):
    """The file holds no text at all."""


class NotAReportError(InputError):
    """The text holds no government work report."""


class SourceVanishedError(InputError):
    """The file is missing or unreadable."""


class UnreadableFormError(InputError):
    """The file is damaged, locked by a password, or of a form that is not read."""


class TooLargeError(InputError):
    """Reading the file takes more bytes, memory or time than the limits allow."""


class CorrectionError(InputError):
    """What metadata should be corrected to is no value, or contradicts another."""


class ReaderMissingError(InputError):
    """Reading the file needs a package or a program that is not installed."""


class RefusedAddressError(InputError):
    """The address is not of the web, or its host is not public."""


class RobotsRefusalError(InputError):
    """The site's robots.txt asks programs not to fetch the page."""


class HostNotFoundError(InputError):
    """The name of an address's host cannot be looked up."""


class UnreachableError(InputError):
    """No connection to the site, or an answer that is broken off or no HTTP."""


class UntrustedSiteError(InputError):
    """The site's certificate does not hold, or TLS fails otherwise."""


class FetchTimeoutError(InputError):
    """The site did not answer, or not to the end, in time."""


class HttpStatusError(InputError):
    """The site answered with a status that comes without the page, kept as ``fields["status"]``."""


class SiteBusyError(InputError):
    """The site asks for more time than a run waits for it."""


class WrongListError(InputError):
    """A list of addresses is no text and no sitemap, or names nothing."""


class LibraryError(WenzhengError):
    """The library on disk cannot serve the request."""


class LibraryNotFoundError(LibraryError):
    """There is no library yet, or it holds no report."""


class LibraryBusyError(LibraryError):
    """Another process is changing the library."""


class LibraryUnwritableError(LibraryError):
    """The library's folder cannot be written."""


class LibraryDamagedError(LibraryError):
    """A part of the library is missing or broken."""


class LibraryFormatError(LibraryError):
    """A later version of this program made the library."""


class LibraryOutdatedError(LibraryError):
    """An earlier version of this program made the library: it is to be migrated."""


class BackupError(LibraryError):
    """A backup cannot be made, or is none, or is damaged."""


class OtherEmbeddingError(LibraryError):
    """The library's vectors were made with another embedding model."""


class OriginalNotHeldError(LibraryError):
    """The file that a report came as is not kept, or has no such page."""


class ReportNotFoundError(LibraryError):
    """No report of that id is held."""


class LibraryUnavailableError(LibraryError):
    """The database that keeps the library does not answer, or not as it should."""


class OverloadedError(WenzhengError):
    """More is asked than can be answered in time; ``fields["seconds"]`` says when to ask again."""


class ModelUnavailableError(WenzhengError):
    """The language model did not answer, or not with what was asked."""


class BulkEngineError(WenzhengError):
    """What the workers of a bulk ingest run on does not start, or broke off."""


class SettingsError(WenzhengError):
    """A setting is unknown or has a wrong value."""


class KeyFileError(SettingsError):
    """The file of API keys cannot be read, understood or written."""
