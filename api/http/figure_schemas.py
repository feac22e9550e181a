"""Bodies of facts and comparisons, as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.http.schemas import Body, CitationBody, TableBody
from qa.facts.fact import Basis, Status

# --- facts -------------------------------------------------------------------------------------


class FactBody(BaseModel):
    """A figure of a report: one indicator in one period, its amount and its growth."""

    report_id: str
    place: str | None
    indicator: str = Field(examples=["地区生产总值"])
    value: str | None = Field(description="the printed number in plain digits", examples=["2668.5"])
    unit: str | None = Field(examples=["亿元"])
    growth_percent: float | None = Field(description="falls are negative", examples=[4.3])
    basis: Basis | None
    qualifier: str | None = Field(examples=["以上"])
    period: str = Field(description="a year or a span", examples=["2023", "2021-2025"])
    status: Status
    source: str
    start: int
    end: int
    quote: str


class ConflictFigure(BaseModel):
    figure: str
    report_id: str
    source: str
    start: int
    end: int


class ConflictBody(BaseModel):
    """Figures of one thing that do not agree."""

    place: str | None
    indicator: str
    period: str
    status: Status
    aspect: str = Field(description="`growth`, or the unit of the amounts")
    figures: list[ConflictFigure]
    told: str = Field(description="the same on one line")


class FactsReply(BaseModel):
    """A page of facts; `next` is the cursor of the page behind it."""

    facts: list[FactBody]
    total: int
    next: str | None
    conflicts: list[ConflictBody] = Field(description="among the facts of this page")


class HeldIndicatorBody(BaseModel):
    name: str
    english: str | None = Field(description="null for a name outside the lexicon")
    facts: int
    reports: int
    units: list[str]


class IndicatorsReply(BaseModel):
    """The indicators that facts tell of, those of most reports first."""

    indicators: list[HeldIndicatorBody]
    total: int


class HeldPlaceBody(BaseModel):
    place: str
    place_code: str | None
    level: Literal["国家", "省", "市", "县"] | None
    province: str | None
    years: list[int] = Field(description="in which its reports were delivered")
    reports: list[str]
    facts: int


class PlacesReply(BaseModel):
    """The places held; `unnamed` are the reports that name none."""

    places: list[HeldPlaceBody]
    unnamed: list[str]


# --- comparison --------------------------------------------------------------------------------

Period = Annotated[str, Field(pattern=r"^(19|20)\d\d(-(19|20)\d\d)?$", examples=["2023"])]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Computing = Literal["rank", "difference_to_target"]


class CompareBody(Body):
    """What is compared; empty places and periods ask for all that is held."""

    place: list[Name] = Field(default_factory=list, max_length=500, examples=[["越城区", "上城区"]])
    indicator: list[Name] = Field(min_length=1, max_length=100, examples=[["地区生产总值"]])
    period: list[Period] = Field(default_factory=list, max_length=200, examples=[["2023"]])
    status: list[Status] = Field(default_factory=list, max_length=3)
    computed: list[Computing] = Field(
        default_factory=list, max_length=2, description="columns that code computes"
    )


class FigureCellBody(BaseModel):
    """A cell's figure for programs. `told` says why there is none."""

    place: str | None
    indicator: str
    period: str
    status: Status
    told: Literal["stated", "not_mentioned", "not_held"]
    value: str | None
    unit: str | None
    growth_percent: float | None
    basis: Basis | None
    qualifier: str | None
    report_id: str | None
    citations: list[int]


class ComputedCellBody(BaseModel):
    """A rank, or a difference in the base unit (元) or percentage points."""

    place: str | None
    indicator: str
    period: str
    told: Literal["computed"]
    computed: Computing
    value: str
    unit: str | None
    by: Literal["growth", "amount"]


class CompareReply(TableBody):
    """A table as in the answer object, with the same cells for programs in `cells`."""

    cells: list[list[FigureCellBody | ComputedCellBody | None]] = Field(
        description="in the shape of `rows`; null for names and where nothing is computed"
    )
    citations: list[CitationBody]
    notes: list[str]
