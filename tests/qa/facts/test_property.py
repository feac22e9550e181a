"""Sentences made from known facts give those facts back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.qa.facts.reports import facts_of

_NAMES = [
    "地区生产总值",
    "固定资产投资",
    "社会消费品零售总额",
    "一般公共预算收入",
    "规模以上工业增加值",
    "进出口总额",
]
_WIDE = str.maketrans("0123456789.%,", "０１２３４５６７８９．％，")
_number = st.integers(1, 99999).map(lambda n: f"{n / 10:.1f}".removesuffix(".0"))
_percent = st.integers(1, 300).map(lambda n: f"{n / 10:.1f}".removesuffix(".0"))
_sign = st.sampled_from([("增长", 1), ("下降", -1), ("同比增长", 1), ("比上年增长", 1)])
_fact = st.tuples(
    st.sampled_from(_NAMES),
    st.none() | _number,
    st.none() | st.tuples(_sign, _percent),
).filter(lambda fact: fact[1] is not None or fact[2] is not None)
_facts = st.lists(_fact, min_size=1, max_size=5, unique_by=lambda fact: fact[0])


def _sentence(facts: list[tuple]) -> str:  # type: ignore[type-arg]
    clauses = []
    for name, value, growth in facts:
        words = [f"达到{value}亿元"] if value else []
        words += [f"{growth[0][0]}{growth[1]}%"] if growth else []
        clauses.append(name + "、".join(words))
    return ",".join(clauses) + "。"


def _expected(facts: list[tuple]) -> list[tuple]:  # type: ignore[type-arg]
    return [
        (name, value, growth[0][1] * float(growth[1]) if growth else None)
        for name, value, growth in facts
    ]


@settings(deadline=None, max_examples=120)
@given(_facts, st.booleans(), st.booleans(), st.booleans())
def test_amounts_and_growths_come_back(
    facts: list[tuple],  # type: ignore[type-arg]
    wide: bool,
    spaced: bool,
    planned: bool,
) -> None:
    text = _sentence(facts)
    text = text.translate(_WIDE) if wide else text
    text = "".join(f"{sign} " if sign.isdigit() else sign for sign in text) if spaced else text
    found = facts_of(plan=text) if planned else facts_of(text)
    assert [(f.indicator, f.value, f.growth_percent) for f in found] == _expected(facts)
    assert {(f.period, f.status) for f in found} == {
        ("2024", "target") if planned else ("2023", "actual")
    }


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.sampled_from(_NAMES), min_size=2, max_size=4, unique=True),
    st.data(),
    st.sampled_from(["、", "和"]),
    st.booleans(),
)
def test_distributed_growths_come_back(
    names: list[str], data: st.DataObject, last: str, roughly: bool
) -> None:
    growths = [data.draw(_percent) for _ in names]
    figures = "、".join(f"{g}%" for g in growths[:-1]) + f"{last}{growths[-1]}%"
    tail = "左右" if roughly else ""
    text = "、".join(names[:-1]) + f"和{names[-1]}分别增长{figures}{tail}。"
    found = facts_of(plan=text)
    assert [(f.indicator, f.growth_percent) for f in found] == [
        (name, float(growth)) for name, growth in zip(names, growths, strict=True)
    ]
    assert {f.qualifier for f in found} == {"左右" if roughly else None}
