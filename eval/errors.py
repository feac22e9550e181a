"""The typed errors of the evaluation suite: named by what the user must do.

Their words stand beside those of ``qa``, in ``prompts/errors.LANGUAGE.toml``.

::

    WenzhengError
    └── EvaluationError
        ├── CaseFileError        mend the case file; the message names the line
        ├── RunFileError         name a file that `wenzheng eval run` wrote
        ├── SystemNotFoundError  name a system that exists
        ├── WrongReplyError      mend the system under test
        ├── SourceMissingError   ingest the sources that the cases speak of
        ├── JudgeMissingError    name the model that judges
        ├── NothingScoredError   a run without scores proves nothing
        └── NotEvaluatedError    run an evaluation first
"""

from __future__ import annotations

from qa.errors import WenzhengError


class EvaluationError(WenzhengError):
    """Root: what happened and what to do, on one line."""


class CaseFileError(EvaluationError):
    """A case file cannot be read; the message names the line."""


class RunFileError(EvaluationError):
    """A run or baseline file is missing or was not written by this suite."""


class SystemNotFoundError(EvaluationError):
    """No system under test has that name, or its factory failed."""


class WrongReplyError(EvaluationError):
    """A system under test replied what no metric can read."""


class SourceMissingError(EvaluationError):
    """The cases speak of a source that was not given."""


class JudgeMissingError(EvaluationError):
    """A judge was asked for and no language model is named."""


class NothingScoredError(EvaluationError):
    """A metric has no score, or none that is a number."""


class NotEvaluatedError(EvaluationError):
    """No evaluation has been run over this library."""
