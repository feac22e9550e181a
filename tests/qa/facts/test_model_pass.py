from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable, RunnableLambda

from qa.errors import ModelUnavailableError
from qa.facts.extraction import extract_facts
from qa.facts.model_pass import ProposedFact, ProposedFacts, add_facts
from qa.reports.parsing import parse_reports
from qa.reports.report import Report, Source

TEXT = (
    "2024年绍兴市政府工作报告\n各位代表:\n现在,我代表市人民政府向大会报告工作,请予审议。\n一、2023年工作回顾\n"
    "全市生产总值增长7%。古桥巡护覆盖四方共88座古桥梁之多。"
    + "各项工作稳步推进,全市经济社会发展良好。"
    * 60
)


class ScriptedModel(BaseChatModel):
    """Answers with what it is told to; keeps the prompts it was shown."""

    script: Callable[[str], object]
    shown: list[str] = []  # noqa: RUF012 — a pydantic field, copied for each instance

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
        def answer(prompt: str) -> object:
            self.shown.append(prompt)
            return self.script(prompt)

        return RunnableLambda(answer)


@pytest.fixture
def source() -> Source:
    return Source("a.txt", TEXT)


@pytest.fixture
def report(source: Source) -> Report:
    return parse_reports(source)[0]


def proposing(**changes: object) -> ScriptedModel:
    """A model that proposes one fact for the sentence that holds the bridges."""

    def script(prompt: str) -> ProposedFacts:
        number = next(line.split(".")[0] for line in prompt.splitlines() if "古桥梁" in line)
        fields: dict[str, Any] = {
            "indicator": "古桥梁", "figure": "88座", "period": "2023", "status": "actual",
            "sentence": int(number), **changes,
        }  # fmt: skip
        return ProposedFacts(facts=[ProposedFact(**fields)])

    return ScriptedModel(script=script)


def test_a_figure_of_the_sentence_becomes_a_fact_with_exact_offsets(
    source: Source, report: Report
) -> None:
    (fact,) = add_facts(proposing(), source, report, [])
    assert (fact.indicator, fact.value, fact.unit) == ("古桥梁", "88", "座")
    assert (fact.period, fact.status, fact.place) == ("2023", "actual", "绍兴市")
    assert source.text[fact.start : fact.end] == fact.quote
    assert "88座" in fact.quote


@pytest.mark.parametrize(
    "changes",
    [{"figure": "89座"}, {"figure": "88亿元"}, {"indicator": "古塔"}, {"sentence": 99}],
    ids=["another number", "another unit", "a name not printed", "no such sentence"],
)
def test_what_the_sentence_does_not_print_is_not_kept(
    source: Source, report: Report, changes: dict[str, object]
) -> None:
    assert add_facts(proposing(**changes), source, report, []) == []


def test_sentences_whose_figures_are_claimed_are_not_shown(source: Source, report: Report) -> None:
    model = proposing()
    known = extract_facts(source, report)
    assert any(fact.indicator == "地区生产总值" for fact in known)
    add_facts(model, source, report, [f for f in known if f.indicator == "地区生产总值"])
    assert not any("生产总值" in line for line in model.shown[0].splitlines() if line[:1].isdigit())


@pytest.mark.parametrize("answer", [None, {"facts": []}, RuntimeError("429")])
def test_a_failing_model_is_an_error_and_never_an_empty_answer(
    source: Source, report: Report, answer: object
) -> None:
    def script(prompt: str) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ModelUnavailableError):
        add_facts(ScriptedModel(script=script), source, report, [])
