"""What a figure measures: canonical names, distributed subjects, and the open tail.

Outside the lexicon a fact keeps the noun phrase the text prints (新增国家级高新技术企业).
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile

from qa.facts.lexicon import Indicator, canonical, dependent_nouns, find_indicators, parts
from qa.facts.wording import any_of, words

_JOINT = re.compile(r"、|和|及|与|以及")
_MEASURED = re.compile(
    r"(?:率|额|值|量|数|比|比重|比例|占比|收入|支出|投资|面积|强度|里程|余额|规模|价格|总量|寿命|浓度|覆盖面|就业|外资|出口|进口|进出口|警情|案件|起数|标准|产值|贷款|存款)$"
)
_DISTINCTION = re.compile(
    r"^(.{2,20}?)(?:成功|均|已|先后)?((?:入选|获评|列入|荣获|获批|纳入|跻身|通过|被认定为).{2,28})$"
)
# 新增高新技术企业 is not the number of 高新技术企业.
_INCREASE = re.compile("新|净|培育|引进|引育|招引|创建|入选|获评|认定|增加|减少|淘汰|关停")
_LISTED = re.compile(r"[^等]{1,60}(?<![高中初平优上同])等(?=.{2})")
_PUNCTUATION = "、,:;的和与及 ”“()"
# Longer subjects are sentences whose commas are missing; the noun stands at their end.
_LONGEST = 36


@cache
def _action() -> re.Pattern[str]:
    # Bounded: 全面完成 is one word or two, and doubt at each repetition would multiply.
    return re.compile(rf"{any_of('leading')}{{0,3}}({any_of('actions')}{{1,4}}了?)")


@cache
def _completion() -> re.Pattern[str]:
    verbs = any_of("completions")
    return re.compile(
        rf"^(.{{2,24}}?)(?:全部|均|已|实现|完成|如期|顺利|相继|陆续|全面|基本|建设|正式)*({verbs})$"
    )


def action_of(subject: str) -> str:
    """The verb a count's name opens with: 新增 in 新增国家级众创空间; empty if there is none."""
    match = _action().match(subject)
    return match.group(1).removesuffix("了") if match else ""


def canonical_name(subject: str, nation: bool) -> str | None:
    """The lexicon's name for a printed subject, by itself or behind verbs and scope words."""
    for start in _starts(subject):
        if _INCREASE.search(subject, 0, start):
            break
        found = canonical(subject[start:])
        if found is not None:
            return _of_nation(found.name, nation)
    return None


@cache
def _verbs() -> tuple[str, ...]:
    return (*words("actions"), *words("leading"))


def _starts(subject: str) -> list[int]:
    """Where a name may begin in a subject: at its start and behind every verb or 的."""
    starts = [0]
    verbs = _verbs()
    for start in range(1, len(subject)):
        if subject.endswith(verbs, 0, start):
            starts.append(start)
    return starts


def _of_nation(name: str, nation: bool) -> str:
    return (
        {
            "地区生产总值": "国内生产总值",
            "人均地区生产总值": "人均国内生产总值",
            "单位地区生产总值能耗": "单位国内生产总值能耗",
        }.get(name, name)
        if nation
        else name
    )


def printed_name(subject: str) -> str:
    """The subject as a name: without list examples (A、B等…), without hanging signs."""
    verb = action_of(subject)
    listed = _LISTED.match(subject, subject.find(verb) + len(verb))
    name = verb + subject[listed.end() :] if listed else subject
    name = re.sub(r"^(?:全[市区县省国州]|我[市区县省国])(?=.{2})", "", name)
    name = (
        name.strip(_PUNCTUATION)
        if name.count("(") == name.count(")")
        else name.strip("、,:;的和与及 ")
    )
    if name.count("“") != name.count("”"):
        name = subject.strip("、,:;的和与及 ")
    return name if len(name) <= _LONGEST else _end_of(name)


def _end_of(name: str) -> str:
    tail = name[-_LONGEST:]
    return tail.rpartition("、")[2] or tail


def moved_completion(noun: str) -> tuple[str, str]:
    """Name and verb of a noun that is counted by a figure before it.

    道路建成通车 → 建成通车道路, 企业入选国家名单 → 入选国家名单企业; the verb is empty if there is none.
    """
    match = _completion().match(noun) or _DISTINCTION.match(noun)
    return (match.group(2) + match.group(1), match.group(2)) if match else (noun, "")


def lean_on(subject: str, before: str, spoken: str) -> str | None:
    """The full name of a dependent noun: 增加值 behind 规模以上工业企业 → 规模以上工业增加值.

    ``before`` is the name of the fact before, ``spoken`` the sentence up to here.
    """
    if _PURSE.match(subject) and before:
        return before + subject
    if subject not in dependent_nouns():
        return None
    for stem in (
        before,
        before.removesuffix("数"),
        before.removesuffix("企业数"),
        before.removesuffix("企业"),
        re.sub("产量$|总产量$|产值$|增加值$", "", before),
    ):
        if stem and canonical(stem + subject):
            return stem + subject
    for mention in reversed(list(re.finditer(r"[一-龥]{2,4}", spoken))):
        for start in range(mention.end() - 2, mention.start() - 1, -1):
            for size in (2, 3, 4):
                stem = spoken[start : start + size]
                if len(stem) == size and canonical(stem + subject):
                    return stem + subject
        if mention.end() < len(spoken) - 60:
            break
    return None


# 企业46个、总投资1340亿元: of what was counted before.
_PURSE = re.compile(r"^(?:协议|计划)?(?:总投|总投资|投资额|总投资额|总金额|签约金额)$")
# 总额首次突破万亿元: of the indicator before.
_SAME = frozenset(
    {"总额", "总量", "规模", "总数", "数量", "总值", "总规模", "余额", "金额", "总人数", "水平"}
)


def is_same(subject: str) -> bool:
    """True if a subject only repeats that the amount of the indicator before is meant."""
    return subject in _SAME


def topic_of(spoken: str) -> str | None:
    """The indicator spoken of last in ``spoken``."""
    mentions = find_indicators(spoken)
    return (
        mentions[-1].indicators[0].name if mentions and len(mentions[-1].indicators) == 1 else None
    )


# What 城乡 stands for where two figures follow: 城乡低保标准分别提高13.1%和17.7%.
_TOWN_AND_COUNTRY = ("城市", "农村")


def distribute(subject: str, count: int) -> list[str]:
    """The ``count`` names in a subject that several figures share; empty if they do not match.

    城乡居民人均可支配收入 is two names, as are others of 城乡; 刑事、治安案件数 shares its end,
    基本养老、医疗保险参保率 both ends.
    """
    known = parts(subject) or _parts_behind(subject)
    if len(known) == count:
        return [indicator.name for indicator in known]
    if count == len(_TOWN_AND_COUNTRY) and subject.startswith("城乡"):
        return [side + subject.removeprefix("城乡") for side in _TOWN_AND_COUNTRY]
    names = [name for name in _JOINT.split(subject) if name]
    if len(names) != count:
        names = [name for name in subject.split("、") if name]
    if len(names) != count:
        return _expanded(names, count) if names else []
    return _completed(names)


def _parts_behind(subject: str) -> tuple[Indicator, ...]:
    for start in range(1, len(subject) - 3):
        known = parts(subject[start:])
        if known:
            return known
    return ()


def _expanded(names: list[str], count: int) -> list[str]:
    """Names of which some are composites: 地区生产总值、城乡居民人均可支配收入 for three figures."""
    found: list[str] = []
    for name in names:
        known = parts(name)
        found += [indicator.name for indicator in known] or [name]
    return found if len(found) == count else []


def _completed(names: list[str]) -> list[str]:
    names = _headed(names)
    last = names[-1]
    if not _MEASURED.search(last):
        return names
    return [_complete(name, last) for name in names[:-1]] + [last]


def _headed(names: list[str]) -> list[str]:
    """With the head that the first name gives to the others, where they are known by it:
    生产安全事故起数、死亡人数."""
    first = names[0]
    heads = [
        first[start:end] for start in range(len(first)) for end in range(start + 2, len(first))
    ]

    def whole(name: str) -> str:
        known = (
            head + name for head in heads if canonical(name) is None and canonical(head + name)
        )
        return max(known, key=len, default=name)

    return [first, *map(whole, names[1:])]


def _complete(name: str, last: str) -> str:
    """``name`` with the end it shares with ``last``, if it lacks one."""
    if _MEASURED.search(name):
        return name
    for size in range(2, len(name)):
        # 先进制造业、高技术制造业增加值: what follows their common end.
        at = last.rfind(name[-size:])
        if at < 0:
            break
        if at > 0 and at + size < len(last):
            return name + last[at + size :]
    for size in range(1, len(last)):
        if canonical(name + last[size:]):
            return name + last[size:]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name, last, strict=False)))
    own = len(name) if len(name) <= 4 else same + 2
    return name + last[own:]


def is_joint(subject: str) -> bool:
    """True if every part of a subject joined by 、 or 和 is an indicator of its own."""
    names = [name for name in _JOINT.split(subject) if name]
    return len(names) > 1 and all(canonical(name) for name in names)
