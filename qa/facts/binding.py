"""Figures bound to what they measure: from a clean sentence to drafts of facts.

A sentence is read from left to right, one group of figures at a time (a group is what only 、 or 和
separates: 分别增长5.8%、7.3%). Each group has the words before it, its head.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice

from qa.facts.figures import Figure
from qa.facts.grouping import figure_groups, shared_by_group
from qa.facts.lexicon import canonical, parts
from qa.facts.naming import (
    action_of,
    distribute,
    is_joint,
    is_same,
    lean_on,
    moved_completion,
    printed_name,
    topic_of,
)
from qa.facts.wording import Head, read_head, starts_predicate

_BOUNDARY = re.compile(r"[,;:。!?…\n]|——")
# What is counted begins with a sign of a word; 5G基站 is one too.
_COUNTABLE = re.compile(r"[一-龥“《A-Za-z]|\dG")
_CHANGES = re.compile(
    r"(?:有效|大幅|进一步)?(?:(?P<fall>压降|压减|压缩|削减|降低|减少|下降)|(?P<rise>提高|提升|增加))(?=[^率比]*$)"
)
# 810个省重点项目完成投资10428.6亿元: the noun of the first figure ends at the verb.
_RUN_ON = re.compile("完成|实现|达到?|总投|投资|增长|新增|实施|参加|覆盖|惠及|累计|年均")
_METHOD = re.compile(r"(?:扣除|剔除|按)[^,]{1,14},?$")
_INCREMENT_VERB = re.compile(
    r"(增加|减少|增收|减亏|提高|提升|下降|降低|增长|上升|缩短|压减|扩大|缩小|回落|净增)[^增减提下降升]*$"
)


@dataclass(slots=True)
class Draft:
    """A fact in the making. ``level``, ``growth`` and ``change`` are figures of the sentence.

    ``start``/``end`` bound the words it was read from, ``words`` are those before its figures,
    ``base`` marks the level a change starts from.
    """

    name: str
    start: int
    end: int
    words: str = ""
    level: Figure | None = None
    growth: Figure | None = None
    sign: int = 1
    growth_words: str = ""
    change: Figure | None = None
    change_verb: str = ""
    base: bool = False
    lead: str = ""
    action: str = ""

    @property
    def figure(self) -> Figure:
        figure = self.level or self.growth or self.change
        assert figure is not None
        return figure


@dataclass(slots=True)
class _State:
    text: str
    drafts: list[Draft] = field(default_factory=list)
    position: int = 0
    action: str = ""
    clause: int = 0
    seen: int = 0


def bind(text: str) -> list[Draft]:
    """Drafts of the facts a clean sentence states, in order."""
    state = _State(text)
    groups = figure_groups(text)
    for index, group in enumerate(groups):
        following = groups[index + 1][0].left if index + 1 < len(groups) else len(text)
        _bind_group(state, group, following)
    return [draft for draft in state.drafts if draft.level or draft.growth or draft.change]


def _bind_group(state: _State, group: list[Figure], following: int) -> None:
    text, first = state.text, group[0]
    start = _head_start(state, first.left)
    if text[start : first.left].startswith("(") and state.drafts:
        start += 1
    head = read_head(text, start, first.left)
    if head.role in ("comparison", "conversion") or _is_ratio_to_a_base(group, head):
        state.position = group[-1].right
        return
    tail_end = _tail_end(text, group[-1].right, following)
    if first.kind == "point" and head.role not in ("rise", "fall"):
        state.position = group[-1].right
        return
    _place(state, group, head, start, tail_end)


# 是2018年的二十倍 tells how a figure stands to another one: no figure of 2018, nor one of its own.
_OF_A_BASE = re.compile(
    r"(?:是|为|相当于|达到?)[^,。]{0,4}?(?:(?:19|20)\d\d年[末底]?|[去上前]年|同期|五年前|“?[一二三四五六十]{1,3}五”?[末初]期?)的"
)


def _is_ratio_to_a_base(group: list[Figure], head: Head) -> bool:
    return group[0].kind == "multiple" and bool(_OF_A_BASE.search(head.adverbs))


def _head_start(state: _State, left: int) -> int:
    """The end of the last boundary or of the group before, whichever comes later."""
    text = state.text
    clause = max((m.end() for m in _BOUNDARY.finditer(text, state.seen, left)), default=0)
    state.seen = max(state.seen, left)
    if clause > state.clause:
        state.clause, state.action = clause, ""
    start = max(state.position, state.clause)
    open_paren = text.rfind("(", start, left)
    if open_paren >= 0 and ")" not in text[open_paren:left]:
        return open_paren + 1
    return start


def _tail_end(text: str, right: int, following: int) -> int:
    match = re.compile(r"[,;:。!?、()\n]").search(text, right, following)
    return match.start() if match else following


def _place(state: _State, group: list[Figure], head: Head, start: int, tail_end: int) -> None:
    text, _figure = state.text, group[0]
    subject = head.subject
    tail = text[group[-1].right : tail_end]
    if head.subject.startswith("占") and len(head.subject) > 1:
        _place_share(state, group, head)
    elif _counts_behind(group, head, tail):
        _place_counted(state, group, head, tail, tail_end)
    elif not subject or (is_same(subject) and state.drafts):
        _place_on_current(state, group, head, tail, tail_end)
    else:
        _place_named(state, group, head)
    state.position = max(state.position, group[-1].right)


def _current(state: _State) -> Draft | None:
    return next((d for d in reversed(state.drafts) if not d.base or d is state.drafts[-1]), None)


def _place_share(state: _State, group: list[Figure], head: Head) -> None:
    current = _current(state)
    whole = head.subject
    name = (current.name if current else "") + whole
    if not name.endswith(("比重", "比例", "占比", "的比重", "的比例")):
        name += "比重"
    if group[0].kind == "percent" and head.role in ("bare", "level", "from"):
        _append(state, name.replace("的比重", "比重"), group[0], head, group)


def _counts_behind(group: list[Figure], head: Head, tail: str) -> bool:
    """True if the noun that is counted stands behind the figure: 改造30个老旧小区."""
    figure = group[0]
    noun = tail.strip("”’")
    if len(group) > 1 or len(noun) < 2 or head.role in ("rise", "fall", "from", "base"):
        return False
    if figure.kind in ("point", "multiple", "bare", "weak") or not _COUNTABLE.match(noun):
        return False
    if starts_predicate(noun, 0):
        return False
    if figure.kind == "percent":
        return not head.subject
    subject = head.subject
    verb = action_of(subject)
    return (
        not subject
        or subject.endswith("等")
        or (len(subject) - len(verb) <= 4 and bool(verb))
        or (len(subject) <= 4 and not canonical(subject))
    )


def _place_counted(
    state: _State, group: list[Figure], head: Head, tail: str, tail_end: int
) -> None:
    figure = group[0]
    joint = re.search(r"(?:和|及|与|以及)$", tail)
    noun = tail[: joint.start()] if joint else tail
    runs_on = not joint and state.text[tail_end : tail_end + 1].isdigit()
    if runs_on:
        noun = _RUN_ON.split(noun, maxsplit=1)[0] or noun
    subject = head.subject
    verb = action_of(subject) or (subject if not subject.endswith("等") else "")
    if (
        not subject
        and state.action
        and state.text[figure.left - 1 : figure.left] in ("、", "和", "及", "与")
    ):
        verb = state.action
    state.action = state.action or verb
    name, moved = moved_completion(noun) if not verb else (verb + noun, verb)
    name, verb = printed_name(name), verb or moved
    if figure.kind == "percent":
        name = printed_name(noun) + "比例"
    if name:
        end = figure.right + len(noun)
        first = head.start if subject else figure.left
        draft = Draft(name, first, end, head.adverbs, level=figure, lead=head.lead, action=verb)
        state.drafts.append(draft)
        # 62个省级组团实施重点项目1000多个: the noun is the head of the next figure too.
        state.position = figure.right if runs_on else tail_end if joint else end


def _place_on_current(
    state: _State, group: list[Figure], head: Head, tail: str, tail_end: int
) -> None:
    targets = _targets(state, len(group), head)
    if not targets:
        _place_on_topic(state, group, head)
        return
    for draft, figure in zip(targets, group, strict=False):
        _attach(state, draft, figure, head, group)


def _targets(state: _State, count: int, head: Head) -> list[Draft]:
    drafts = state.drafts
    if not drafts:
        return []
    if head.role == "from":
        return []
    if count == 1:
        current = _current(state)
        return [current] if current else []
    newest = drafts[-count:]
    if len(newest) == count and all(draft.base for draft in newest):
        # 从46503元和16935元分别提高到58794元和23184元: each has its own later figure.
        return newest
    latest = list(islice((d for d in reversed(drafts) if not d.base), count))
    return latest[::-1] if len(latest) == count else []


def _place_on_topic(state: _State, group: list[Figure], head: Head) -> None:
    topic = topic_of(state.text[max(0, head.start - 200) : head.start])
    if topic is not None and len(group) == 1:
        _append(state, topic, group[0], head, group)


def _attach(state: _State, draft: Draft, figure: Figure, head: Head, group: list[Figure]) -> None:
    """Give a figure without a subject of its own to the fact before, or start its sibling."""
    state.position = max(state.position, figure.right)
    if head.role == "base":
        state.drafts.insert(
            len(state.drafts) - 1,
            Draft(draft.name, head.start, figure.right, head.adverbs, level=figure, base=True),
        )
        return
    if draft.base:
        _append(state, draft.name, figure, head, group)
        state.drafts[-1].start = min(state.drafts[-1].start, draft.start)
        return
    if head.role in ("rise", "fall"):
        _attach_growth(state, draft, figure, head, group)
    elif (
        draft.level is None
        and head.role in ("level", "bare")
        and (head.role == "level" or draft.growth is None)
    ):
        draft.level, draft.end = figure, figure.right
        draft.words += head.adverbs
    elif draft.level is not None and head.role == "level" and figure.kind == "money":
        # 首次突破万亿元,达到11377亿元: the amount behind the mark that was passed is the figure.
        if draft.level.qualifier in ("突破", "超过", "超"):
            draft.level, draft.end = figure, figure.right
        elif _is_of_another_year(state, draft, figure, head):
            _append(state, draft.name, figure, head, group)
    elif (
        draft.level is not None
        and draft.level.unit != figure.unit
        and figure.kind != "percent"
        and head.role == "bare"
    ):
        _append(state, draft.name, figure, head, group)


# 其中1985年为1274亿元, behind the amount of five years.
_OWN_YEAR = re.compile(r"(?:(?:19|20)\d\d|[一二][九〇零○O0][〇零○O0一二三四五六七八九]{2})年")


def _is_of_another_year(state: _State, draft: Draft, figure: Figure, head: Head) -> bool:
    """True if the words between the draft's amount and the figure name a year, and the unit is the same."""
    between = state.text[draft.figure.right : figure.left]
    same_unit = draft.level is not None and draft.level.unit == figure.unit
    return same_unit and bool(_OWN_YEAR.search(between)) and not re.search("[比较由从]", between)


def _attach_growth(
    state: _State, draft: Draft, figure: Figure, head: Head, group: list[Figure]
) -> None:
    if figure.kind not in ("percent", "multiple"):
        return
    if draft.growth is None:
        draft.growth, draft.sign = shared_by_group(figure, group), _sign(head)
        draft.growth_words = _growth_words(state, draft.end, head) + figure.unit
        draft.end = max(draft.end, figure.right)
        return
    _append(state, draft.name, figure, head, group)
    newest = state.drafts[-1]
    if draft.level is not None and _is_average(newest) and not _is_average(draft):
        # The amount stands with the average growth, the growth over all years stands alone.
        newest.level, draft.level = draft.level, None
        newest.start = draft.start


def _is_average(draft: Draft) -> bool:
    return bool(re.search("年均|平均|每年", draft.growth_words))


def _growth_words(state: _State, start: int, head: Head) -> str:
    """The words a growth is qualified by: its own and a clause of method before it."""
    method = _METHOD.search(state.text[max(start, head.start - 20) : head.start])
    return (method.group() if method else "") + head.adverbs


def _sign(head: Head) -> int:
    return -1 if head.role == "fall" else 1


def _place_named(state: _State, group: list[Figure], head: Head) -> None:
    subject = _full_subject(state, head)
    names = _names(subject, group, head)
    for name, figure in zip(
        names, group if len(group) == len(names) else [group[0]] * len(names), strict=False
    ):
        _append(state, name, figure, head, group)
    if len(names) == 1:
        for figure in group[1:]:
            _append(state, names[0], figure, head, group)


def _full_subject(state: _State, head: Head) -> str:
    """The subject with what it takes from before: a leaning noun's stem, a list's verb."""
    subject = head.subject
    current = _current(state)
    leaning = lean_on(
        subject, current.name if current else "", state.text[max(0, head.start - 200) : head.start]
    )
    if leaning:
        return leaning
    verb = action_of(subject)
    first = state.text[head.start - 1 : head.start]
    if (
        not verb
        and state.action
        and first in ("、", "和", "及", "与")
        and _is_countable(subject)
        and head.role in ("bare", "level")
    ):
        return state.action + subject
    if verb and not canonical(subject):
        state.action = verb
    return subject


def _is_countable(subject: str) -> bool:
    """True if a list's verb may stand before the name: 新增 before 科技型中小企业, not before GDP."""
    indicator = canonical(subject)
    return indicator is None or indicator.kind == "count"


def _names(subject: str, group: list[Figure], head: Head) -> list[str]:
    if len(group) > 1:
        names = distribute(subject, len(group))
        if names:
            return names
    if re.search("均|都|双双|同步|各", head.adverbs) or is_joint(subject):
        for count in (2, 3, 4):
            names = distribute(subject, count)
            if names and (count == 2 or "、" in subject or parts(subject)):
                return names
    several = parts(subject)
    if several and len(group) == 1:
        return [indicator.name for indicator in several]
    return [printed_name(subject)]


def _append(state: _State, name: str, figure: Figure, head: Head, group: list[Figure]) -> None:
    figure = shared_by_group(figure, group)
    if head.role == "bare" and figure.kind == "percent" and (verb := _CHANGES.match(name)):
        # 压降非重点支出10%: the verb stands before its object.
        name = name[verb.end() :]
        head = replace(head, role="fall" if verb["fall"] else "rise", subject=name)
    draft = Draft(
        name,
        head.start,
        figure.right,
        head.adverbs,
        base=head.role in ("from", "base"),
        lead=head.lead,
        action=action_of(name),
    )
    before = _current(state)
    if (
        before
        and state.text[head.start - 1 : head.start] == "、"
        and head.role == "bare"
        and not head.adverbs
    ):
        draft.lead += before.lead + before.words
    if head.role in ("rise", "fall") and figure.kind in ("percent", "multiple"):
        draft.growth, draft.sign = figure, _sign(head)
        draft.growth_words = _growth_words(state, state.position, head) + figure.unit
    elif head.role in ("rise", "fall"):
        draft.change = figure
        verb = _INCREMENT_VERB.search(head.adverbs)
        draft.change_verb = verb.group(1) if verb else ""
    else:
        draft.level = figure
    if name and not _joined(state, draft):
        state.drafts.append(draft)
    state.position = max(state.position, figure.right)


def _joined(state: _State, draft: Draft) -> bool:
    """True if a growth joined the amount its sentence gave before, under the same name."""
    if draft.growth is None:
        return False
    for before in islice(reversed(state.drafts), 8):
        if before.name == draft.name and before.level and not before.growth and not before.base:
            before.growth, before.sign = draft.growth, draft.sign
            before.growth_words, before.end = draft.growth_words, draft.end
            return True
    return False
