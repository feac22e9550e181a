import pytest

from benchmarks.wording_claims import Claim, hand_written
from qa.answers.verification.wording import (
    LEAST_SIMILARITY_ENGLISH,
    Support,
    wording_support,
)

SOURCE = "加强古城整体性保护,正式向国家文物局递交申请,古城申遗迈出实质性一步。"
CONTEXT = ("2024年越城区政府工作报告", "越城区", "一、2023年工作回顾")


def judge(claim: str, *sources: str, is_plan: bool | None = None) -> Support:
    return wording_support(claim, sources or (SOURCE,), None, context=CONTEXT, is_plan=is_plan)


@pytest.mark.parametrize(
    "claim",
    [
        SOURCE,
        "古城申遗迈出实质性一步。",
        "根据报告,越城区正式向国家文物局递交申请,并加强古城整体性保护。",
        "此外,该区还加强了对古城的整体保护,已向国家文物局提出申请。",
    ],
)
def test_a_sentence_said_anew_is_supported(claim: str) -> None:
    found = judge(claim)
    assert found.is_supported, found


@pytest.mark.parametrize(
    ("claim", "source", "veto"),
    [
        ("古城申遗迈出实质性一步,大运河整治完成。", SOURCE, "word"),
        ("正式向国家文物局递交申请,水乡申遗迈出实质性一步。", SOURCE, "word"),
        ("海曙区正式向国家文物局递交申请。", SOURCE, "word"),
        ("深化青山大道南延的研究对接。", "深化青山大道北延等项目的研究对接。", "word"),
        ("打造“满城灯火”品牌。", "打造“满城书香”品牌。", "name"),
        ("建设RCEP合作示范区。", "建设CEPA合作示范区。", "name"),
        ("2022年正式向国家文物局递交申请。", SOURCE, "year"),
        ("正式向省文物局递交申请。", SOURCE, "level"),
        ("关键技术攻关数全省第一。", "关键技术攻关数全市第一,经验在全省推广。", "level"),
        ("入选省级特色产业集群。", "入选国家级特色产业集群。", "level"),
        ("首次递交申请。", SOURCE, "first"),
        ("再次突破千亿大关。", "首次突破千亿大关。", "first"),
        ("未向国家文物局递交申请。", SOURCE, "polarity"),
        ("政府将兴办企业。", "政府不再兴办企业。", "polarity"),
        ("企业成本提高。", "企业成本降低。", "direction"),
        ("安全事故总量上升。", "安全事故总量下降。", "direction"),
        ("研究院获批国家技术创新中心。", "支持研究院争创国家技术创新中心。", "status"),
    ],
)
def test_what_turns_a_meaning_is_rejected_however_alike(claim: str, source: str, veto: str) -> None:
    found = wording_support(claim, [source], 0.999, context=CONTEXT)
    assert veto in found.vetoes
    assert not found.is_supported


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("不断加强古城整体性保护。", SOURCE),
        ("事故总量持续减少。", "事故总量持续下降。"),
        ("办事不再需要提交证明。", "办事不再提交证明。"),
        ("全区加强古城整体性保护。", SOURCE),
        ("成立全市第一个非遗保护中心。", "成立全市首个非遗保护中心。"),
    ],
)
def test_what_only_looks_like_a_turn_is_no_veto(claim: str, source: str) -> None:
    assert not set(judge(claim, source).vetoes) - {"word"}


def test_a_plan_is_not_told_as_past_nor_a_result_as_coming() -> None:
    plan = "加快建设绍芯实验室。"
    assert judge("去年加快建设绍芯实验室。", plan, is_plan=True).vetoes == ("status",)
    assert judge("将加快建设绍芯实验室。", plan, is_plan=False).vetoes == ("status",)
    assert judge("将加快建设绍芯实验室。", plan, is_plan=True).is_supported
    assert judge("将加快建设绍芯实验室。", plan).is_supported


def test_names_may_stand_in_title_and_headings_alone() -> None:
    claim = "越城区加强古城整体性保护。"
    assert wording_support(claim, [SOURCE], None, context=CONTEXT).is_supported
    assert wording_support(claim, [SOURCE], None).vetoes == ("word",)


def test_a_word_of_another_cited_sentence_does_not_support_a_clause() -> None:
    other = "推动历史街区整体性更新,向住建部争取资金。"
    assert judge("加强古城整体性保护,推动历史街区更新。", SOURCE, other).is_supported
    assert "word" in judge("加强历史街区整体性保护,正式递交申请。", SOURCE, other).vetoes


def test_few_printed_words_are_no_support_even_if_any_paraphrase_may_add_the_others() -> None:
    found = judge("全面推进并持续优化提升古城建设,着力强化落实。")
    assert found.vetoes == ()
    assert found.share is not None
    assert found.share < 0.5
    assert not found.is_supported


@pytest.mark.parametrize("claim", ["", "。", "此外,报告还提到:", "12345"])
def test_a_claim_without_words_is_not_supported(claim: str) -> None:
    assert judge(claim) == Support(0.0, None, ("empty",), False)


@pytest.mark.parametrize("sources", [[], [""], ["——。", " "]])
def test_without_sources_nothing_is_supported(sources: list[str]) -> None:
    assert wording_support(SOURCE, sources, 0.99).vetoes == ("empty",)


ENGLISH = "The district strengthened the protection of the ancient city."


def test_an_english_claim_rests_on_similarity_alone() -> None:
    assert wording_support(ENGLISH, [SOURCE], LEAST_SIMILARITY_ENGLISH).is_supported
    assert not wording_support(ENGLISH, [SOURCE], LEAST_SIMILARITY_ENGLISH - 0.01).is_supported
    assert not wording_support(ENGLISH, [SOURCE], None).is_supported


@pytest.mark.parametrize(
    ("claim", "veto"),
    [
        ("The district no longer protects the ancient city.", "polarity"),
        ("The protection of the ancient city was reduced.", "direction"),
        ("The ancient city ranks high in the province.", "level"),
        ("The ancient city joined RCEP.", "name"),
    ],
)
def test_an_english_claim_is_vetoed_too(claim: str, veto: str) -> None:
    assert veto in wording_support(claim, [SOURCE], 0.99).vetoes


def _accepted(claims: list[Claim]) -> float:
    found = [
        wording_support(one.text, [one.source], None, context=one.context, is_plan=one.is_plan)
        for one in claims
    ]
    return sum(one.is_supported for one in found) / len(claims)


@pytest.mark.parametrize("is_fit", [True, False])
def test_of_hand_written_claims_most_true_and_hardly_any_false_ones_are_accepted(
    is_fit: bool,
) -> None:
    chinese = [one for one in hand_written() if not one.is_english and one.is_fit == is_fit]
    true = [one for one in chinese if one.is_true]
    false = [one for one in chinese if not one.is_true]
    assert len(true) == len(false) == 20
    assert _accepted(true) >= 0.85
    # One in twenty: what is exchanged between two clauses of a sentence is not seen.
    assert _accepted(false) <= (0.1 if is_fit else 0.05)
