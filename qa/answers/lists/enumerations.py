"""Names enumerated within a sentence: A、B、C等三个…."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median_low

from qa.answers.lists.clauses import CLAUSE, NAME, QUOTE, pieces
from qa.answers.lists.listing import HEADED, Item, Listing, Unit, headings_above
from qa.answers.lists.numerals import HAN, MEASURE, NUMERAL, number_of

# Where the last name of an enumeration ends, if its clause goes on.
_LAST_NAME = re.compile(
    rf"等|{NUMERAL}(?:大|个|家|项|类|条|种|座|处|名|件|位|所|只|支|片|批|地)|的?“[双\d{HAN[1:-1]}]|\("
    r"|国家级|省级|市级|成为|入选|获评|荣获|创成|创建|建成|建立|纳入|进入|列入|已(?!经)|均|被|实现|完成"
)
# What an enumeration's clause does with its names stands before the first one.
_VERB = re.compile(
    r"做大做强|做优做强|分别[是为]|设立|建立|新增|创建|打造|深化|推进|推动|编制|发展|加快|做[好大强优]|实现|完成|建设|实施|围绕|包括"
    r"|培育|壮大|引进|支持|抓好|落实|布局|集聚|争取|完善|整合|改造|拓展|开拓|保护|擦亮|推出|推广|探索|开通|承办|办好|新建|盘活|谋划|激活|聚焦|突出|强化|加强|优化|提升|开展|举办|获评|荣获|入选|成立|启动|扶持|吸引|成功|^[与在把将以]|[是为即]"
)
_AND = re.compile("以及|[和与及]")
# A clause that tells what the one before it has announced.
_GOES_ON = re.compile("分别|包括|涵盖|涉及|即|就是|主要[有是]|[是为有]")
# 建设银行 and 发展改革 are names.
_MAY_BE_NAME = ("建设", "发展", "保护", "创建")


def enumerated_names(units: Sequence[Unit]) -> Iterator[Listing]:
    """Enumerations: A、B、C等三个…, A、B和C, 三个…:A、B、C."""
    for index, unit in enumerate(units):
        clauses = pieces(CLAUSE, HEADED.sub("", unit.text))
        for before, clause in pairwise(["", *clauses]):
            names = pieces(NAME, clause)
            names = names if len(names) > 1 else _within_quotes(clause)
            if len(names) > 1:
                near = f"{before} {clause}" if _GOES_ON.match(clause) else clause
                yield from _enumerations(names, index, near, f"{before} {headings_above(unit)}")


# “医药、医疗、医养”三条主线
_QUOTED_NAMES = re.compile("“([^“”]+、[^“”]+)”(.*)")


def _within_quotes(clause: str) -> list[str]:
    """The names that stand together in one pair of quotes, the last with what follows them."""
    quoted = _QUOTED_NAMES.search(clause)
    if quoted is None:
        return []
    *names, last = quoted.group(1).split("、")
    # A slogan in quotes has the same signs; only a number behind it says that it is a list.
    is_list = _counted(quoted.group(2)) == len(names) + 1
    return [*names, last + quoted.group(2)] if is_list else []


def _enumerations(names: Sequence[str], index: int, near: str, far: str) -> Iterator[Listing]:
    last, tail = _cut_last(names[-1])
    subject = tail.removeprefix("等").lstrip("的").split("(")[0]
    counted, is_open = _counted(tail), tail.startswith("等")
    for reading in _readings([*names[:-1], last], counted):
        if counted and not is_open and len(reading) < counted:
            # …征集、初步遴选形成12件民生实事: what is counted is not what stands before.
            continue
        more = "等" if is_open and counted != len(reading) else ""
        items = [Item(name, index) for name in (*reading[:-1], reading[-1] + more)]
        announced = counted if is_open else None
        yield Listing("names", tuple(items), near, far, subject, announced)


def _counted(tail: str) -> int | None:
    """How many the words behind an enumeration say it names: 等6个项目."""
    number = re.match(rf"等?({NUMERAL})(?:{MEASURE})", tail)
    return number_of(number.group(1)) if number else None


def _readings(names: Sequence[str], counted: int | None) -> Iterator[list[str]]:
    """The names; those that the number behind them counts (集聚资源、发展A、B、C三大产业); with the
    last one taken for two (A、B和C)."""
    if counted and 1 < counted < len(names):
        names = names[-counted:]
    for ending in _endings(names[-1]):
        yield [_cut_first(names[0], [*names[1:-1], ending[0]]), *names[1:-1], *ending]


def _endings(last: str) -> Iterator[tuple[str, ...]]:
    """The last name, and in a second reading the two that 和 joins in it."""
    yield (last,)
    joined = tuple(part for part in _AND.split(last, maxsplit=1) if len(part) > 1)
    if len(joined) > 1:
        yield joined


def _cut_first(first: str, others: Sequence[str]) -> str:
    """The first name without what is done with it: 创建大夫店、麻王 → 大夫店.

    A list of deeds (强化…、优化…) stays whole; a verb inside goes only if the name is longer than
    the others.
    """
    usual = median_low(map(len, others))
    while verb := _VERB.search(_without_quotes(first)):
        opens = verb.start() == 0 and verb.group() not in _MAY_BE_NAME
        deeds = any(_VERB.match(other) for other in others)
        if len(first) - verb.end() < 2 or deeds or not (opens or len(first) > usual):
            break
        first = first[verb.end() :]
    return first


def _cut_last(name: str) -> tuple[str, str]:
    plain = _without_quotes(name, opening=True)
    end = next((m.start() for m in _LAST_NAME.finditer(plain) if m.start() > 0), None)
    return (name, "") if end is None else (name[:end], name[end:])


def _without_quotes(text: str, *, opening: bool = False) -> str:
    """The text with what is quoted blanked out, but for its first sign if ``opening``."""
    kept = 2 if opening else 0
    return re.sub(QUOTE, lambda m: m.group()[:kept].ljust(len(m.group()), "~"), text)
