"""Bodies of requests and replies, as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qa.answers.answer import AnswerStatus, RefusalReason

QUESTION_CHARS = 2000
_TURNS = 50

Text = Annotated[str, Field(min_length=1, max_length=QUESTION_CHARS)]


def _whole(number: Any) -> Any:
    """JSON knows one kind of number: 10.0 is as whole as 10."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = Annotated[int, BeforeValidator(_whole)]


_ALSO_IN = "other sources of the same report, if there are any"


class Body(BaseModel):
    """A request body: unknown fields are told, a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ProblemBody(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:wenzheng:problem:no_report"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(
        examples=["没有编号为 0123456789ab 的报告;用 `wenzheng reports` 查看已收录的报告"]
    )
    error: dict[str, Any] = Field(description="the same for clients of OpenAI's protocol")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may fail with these statuses."""
    content = {"application/problem+json": {"schema": ProblemBody.model_json_schema()}}
    return {
        status: {"description": "a problem document", "content": content} for status in statuses
    }


# --- asking ------------------------------------------------------------------------------------


class Question(Body):
    """A question and the user's earlier turns, oldest first."""

    question: Text = Field(examples=["越城区2023年GDP增长多少?"])
    turns: list[Text] = Field(default_factory=list, max_length=_TURNS)


class AskBody(Question):
    """A question and the user's earlier turns, oldest first."""

    stream: bool = Field(default=False, description="answer as server-sent events")


class SearchBody(Body):
    """A question, and how many passages are wanted."""

    question: Text = Field(examples=["越城区老旧小区改造"])
    k: Whole = Field(default=10, ge=1, le=100)
    turns: list[Text] = Field(default_factory=list, max_length=_TURNS)


class CopyBody(BaseModel):
    """Another source of a report, and the report it is held as."""

    name: str = Field(description="the name of the file")
    report_id: str
    url: str | None = Field(default=None, description="the page's address, if the file names it")


class CitationBody(BaseModel):
    """A quoted stretch of a source: its decoded text from ``start`` to ``end`` is ``quote``."""

    n: int = Field(description="the number of its marker in the answer")
    report_id: str
    report_title: str
    place: str | None
    year: int | None
    source: str = Field(description="the name of the file")
    start: int = Field(description="offset in characters of the decoded file")
    end: int = Field(description="offset after the last character")
    quote: str
    headings: list[str]
    url: str | None = Field(default=None, description="the page's address, if the file names it")
    page: int | None = Field(default=None, description="of a PDF or a scan, from 1")
    paragraph: int | None = Field(default=None, description="of a document of Word, from 1")
    box: list[float] | None = Field(
        default=None,
        description="left, top, right, bottom in points from the page's upper left corner",
        min_length=4,
        max_length=4,
    )
    also_in: list[CopyBody] | None = Field(default=None, description=_ALSO_IN)


class RefusalBody(BaseModel):
    """Why there is no answer."""

    reason: RefusalReason
    detail: str


class CellBody(BaseModel):
    """A table cell and the number of the citation it rests on."""

    text: str
    citation: int | None


class TableBody(BaseModel):
    columns: list[str]
    rows: list[list[CellBody]]


class CheckBody(BaseModel):
    """A figure of the answer, and whether its citation holds it."""

    figure: str
    supported: bool
    citation: int


class UsageBody(BaseModel):
    """Tokens a language model read and wrote."""

    input_tokens: int
    output_tokens: int


class AnswerBody(BaseModel):
    """A cited answer; refused if and only if it has no citations."""

    id: str
    question: str
    status: AnswerStatus
    answer: str = Field(description="text with markers [1] that number the citations")
    citations: list[CitationBody]
    refusal: RefusalBody | None
    table: TableBody | None
    checks: list[CheckBody]
    notes: list[str]
    generator: str = Field(description="`extractive`, or the name of the language model")
    timings_ms: dict[str, float]
    usage: UsageBody | None = None


class HitBody(BaseModel):
    """A passage found."""

    rank: int
    score: float = Field(description="orders the hits of one search; means nothing across searches")
    report_id: str
    source: str
    start: int
    end: int
    text: str
    headings: list[str]
    also_in: list[CopyBody] | None = Field(default=None, description=_ALSO_IN)


class SearchReply(BaseModel):
    question: str
    hits: list[HitBody]


# --- reports -----------------------------------------------------------------------------------


class ReportBody(BaseModel):
    """A report held; what its text does not say is null."""

    report_id: str
    title: str
    place: str | None
    place_code: str | None
    province: str | None
    level: Literal["国家", "省", "市", "县"] | None
    year: int | None
    delivered: str | None
    speaker: str | None
    reviewed_period: str | None
    planned_period: str | None
    sources: list[str]
    warnings: list[str]
    passages: int
    facts: int
    url: str | None = Field(default=None, description="the page's address, if the file names it")
    also_in: list[CopyBody] | None = Field(default=None, description=_ALSO_IN)
    duplicate_of: str | None = Field(
        default=None, description="the copy of the same report that answers in its stead"
    )
    abridged_of: str | None = Field(
        default=None, description="the full report, which answers before this abridged version"
    )
    corrected: dict[str, str | int | None] | None = Field(
        default=None,
        description="the fields corrected by hand, and what the document says of each",
        examples=[{"year": 2022}],
    )


class CorrectionBody(Body):
    """What is corrected of a report's metadata: text as `wenzheng reports set` takes it."""

    place: str | None = Field(
        default=None,
        max_length=100,
        description="a division in force, by name, by name behind those above it, or by code",
        examples=["浙江省绍兴市越城区"],
    )
    year: Whole | str | None = Field(default=None, examples=[2024])
    delivered: str | None = Field(default=None, max_length=40, examples=["2024-01-16"])
    speaker: str | None = Field(default=None, max_length=400)
    title: str | None = Field(default=None, max_length=400)
    reviewed_period: str | None = Field(default=None, max_length=40, examples=["2021-2025"])
    planned_period: str | None = Field(default=None, max_length=40, examples=["2024"])

    def given(self) -> dict[str, str]:
        """Field → text, empty where the correction is taken back."""
        told = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: "" if value is None else str(value) for name, value in told.items()}


class SectionBody(BaseModel):
    """A stretch of a report under one path of headings; offsets are those of citations."""

    headings: list[str] = Field(examples=[["一、2023年工作回顾"]])
    kind: Literal["review", "plan", "government", "other"]
    period: str | None = Field(examples=["2023"])
    start: int
    end: int
    passages: int


class OriginalBody(BaseModel):
    """The file that a report came as, which can be had at `/original`."""

    form: Literal["pdf", "image", "docx", "office", "html"]
    name: str = Field(examples=["2024年越城区政府工作报告.pdf"])
    bytes: int | None = Field(description="null where the file is missing from the library")
    pages: int | None = Field(description="of a PDF or a scan, to be had at `/pages/N.png`")


class ReportDetail(ReportBody):
    """A report with its table of contents, and where it stands in its file."""

    source: str = Field(description="the name of the file")
    start: int
    end: int
    original: OriginalBody | None = Field(
        default=None, description="null for text, for rows of data sets, and where none is kept"
    )
    sections: list[SectionBody]


class TextBody(BaseModel):
    """A stretch of a file's decoded text; `total` is the length of the whole in characters."""

    report_id: str
    source: str
    start: int
    end: int
    total: int
    text: str
    next: int | None = Field(description="where a stretch that was cut goes on")


class PageBoxesBody(BaseModel):
    """Boxes on a page and its size, all in points (1/72 inch)."""

    page: int = Field(description="from 1")
    width: float
    height: float
    boxes: list[Annotated[list[float], Field(min_length=4, max_length=4)]] = Field(
        description="a line each: left, top, right, bottom from the page's upper left corner"
    )


class BoxesBody(BaseModel):
    """Where a stretch of a report's text stands in the file it came as."""

    report_id: str
    start: int
    end: int
    page: int | None = Field(description="that it begins on, in a PDF, a scan or a page in parts")
    paragraph: int | None = Field(description="that it begins in, in a document of Word")
    url: str | None
    pages: list[PageBoxesBody]


# --- jobs --------------------------------------------------------------------------------------

UPLOAD_FILES = 100
UPLOAD_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": UPLOAD_FILES,
                        "items": {"type": "string", "format": "binary"},
                    }
                },
            }
        }
    },
}


class ProgressBody(BaseModel):
    """How far a job is in its present stage."""

    stage: Literal["copy", "read", "index", "embed", "publish", "store"] = Field(examples=["embed"])
    done: int
    total: int


class FailureBody(BaseModel):
    """A file that could not be taken in, and why."""

    path: str = Field(examples=["封面.pdf"])
    error: str = Field(examples=["封面.pdf 不是 UTF-8、GB18030 或 UTF-16 文本"])


class IngestBody(BaseModel):
    """What became of each file: ids of reports that are new or were held, and failures."""

    added: list[str] = Field(examples=[["0123456789ab"]])
    unchanged: list[str]
    failed: list[FailureBody]
    notes: list[str]


class JobBody(BaseModel):
    """An ingest: `result` where it is done, `problem` where it failed as a whole."""

    id: str = Field(examples=["9f86d081884c7d65"])
    state: Literal["queued", "running", "done", "failed"]
    files: list[str] = Field(examples=[["越城区2024年政府工作报告.txt"]])
    created: str = Field(examples=["2026-01-05T08:00:00.000+00:00"])
    started: str | None
    finished: str | None
    progress: ProgressBody | None
    result: IngestBody | None
    problem: ProblemBody | None


# --- evaluation --------------------------------------------------------------------------------


class EvaluationReply(BaseModel):
    """The last `wenzheng eval run`. A run is what `--json` prints of it; a comparison sets the first
    system beside another, metric by metric, with the 95 % interval of the difference."""

    finished: str = Field(examples=["2026-11-26T08:00:00+00:00"])
    sources: str | None = Field(
        default=None, description="the folder that was measured; null: this library"
    )
    runs: list[dict[str, Any]]
    comparisons: list[dict[str, Any]]
