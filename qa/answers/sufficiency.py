"""Whether what was found can answer at all: refusals that precede quoting.

A quote that only names what the question wants explained, or tells this year's plan for last year's
result, looks like an answer and is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from embeddings.terms import bigrams
from prompts import messages
from qa.answers.answer import Answer, RefusalReason
from qa.answers.refusals import refuse
from qa.answers.sentences import Sentence
from qa.facts.figures import find_figures
from qa.library.library import Library
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.search import Findings

# Cosines of the bundled model between a question and its nearest sentence: 1 in 100 answerable
# shipped questions stays below .873; most chit-chat lies at .85–.87, some reaches .889.
_FOREIGN_BELOW = 0.872
_FOREIGN_WITHOUT_WORDS_BELOW = 0.89
_NUMERALS = "一二三四五六七八九十"
_ASKS_PARTS = re.compile(
    rf"是?哪(?P<n>[{_NUMERALS}\d]+)|(?:各|分别)(?:是|指)(?:什么|啥|哪)|怎么解释|(?:是)?什么意思|(?:指|说)的?是什么"
)
_QUOTED = re.compile("“([^”]{2,20})”")
# 回答前先声明“…,责任自负” quotes what shall be said, no term of a report.
_IS_SENTENCE = re.compile("[,。;!?]")
# So many clauses behind a term that counts are its explanation: “三个1亿人”问题,促进…,改造…,引导….
_IS_SUM = re.compile(r"[一二两三四五六七八九十]个")
_EXPLAINED_BEHIND = 3
_IS_COUNT = re.compile("[双两三四五六七八九十]")
_COUNTED_PART = re.compile(
    rf"(?<![\d年第])(\d{{1,2}}|[{_NUMERALS}]{{1,2}})(?:大|个|项|条|类|家|种|件|片|张|所|名|位|座|处|支|批|园|源|带|区|链|群|方面)"
)
_LEAST_COUNTED = 2
_ASKS_NAMES = re.compile(
    r"叫什么|[都各]?是哪些|分别(?:是|叫|有)|[都各]是(?:什么|啥|哪)|是什么[??]?$|有哪些"
)
# An enumeration of so many names is one, however many there are.
_LEAST_NAMED = 3
# Without a term only so many sentences may be about the thing whose parts are asked for.
_NEAREST = 3
_SEPARATOR = re.compile("[、;,:+]|和|与|[一二三四五六七八九]是")
_CONTENT = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_EMPTY_WORDS = re.compile(
    r"增长|下降|多少|几|多|呢|那|个|这|今年|去年|年|的|和|吗|什么|怎么|样|数据|情况"
)


_DEFINES = re.compile(
    r"^(?:请问|请解释一?下?|解释一?下?)?(?:什么是|何谓|何为|啥是|什么叫做?|什么叫作)(?P<ahead>[^,。?!;]{2,12})"
    r"|^(?P<behind>[^,。?!;\s]{2,24}?)(?:这个?(?:词|提法|说法))?(?:是|指的?是?)(?:个)?(?:什么|啥)意思"
)
# “吴越名城”那个区: what is quoted is a place.
_STANDS_FOR_A_PLACE = re.compile(
    "“[^”]{2,20}”(?:所在)?的?(?:那[个座份一])?(?:带的?)?(?:区|县|市|报告)"
)
# Signs of a term that is looked for letter by letter where it is not what is to be explained.
_LEAST_TERM = 3
_APART = re.compile(r"[\s“”‘’\"'·]")


_BEFORE_TERM = re.compile(r"^(?:(?:政府)?(?:工作)?报告)?[里中]?(?:所?[说讲写提][到的]*)?的?")


def defined_term(question: Question) -> str:
    """The words that the question wants defined without quoting them, less the place and the report
    that they are asked of: 一河五片 of 越城区的一河五片是什么意思; empty if there are none."""
    asked = _DEFINES.search(fold(question.text))
    if asked is None:
        return ""
    term = asked["ahead"] or asked["behind"]
    names = sorted((n for m in question.places for n in m.place.names), key=len, reverse=True)
    leading = next((name for name in names if term.startswith(name)), "")
    return _BEFORE_TERM.sub("", term.removeprefix(leading))


def absent_term(findings: Findings, library: Library) -> str | None:
    """The term that the question quotes or wants defined, or the place that it asks a report about, if
    no report asked prints it; of several none may be printed."""
    question = findings.question
    text = fold(question.text)
    asked_about = _STANDS_FOR_A_PLACE.sub(" ", text)
    quoted = [term for term in _QUOTED.findall(asked_about) if not _IS_SENTENCE.search(term)]
    terms = [term for term in quoted if term not in fold(question.anchor)]
    if not terms and (term := defined_term(question)):
        terms = [term]
    # 几连冠 is a question in quotes, “咯噔” a sound.
    defines = _ASKS_PARTS.search(text) or _DEFINES.search(text)
    least = 2 if defines else _LEAST_TERM
    terms = [term for term in terms if len(term) >= least and not re.search("几|多少|哪", term)]
    terms = [] if question.formal else terms
    terms += question.spoken_of
    if not terms:
        return None
    # “5分钟+10分钟” may be printed as 5分钟便利店+10分钟农贸市场.
    parts = [part for term in terms for part in _APART.sub("", term).split("+")]
    return None if _is_printed(parts, findings, library) else terms[0]


def _is_printed(words: Sequence[str], findings: Findings, library: Library) -> bool:
    """True if a report asked prints one of the words: the passages found are looked at first, but only
    the whole reports can say that it is nowhere."""
    found = _APART.sub("", "".join(fold(hit.passage.text) for hit in findings.hits))
    if any(word in found for word in words):
        return True
    for report_id in findings.scope.report_ids:
        report = library.reports[report_id]
        text = library.source_text(report_id)[report.start : report.end]
        whole = _APART.sub("", fold(text))
        if any(word in whole for word in words):
            return True
    return False


def is_unclear(question: Question) -> bool:
    """True if the question names nothing to look for: 多少? 那个呢?"""
    if question.indicators or question.context or question.formal:
        return False
    words = _EMPTY_WORDS.sub("", fold(question.rest))
    return len(_CONTENT.findall(words)) < 2 and not _QUOTED.search(words)


def is_foreign(findings: Findings, words_told: float) -> bool:
    """True if nothing in the reports comes near the question.

    ``words_told`` is the share of its words that one sentence holds. Without vectors only words
    speak.
    """
    question = findings.question
    if question.places or question.indicators or question.anchor:
        return False
    if not findings.dense:
        return words_told == 0
    nearest = max((hit.features.get("nearest", 0.0) for hit in findings.hits), default=0.0)
    return nearest < _FOREIGN_BELOW or (
        words_told < 0.05 and nearest < _FOREIGN_WITHOUT_WORDS_BELOW
    )


def lacks_parts(question: Question, sentences: Sequence[str]) -> bool:
    """True if the parts of something are asked for and every sentence only names the whole:
    是哪六张名片, answered by “打造6张名片”."""
    if _lacks_names(question.text, sentences):
        return True
    asked = _ASKS_PARTS.search(question.text)
    terms = _QUOTED.findall(question.text)
    if not asked or len(terms) > 1:
        return False
    term = terms[0] if terms else None
    wanted = _number(asked.group("n")) if asked.group("n") else _announced(question.text)
    telling = [s for s in sentences if term in s] if term else sentences[:_NEAREST]
    if not telling:
        return False
    return not any(_enumerates(sentence, term, wanted) for sentence in telling)


_ASKS_MONEY = re.compile(r"多少[万亿]*(?:元|钱|资金|款)|多少亿(?![吨千立平斤株棵人次])|几个亿")
_ASKS_PERCENT = re.compile(
    r"百分之几|几个?百分点|几个点|几成|多大比例|占比多|比重[是有]?多|(?:增长|下降|上升)了?多少(?![亿万个家件人元台公吨平])"
)


def lacks_figure(question: Question, sentences: Sequence[str]) -> bool:
    """True if an amount of money or a percentage is asked for and no sentence prints one: 募集了多少资金,
    answered by “成功上市”."""
    asked = [
        kind
        for kind, pattern in (("money", _ASKS_MONEY), ("percent", _ASKS_PERCENT))
        if pattern.search(question.text)
    ]
    kinds = {figure.kind for text in sentences for figure in find_figures(fold(text))}
    # A percentage may be told as points or as a multiple (翻一番).
    told = kinds | ({"percent"} if kinds & {"point", "multiple"} else set())
    return bool(asked) and not any(kind in told for kind in asked)


# 新建几个口袋公园: what is counted, where three signs or more name it.
_THING_COUNTED = re.compile(
    r"(?:多少|几)[万亿]?[家个件台套所条场处座次项名起宗户张辆]([一-龥]{3,8}?)(?:[,。?;!]|$)"
)
_TELLS_OF_THING = 0.5


def lacks_counted(question: Question, sentences: Sequence[str]) -> bool:
    """True if the thing counted stands in no sentence: 新增多少家小微企业 is not answered by 高新技术企业,
    nor 口袋公园 by another park. Words of everyday language, which the reports have others for, and
    indicators, which have several names, are left to the ranking."""
    counted = _THING_COUNTED.search(fold(question.text))
    if not counted or question.formal or question.indicators:
        return False
    noun, texts = counted.group(1), [fold(text) for text in sentences]
    asked = set(bigrams(noun))
    shares = [len(asked & set(bigrams(text))) / len(asked) for text in texts]
    # 多少家企业受益 counts enterprises: what stands first is the thing, or all there is of it.
    return not any(noun[:2] in text for text in texts) and max(shares) < _TELLS_OF_THING


def _enumerates(sentence: str, term: str | None, wanted: int) -> bool:
    """True if the sentence has enough separated parts: in the term's own clause (警源、访源、诉源、患源
    “四源治理”), behind a colon after it, or anywhere without a term."""
    folded = fold(sentence)
    if term:
        name = re.escape(fold(term))
        clause = re.search(f"[^,;。]*{name}[^,;。:]*(?::[^。]*)?", folded)
        before, _, behind = folded.partition(fold(term))
        if _IS_COUNT.match(term) and len(find_figures(before.rpartition(";")[2])) >= wanted:
            # 总额达到10318亿元、企业达到10329家,实现“双过万”.
            return True
        if re.search(r"\d{2}|\d\+", term):
            # “456” and “258” name how many of each: unless counts stand behind, nothing is explained.
            counted = len(counts_of(term, behind))
            parts = len(re.findall(r"\d+", term))
            # 建立“1+5+13”招商体系,招商中心抓总,五大片区主攻,各个镇街齐上: one count and as many clauses.
            told = bool(counted) and len(re.findall("[,;]", behind)) >= parts > 1
            return counted >= _LEAST_COUNTED or told
        if _IS_SUM.search(term) and len(re.findall("[,;]", behind)) >= _EXPLAINED_BEHIND:
            return True
        if announces(folded, fold(term)) and _tells_each(term, behind, wanted):
            return True
        folded = clause.group() if clause else ""
    return len(_SEPARATOR.findall(folded)) >= max(1, wanted - 1)


# A sentence of so few signs that names a term announces it only.
_ANNOUNCES = 40


def announces(text: str, term: str) -> bool:
    """True if the first sentence names the term and tells nothing else: ——我们将全力建设“一河五片”主要平台。"""
    first = text.partition("。")[0].split("\n")[0].rstrip(": ")
    return term in first and len(first) < _ANNOUNCES and not re.search("[,;:]", first)


def _tells_each(term: str, behind: str, wanted: int) -> bool:
    """True if the sentences behind have as many parts as the term counts last (一河五片: five), or the
    first, which explains it (轨道交通“四网融合”: 指干线铁路、城际铁路…), as many as are asked for."""
    explained = re.match(r"[^\u4e00-\u9fff]*((?:[是即为]?指|包括)[^。]*)", behind)
    if explained and len(_SEPARATOR.findall(explained.group(1))) >= max(1, wanted - 1):
        return True
    counts = [_NUMERALS.index(sign) + 1 for sign in term if sign in _NUMERALS]
    parts = [part for part in re.split("[;。]", behind.partition("。")[2]) if part.strip()]
    return bool(counts) and len(parts) >= max(counts[-1], _LEAST_COUNTED)


def _lacks_names(text: str, sentences: Sequence[str]) -> bool:
    """True if the names of so many things are asked for (8所院校叫什么) and the sentences that print
    that number only count them."""
    counted = _COUNTED_PART.search(text)
    if not counted or not _ASKS_NAMES.search(text):
        return False
    counting = [s for s in sentences[:_NEAREST] if counted.group() in fold(s)]
    least = min(_number(counted.group(1)), _LEAST_NAMED) - 1
    return bool(counting) and all(_named_with(counted.group(), s) < least for s in counting)


def _named_with(counted: str, sentence: str) -> int:
    """How many names the clause of the count separates, and what stands behind its colon."""
    found = re.search(
        rf"(?P<clause>[^,;。:]*{re.escape(counted)}[^,;。:]*)(?:(?P<behind>:[^。]*)|(?P<among>,其中[^。]*))?",
        fold(sentence),
    )
    if not found:
        return 0
    named = len(re.findall("、|”“|;", found["clause"] + (found["behind"] or "")))
    # 一百二十个大型项目,其中有十大钢铁基地,九大有色金属基地: each behind a comma.
    return named + len(re.findall("[、,;和]", found["among"] or ""))


def counts_of(term: str, text: str) -> set[int]:
    """The numbers that a term like “456” is made of and that count something in the text."""
    digits = {int(number) for number in re.findall(r"\d+" if "+" in term else r"\d", term)}
    return digits & {_number(count) for count in _COUNTED_PART.findall(text)}


def _announced(text: str) -> int:
    """How many parts the question says there are (15件民生实事分别是什么), else two."""
    counted = _COUNTED_PART.search(text)
    return max(2, _number(counted.group(1))) if counted else 2


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    value = _NUMERALS.index(ones) + 1 if ones else 0
    return value + (10 * (_NUMERALS.index(tens) + 1 if tens else 1) if ten else 0)


# Only the other kind of section tells of it if the best sentence there is this sure, were its kind
# the one asked for, and the best of the kind asked for is not.
_TOLD, _NOT_TOLD = 0.7, 0.3


def told_by_kind(ranked: Sequence[Sentence]) -> dict[str, float]:
    """Kind of section → how sure its best sentence is, were its kind the one asked for."""
    told: dict[str, float] = {}
    for sentence in ranked:
        kind = sentence.hit.passage.kind
        told[kind] = max(told.get(kind, 0.0), sentence.confidence_if(status=1.0))
    return told


def says_it_done(question: Question, sentences: Sequence[str]) -> bool:
    """True if a sentence says of the verb asked about that it is done (精心遴选了15件): plans tell, too,
    what was done for them."""
    done = re.findall(r"[一-龥]{2}了", fold(question.text))
    return any(verb in fold(sentence) for verb in done for sentence in sentences)


def wrong_status(told: Mapping[str, float], wanted: set[str]) -> RefusalReason | None:
    """The reason if only the other kind of section tells of what is asked: the plan of a result, or
    the review of a target."""
    if len(wanted) != 1:
        return None
    asked = next(iter(wanted))
    other = "plan" if asked == "review" else "review"
    if told.get(other, 0.0) < _TOLD or told.get(asked, 0.0) >= _NOT_TOLD:
        return None
    return "only_target_stated" if other == "plan" else "only_actual_stated"


def is_only_planned(question: Question, chosen: Sequence[Sentence]) -> bool:
    """True if a result of a year is asked for (实际新增, 最后完成了) and all that is to be quoted is a plan
    for that very year: the words fit, and what was intended would pass for what came about."""
    asked = {str(year) for year in question.years}
    return question.status == "actual" and all(
        one.hit.passage.kind == "plan" and one.hit.passage.period in asked for one in chosen
    )


def refuse_unclear(question: Question) -> Answer:
    return refuse(question, "unclear", messages("answers", question.language)["unclear"])


def refuse_wrong_status(question: Question, reason: RefusalReason) -> Answer:
    """The refusal of a result by a target, or the reverse, without a figure to tell."""
    said = messages("answers", question.language)
    return refuse(
        question, reason, said["only_plan" if reason == "only_target_stated" else "only_review"]
    )
