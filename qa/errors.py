"""The typed errors of ``qa``: a tree named by what the caller must do.

::

    WenzhengError
    ├── InputError              mend the file or the question, then try again
    │   ├── NotTextError        the bytes are not text
    │   ├── EmptySourceError    the text holds nothing
    │   ├── NotAReportError     the text is no work report
    │   └── SourceVanishedError the file could not be read
    ├── LibraryError            mend the library, then try again
    │   ├── LibraryNotFoundError
    │   ├── LibraryBusyError
    │   ├── LibraryUnwritableError
    │   ├── LibraryDamagedError
    │   └── ReportNotFoundError
    └── SettingsError           mend the settings
"""

from __future__ import annotations


class WenzhengError(Exception):
    """Root of all errors that a user can act on.

    ``message`` says what happened, ``remedy`` what to do about it; ``str()`` is both on one line.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}; {remedy}" if remedy else message)


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


class ReportNotFoundError(LibraryError):
    """No report of that id is held."""


class SettingsError(WenzhengError):
    """A setting is unknown or has a wrong value."""
