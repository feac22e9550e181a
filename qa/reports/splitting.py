"""A file is not a report: where the work reports of a file begin and end.

A report is told by its opening (``各位代表: 现在,我代表…人民政府,向大会报告工作``). A page without one
(an abridged report) is taken whole if its title says 工作报告 and its text speaks of a government's
year. Leads, advertising and page chrome around them belong to no report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from qa.errors import NotAReportError
from qa.reports.paragraphs import Paragraph

_OPENING = re.compile(
    r"(?:我(?:谨)?(?:代表|受).{0,30}?(?:政府|国务院|委托)|^我代表).{0,40}?"
    r"(?:报告|汇报)|我受国务院的委托"
)
_SALUTATION = re.compile(r"^(?:各位代表|同志们|各位同志)")
_TITLE = re.compile(r"工作报告")
# A second "opening" with less text behind it is a link list or a teaser, never a report.
_LEAST_CHARS = 800
_HEADER_MAX_PARAGRAPHS = 25
_HEADER_MAX_CHARS = 90
_MENU_MAX_CHARS = 8
_TELLS_OF_REPORT = re.compile(r"\d|[省市区县州盟旗镇乡]|国务院|大会|会议")
_CHROME = re.compile(
    r"^(?:首页|下载|打印|全屏|收藏|加大|还原|减小|大|中|小|】|分享[到:]*|打印本页|关闭窗口|【?字[号体]:?.*"
    r"|当前位置.*|.{0,12}首页\s*[>»›].*|>.*|[\w-]+\.(?:jpe?g|png|gif)|政务动态.*|false|Public domain)$"
)
_TAIL = re.compile(
    r"^(?:相关(?:报道|链接|附件|阅读|文章)|推荐访问|分享到|打印本页|关闭窗口|责任编辑|编辑:|上一篇|下一篇"
    r"|扫一扫|注:中文维基|本作品|.{0,40}公有领域|Public domain|false$|点击查看|【?关闭】?|本文来源|标签:|关键词:|(?:主办|承办)(?:单位)?:"
    r"|.{0,80}(?:ICP备|公网安备|网站标识码))"
)
# Below a report a tail, above one a line of its own header.
_PUBLISHER_LINE = re.compile(r"^(?:信息|稿件)?来源:")
# Lines that tell of the page and not of the report; its date is read from them, but they are no text.
_PAGE_LINE = re.compile(
    r"^(?:发布(?:时间|日期)|(?:信息)?来源|浏览(?:次数|量)|作者:|字[体号]:?|分享|责任编辑)"
)
# What may follow a tail marker and still be page furniture; more than this is content again.
_TAIL_MAX_CHARS = 1500
_GOVERNMENT_WORDS = (
    "生产总值",
    "全市",
    "全区",
    "全县",
    "全省",
    "财政",
    "民生",
    "政府",
    "发展",
    "代表",
)


@dataclass(frozen=True, slots=True)
class ReportSpan:
    """Paragraphs of one report: ``header`` (title, date, speaker, page lines) and ``body``.

    ``opening`` tells whether the report has the salutation of a full text.
    """

    header: tuple[Paragraph, ...]
    body: tuple[Paragraph, ...]
    opening: bool


def is_page_line(text: str) -> bool:
    """True for a header's line that tells of the page: 发布日期, 来源, 浏览次数."""
    return bool(_PAGE_LINE.match(text) or _CHROME.match(text))


def split_reports(paragraphs: list[Paragraph], name: str) -> list[ReportSpan]:
    """The reports among the paragraphs of a file, in order; raises ``NotAReportError``."""
    spans = _by_openings(paragraphs) or _whole_page(paragraphs)
    if not spans:
        raise NotAReportError("not_a_report", name=name)
    return spans


def _by_openings(paragraphs: list[Paragraph]) -> list[ReportSpan]:
    bodies = _body_starts(paragraphs)
    if not bodies:
        return []
    headers = [_header_start(paragraphs, start) for start in bodies]
    ends = [*headers[1:], len(paragraphs)]
    spans = []
    for header, body, end in zip(headers, bodies, ends, strict=True):
        kept = _without_tail(paragraphs[body:end])
        lines = _without_menu(_without_chrome(paragraphs[header:body]))
        spans.append(ReportSpan(lines, tuple(kept), True))
    return spans


def _body_starts(paragraphs: list[Paragraph]) -> list[int]:
    """Indices of the salutations (or openings) that have a report's length behind them."""
    found = [
        _with_salutation(paragraphs, index)
        for index, paragraph in enumerate(paragraphs)
        if len(paragraph.text) < 400
        and _OPENING.search(paragraph.text[:160])
        and _is_opening(paragraphs, index)
    ]
    starts: list[int] = []
    for start, following in pairwise([*found, len(paragraphs)]):
        if sum(len(p.text) for p in paragraphs[start:following]) >= _LEAST_CHARS:
            starts.append(start)
    return starts


def _is_opening(paragraphs: list[Paragraph], index: int) -> bool:
    before = paragraphs[max(0, index - 2) : index + 1]
    salutes = any(_SALUTATION.match(p.text) for p in before)
    return salutes or "审议" in paragraphs[index].text


def _with_salutation(paragraphs: list[Paragraph], index: int) -> int:
    for back in (index - 1, index - 2):
        if (
            back >= 0
            and _SALUTATION.match(paragraphs[back].text)
            and len(paragraphs[back].text) < 20
        ):
            return back
    return index


def _header_start(paragraphs: list[Paragraph], body: int) -> int:
    """Walk back over the short lines above the salutation, to the last prose or the file's top."""
    start = body
    while start > max(0, body - _HEADER_MAX_PARAGRAPHS) and _is_header(paragraphs[start - 1]):
        start -= 1
    return start


def _is_header(paragraph: Paragraph) -> bool:
    text = paragraph.text
    if len(text) > _HEADER_MAX_CHARS or _SALUTATION.match(text) or _TAIL.match(text):
        return False
    return not (text.endswith(("!", "。")) and len(text) > 40)


def _without_chrome(header: list[Paragraph]) -> tuple[Paragraph, ...]:
    return tuple(p for p in header if not _CHROME.match(p.text))


def _without_menu(header: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """Without the short lines above the title that tell nothing of the report: 新闻中心、政务服务."""
    title = next((i for i, line in enumerate(header) if _is_title(line.text)), 0)
    return tuple(
        line
        for i, line in enumerate(header)
        if i >= title or len(line.text) > _MENU_MAX_CHARS or _TELLS_OF_REPORT.search(line.text)
    )


def _without_tail(body: list[Paragraph]) -> list[Paragraph]:
    """The body up to the first tail marker that has no more than page furniture behind it."""
    rest, kept = 0, len(body)
    for index in range(len(body) - 1, 0, -1):
        rest += len(body[index].text)
        if rest > _TAIL_MAX_CHARS:
            break
        if _TAIL.match(body[index].text) or _PUBLISHER_LINE.match(body[index].text):
            kept = index
    return body[:kept]


def _whole_page(paragraphs: list[Paragraph]) -> list[ReportSpan]:
    head = paragraphs[:_HEADER_MAX_PARAGRAPHS]
    title = next((i for i, p in enumerate(head) if _is_title(p.text)), None)
    text = "".join(p.text for p in paragraphs)
    if title is None or len(text) < _LEAST_CHARS or not _speaks_of_government(text):
        return []
    body = title + 1
    while body < len(head) and _is_page_line(head[body]):
        body += 1
    header = _without_chrome(paragraphs[:body])
    return [ReportSpan(header, tuple(_without_tail(paragraphs[body:])), False)]


def _is_title(text: str) -> bool:
    return bool(_TITLE.search(text)) and len(text) < 60 and not _CHROME.match(text)


def _is_page_line(paragraph: Paragraph) -> bool:
    return bool(
        _CHROME.match(paragraph.text)
        or re.match(r"^(?:发布|来源|时间|浏览|作者|日期|字体|分享|信息来源)", paragraph.text)
        or re.search(r"开幕|记者|摄$", paragraph.text)
    )


def _speaks_of_government(text: str) -> bool:
    return sum(word in text for word in _GOVERNMENT_WORDS) >= 5
