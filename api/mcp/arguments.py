"""What tools are asked: the bodies of the HTTP API, bounded for what a language model reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from api.http.facts import PageQuery
from api.http.figure_schemas import CompareBody, Name
from qa.questions import Language, language_of

_FAULTS = 5

ToldIn = Annotated[
    Literal["zh", "en"], Field(description="language of notes, headings of tables and errors")
]
Offset = Annotated[int, Field(ge=0)]


class Arguments(BaseModel):
    """Unknown arguments are told: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid")


class _OneOrMany(BaseModel):
    """Takes one value where a list is asked for, and a number for its digits, as models often give them."""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        lists = {
            name for name, field in cls.model_fields.items() if get_origin(field.annotation) is list
        }
        return {key: _listed(value) if key in lists else value for key, value in given.items()}


def _listed(value: Any) -> Any:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    return [str(one) if type(one) is int else one for one in values]


class FactsAsked(_OneOrMany, PageQuery):
    """Filters, and which page of what passes them."""

    limit: int = Field(default=50, ge=1, le=200)
    language: ToldIn = "zh"


class CompareAsked(_OneOrMany, CompareBody):
    """What is compared."""

    language: ToldIn = "zh"


class ReportsAsked(Arguments):
    """Which reports are listed."""

    place: Name | None = Field(default=None, description="full or short name of a division")
    year: int | None = Field(default=None, description="in which they were delivered")
    limit: int = Field(default=100, ge=1, le=200)
    cursor: str | None = Field(
        default=None, max_length=2000, description="`next` of the page before"
    )
    language: ToldIn = "zh"


class PassageAsked(Arguments):
    """A stretch of a report's file by the offsets of citations, facts and hits."""

    report_id: Name
    start: Offset | None = Field(default=None, description="default: where the report begins")
    end: Offset | None = Field(default=None, description="default: where the report ends")
    around: int = Field(default=0, ge=0, le=2000, description="characters more on both sides")
    language: ToldIn = "zh"


def language_asked(arguments: Mapping[str, Any], default: Language) -> Language:
    """The language to tell errors in: the question's, else the one asked for."""
    question = arguments.get("question")
    if isinstance(question, str) and question.strip():
        return language_of(question)
    asked = arguments.get("language")
    return asked if asked in ("zh", "en") else default


def faults_of(error: ValidationError) -> str:
    """What is wrong with arguments, on one line and without their values."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
        for fault in error.errors(include_input=False)[:_FAULTS]
    )
