"""What a report says of itself: title, place, date of delivery, speaker, year.

Read from the header lines, the opening address and, for the place, the way the body speaks of its
own party committee and government. What the text does not say stays None: never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from qa.places import THE_NATION, Place, by_full_name, full_names_in, resolve
from qa.reports.correcting import Correction
from qa.reports.origin import UNKNOWN, Origin
from qa.reports.periods import han_year, years_in
from qa.reports.splitting import ReportSpan

_HAN = "[一-龥]"
_DATE = re.compile(r"((?:19|20)\d\d)[年./-](\d{1,2})[月./-](\d{1,2})日?")
_HAN_DATE = re.compile(
    r"([一二][〇○零O0一二三四五六七八九]{3})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
_MEETING = re.compile(r"人民代表大会|人代会|人大.{1,4}次会议")
_OFFICE = (
    r"(?:^|人民政府|政府|国务院|自治[区州县旗]|[省市区县州盟旗])(?:代理|代)?"
    r"(?:省长|市长|区长|县长|州长|盟长|旗长|主席|总理)"
)
_SPEAKER = re.compile(rf"{_OFFICE}[:\s]*({_HAN}(?:[·{_HAN[1:-1]}]){{1,9}})$")
_OFFICE_LINE = re.compile(rf"{_OFFICE}:?$")
_NAME_LINE = re.compile(rf"^{_HAN}[·{_HAN[1:-1]}]{{1,9}}$")
_PAGE_DATE = re.compile(r"^(?:发布|时间|日期|(?:19|20)\d\d[年-])")
_YESTERDAY = re.compile(r"^[^。]{0,12}昨(?:天|日)[^。]*(?:开幕|会议|报告)")
_TITLE = re.compile(r"^《?[^,。!?:]{0,40}工作报告》?[^,。!?:]{0,12}$")
_COLLECTION = re.compile(r"多篇|篇[一二三四五六七八九\d]+$|范文")
# The nation's reports carry the year in the title alone.
_NATION_TITLE = re.compile(r"国务院|中华人民共和国")
_PRINTED_PLACE = re.compile(
    rf"(?:在|代表|^|,|年|日|——)(?!我|本|全|现在|在|代表|是)({_HAN}{{2,12}}?(?:自治州|自治县|新区|开发区|省|市|区|县|州|盟|旗|镇|乡))"
    r"(?=第[一二三四五六七八九十]|人民|政府|[省市区县州盟旗镇乡]长|十[一二三四五六七八九]?届|$)"
)
_OWN_CLASS = re.compile(r"代表(?:我)?([省市区县州盟旗镇乡])(?:人民)?政府")
_CLASSES = frozenset({"自治区", "自治州", "自治县", "开发区"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """The header of a report as values; see ``Report`` for the meaning of each."""

    title: str
    place: Place | None
    place_name: str | None
    year: int | None
    delivered: str | None
    speaker: str | None


def read_metadata(
    span: ReportSpan, origin: Origin = UNKNOWN, correction: Correction | None = None
) -> Metadata:
    """Read the header and the body's references to itself; ``origin`` fills what they leave open, and
    ``correction`` overrules all of them."""
    lines = [p.text for p in span.header]
    body = "".join(p.text for p in span.body)
    opening = "".join(p.text for p in span.body[:3])[:200]
    delivered = _delivered(lines)
    year = _year(lines, delivered, span) or origin.year
    place, name = _place(lines, opening, body)
    if name is None and origin.place and _may_be(origin.place[0], opening):
        place = resolve(origin.place[0], "".join(origin.place))
        name = place.name if place else origin.place[0]
    read = Metadata("", place, name, year, delivered, _speaker(lines))
    meta = _corrected(read, correction) if correction else read
    printed = None if correction is None else correction.values.get("title")
    return replace(meta, title=str(printed or _title(lines, meta.place_name, meta.year)))


def _corrected(read: Metadata, correction: Correction) -> Metadata:
    """What was read, overruled. A day corrected moves the year, if that is not corrected itself; a year
    corrected drops a day of another year, which was read wrongly then."""
    values, meta = correction.values, read
    if "place" in values:
        place = correction.place
        meta = replace(meta, place=place, place_name=place.name if place else None)
    if "speaker" in values:
        speaker = values["speaker"]
        meta = replace(meta, speaker=str(speaker) if speaker else None)
    if "delivered" in values:
        told = values["delivered"]
        meta = replace(meta, delivered=str(told) if told else None)
        meta = replace(meta, year=int(str(told)[:4])) if told else meta
    if "year" in values:
        year = values["year"]
        meta = replace(meta, year=int(year) if year else None)
        if meta.delivered and not meta.delivered.startswith(str(meta.year)):
            meta = replace(meta, delivered=None)
    return meta


def _may_be(place: str, opening: str) -> bool:
    """False if the opening speaks for a government of another class (区 where a province's site shows
    the page)."""
    told = _OWN_CLASS.search(opening)
    return told is None or place.endswith(told.group(1))


def _title(lines: list[str], place: str | None, year: int | None) -> str:
    """The printed title if it names the place; else one made of year and place, if known."""
    titles = [line.strip("《》") for line in lines if _TITLE.match(line)]
    if place is None:
        return titles[0] if titles else "政府工作报告"
    if place == THE_NATION.name:
        return titles[0] if titles else f"{year}年国务院政府工作报告"
    named = next((title for title in titles if place in title), None)
    if named and not _COLLECTION.search(named):
        return named
    abridged = "(摘要)" if any("摘要" in title for title in titles) else ""
    return f"{year}年{place}政府工作报告{abridged}" if year else f"{place}政府工作报告{abridged}"


def _delivered(lines: list[str]) -> str | None:
    """The date of the meeting; the page's own date only with the word 昨天 beside it."""
    for index, line in enumerate(lines):
        nearby = "".join(lines[index : index + 2])
        found = _date_in(line)
        if found and not _PAGE_DATE.match(line) and _MEETING.search(nearby):
            return found.isoformat()
        if found and _MEETING.search(nearby) and "在" in line:
            return found.isoformat()
    page = next((d for line in lines if _PAGE_DATE.match(line) and (d := _date_in(line))), None)
    if page and any(_YESTERDAY.match(line) for line in lines):
        return (page - timedelta(days=1)).isoformat()
    return None


def _date_in(text: str) -> date | None:
    match = _DATE.search(text)
    if match:
        return _valid_date(*map(int, match.groups()))
    match = _HAN_DATE.search(text)
    if match:
        year = han_year(match.group(1))
        return _valid_date(year or 0, _han_number(match.group(2)), _han_number(match.group(3)))
    return None


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _han_number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    value = "一二三四五六七八九".find(ones) + 1 if ones else 0
    return value + (10 * ("一二三四五六七八九".find(tens) + 1 if tens else 1) if ten else 0)


def _year(lines: list[str], delivered: str | None, span: ReportSpan) -> int | None:
    if delivered:
        return int(delivered[:4])
    for line in lines:
        if "工作报告" in line and (years := years_in(line)):
            return years[0]
    page = next((d for line in lines if _PAGE_DATE.match(line) and (d := _date_in(line))), None)
    if page:
        return page.year
    planned = [
        p.text for p in span.body if len(p.text) < 40 and re.search("安排|任务|目标|部署", p.text)
    ]
    years = [year for line in planned for year in years_in(line)]
    return max(years) if years else None


def _speaker(lines: list[str]) -> str | None:
    for index, line in enumerate(lines):
        match = _SPEAKER.search(line)
        if match:
            return match.group(1)
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if _OFFICE_LINE.search(line) and _NAME_LINE.match(following):
            return following
    return None


def _place(lines: list[str], opening: str, body: str) -> tuple[Place | None, str | None]:
    if any(_NATION_TITLE.search(line) for line in lines) or "我代表国务院" in opening:
        return THE_NATION, THE_NATION.name
    context = "".join(lines) + body
    for text in (*_place_lines(lines), opening):
        name = _printed_place(text)
        if name:
            place = resolve(name, context)
            return place, place.name if place else name
    name = _place_of_body(body)
    return (resolve(name, context), name) if name else (None, None)


def _place_lines(lines: list[str]) -> list[str]:
    """Header lines that may name the place, the most telling first: meeting, speaker, title."""

    def rank(line: str) -> int:
        if _MEETING.search(line) or re.search("年.{1,9}日在", line):
            return 0
        if re.search(_OFFICE, line):
            return 1
        return 2 if "工作报告" in line else 3

    return sorted((line for line in lines if rank(line) < 3), key=rank)


def _printed_place(text: str) -> str | None:
    """The place a header line names, perhaps with its parents: 杭州市上城区."""
    for match in _PRINTED_PLACE.finditer(text):
        name = match.group(1)
        if name not in _CLASSES:
            return name
    return None


def _place_of_body(body: str) -> str | None:
    """The place whose committee, government or people the body calls its own; None if in doubt."""
    counts = Counter(name for name in full_names_in(body) if _is_own(name, body))
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < 3:
        return None
    if len(ranked) == 2 and ranked[1][1] * 2 > ranked[0][1]:
        return None
    return ranked[0][0]


def _is_own(name: str, body: str) -> bool:
    """True if the body speaks of ``name`` as of itself; 城区 is a word before it is a district."""
    if f"中共{name}委" in body:
        return True
    bearers = by_full_name()[name]
    return len(bearers) == 1 and len(name) > 2 and body.count(bearers[0].short_name) >= 6
