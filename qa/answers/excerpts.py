"""Which part of a sentence is quoted: enough to answer, without the figures beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from embeddings.terms import bigrams
from qa.answers.sentences import Sentence
from qa.answers.sufficiency import defined_term
from qa.questions import Question
from qa.reports.clean_text import fold

_QUOTE_MAX_CHARS = 120
_EXPLANATION_MAX_CHARS = 300
_EACH = re.compile(
    r"(?:各自?|分别)[是要都]?[以用把将](?:什么|啥|哪些?)(?P<frame>[为作当][一-龥]{2,3})"
)
_ASKS_SEVERAL = re.compile(
    r"分别|各[是以有指为自]|有哪些|是哪些|哪几|哪[二两三四五六七八九十]|”和“[^”]*”[各分]?[别自]?[是指]"
)
# Not the comma within 6，600.
_CLAUSE_ENDS = re.compile(r"(?<=[,，;；])(?<!\d[,，](?=\d{3}))")
FIGURE = re.compile(r"\d[\d.,]*\s*(?:%|‰|个百分点|[万亿]*[一-龥]?)")
ASKS_FIGURE = re.compile("多少|几|多[大高长快]|占比|比例")
QUOTED = re.compile("[“《]([^”》]{1,20})[”》]")
ASKS_PARTS = re.compile(
    r"[指是](?:的是)?(?:什么|啥|哪)|代表(?:什么|啥|哪)|什么意思|怎么解释|包括哪|有哪些|是哪些"
)


def excerpt(candidate: Sentence, question: Question) -> str:
    """The part of the sentence that is quoted: whole clauses."""
    return _telling_part(candidate.text, question, _most_chars(question, candidate))


def asked_of_each(question: Question) -> str:
    """The words that come back in each of the parts asked for (为基底 of 各以什么为基底), else empty."""
    asked = _EACH.search(fold(question.text))
    return asked["frame"] if asked else ""


def words_of(question: Question) -> list[str]:
    """The search terms of the question and of the turns it leans on."""
    return bigrams(fold(f"{question.core} {question.context}"))


def _most_chars(question: Question, candidate: Sentence) -> int:
    """How much of a sentence is quoted: less where it is a guess, more where several things are asked
    for, which stand side by side in one long sentence."""
    frame = asked_of_each(question)
    if frame and fold(candidate.text).count(frame) > 1:
        return _EXPLANATION_MAX_CHARS
    if candidate.is_faint:
        return _QUOTE_MAX_CHARS // 2
    text = fold(question.text)
    if defined_term(question) or (QUOTED.search(text) and ASKS_PARTS.search(text)):
        return _EXPLANATION_MAX_CHARS
    return _QUOTE_MAX_CHARS * (2 if _ASKS_SEVERAL.search(text) else 1)


def _telling_part(sentence: str, question: Question, most: int) -> str:
    """The run of clauses, at most ``most`` signs long, that holds most of what is asked; of a figure
    only those that it needs, so that its neighbours are not offered with it."""
    clauses = _CLAUSE_ENDS.split(sentence)
    asked = set(words_of(question))
    text = fold(question.text)
    wants_one = len(_INTERROGATIVE.findall(text)) <= 1 and bool(_WANTS_FIGURE.search(text))
    if wants_one and len(sentence) > _SHORT and (run := _needed(clauses, asked, most)):
        return run
    return sentence if len(sentence) <= most else _grown(clauses, asked, question, most)


_WANTS_FIGURE = re.compile(ASKS_FIGURE.pattern + r"|金额|数额|数量|增速|增幅|降幅|总额")
_INTERROGATIVE = re.compile(
    r"多少|几|何|哪|谁|什么|怎|多[大高长快]|占比|比例|分别|各|[和及与、]|[,。?]\s*\S"
)
# A sentence this short is quoted whole.
_SHORT = 50
# Words asked that a clause must hold to be the answer's core.
_NEEDED_WORDS = 2
# Clauses further off tell of something else.
_NEAR = 6
# Words that tell of any figure.
_OF_FIGURES = frozenset(
    [
        "增速",
        "增幅",
        "增长",
        "总额",
        "总量",
        "数量",
        "金额",
        "同比",
        "下降",
        "目标",
        "计划",
        "完成",
        "实现",
        "达到",
    ]
)
_LEANS_BACK = re.compile(
    r"其中|同比|增长|下降|增速|增幅|降幅|占|达到?[\d]|较|比上年|比去年|居|分别|总"
)
_LEANS_ON = re.compile(
    r"同比|实际|名义|年均|扣除|增长|下降|增速|增幅|降幅|占|较|比上年|比去年|居|位居|位列|完成率"
)


def _needed(clauses: Sequence[str], asked: set[str], most: int) -> str:
    """The shortest run of clauses around the one that tells most, with a figure and all others that
    tell more of what is asked; empty if no clause tells much or the run is too long."""
    told = [(asked - _OF_FIGURES) & set(bigrams(fold(clause))) for clause in clauses]
    figures = [bool(FIGURE.search(fold(clause))) for clause in clauses]
    best = max(range(len(clauses)), key=lambda i: len(told[i]) + 0.5 * figures[i])
    if len(told[best]) < _NEEDED_WORDS:
        return ""
    covered = set(told[best])
    start, end = best, best + 1
    for i in sorted(range(len(clauses)), key=lambda i: -len(told[i])):
        if told[i] - covered and abs(i - best) <= _NEAR:
            covered |= told[i]
            start, end = min(start, i), max(end, i + 1)
    while end < len(clauses) and not any(figures[start:end]):
        end += 1
    while start > 0 and _LEANS_BACK.match(clauses[start].strip()):
        start -= 1
    while end < len(clauses) and _LEANS_ON.match(clauses[end].strip()):
        end += 1
    if end < len(clauses) and clauses[end].strip().startswith("分别"):
        # The figures of several clauses stand behind all of them.
        return ""
    run = "".join(clauses[start:end]).strip(" ,，;；")
    return run if len(run) <= most else ""


def _grown(clauses: Sequence[str], asked: set[str], question: Question, most: int) -> str:
    """The run that grows from the clause that tells most, on the side that tells more."""
    figure = bool(ASKS_FIGURE.search(question.text))
    gains = [
        len(asked & set(bigrams(clause))) + 0.5 * (figure and bool(FIGURE.search(fold(clause))))
        for clause in clauses
    ]
    best = max(range(len(clauses)), key=lambda i: gains[i])
    start, end = best, best + 1
    while True:
        length = len("".join(clauses[start:end]))
        grow_right = end < len(clauses) and length + len(clauses[end]) <= most
        grow_left = start > 0 and length + len(clauses[start - 1]) <= most
        if grow_right and (not grow_left or gains[end] >= gains[start - 1]):
            end += 1
        elif grow_left:
            start -= 1
        else:
            return "".join(clauses[start:end]).strip(" ,，;；")
