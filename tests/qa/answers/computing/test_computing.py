import pytest

from tests.qa.answers.conftest import YuechengOver

REVIEW = (
    "拨付稳岗资金1.2亿元,发放创业贷款3.4亿元,减免房租0.5亿元。\n"
    "实现财政总收入200亿元、增长5%,其中税收收入150亿元、增长6%。\n"
    "公园绿地面积扩大至86.5平方公里,比“十二五”期末增加12.3平方公里。\n"
    "民宿床位1.35万张,比上年增加1500张。\n"
    "固定资产投资增长4%、高于全市7.8个百分点,进出口总值增长6%、低于全市1.5个百分点。\n"
    "城乡居民养老补贴从2021年的465元和169元分别提高到587元和231元。\n"
    "机器人企业从22家增加到49家。\n"
    "垃圾焚烧量由90万吨减少到75万吨。\n"
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "越城区2023年稳岗资金、创业贷款、减免房租三项加起来多少亿元?",
            "合计:1.2亿元加3.4亿元加0.5亿元等于5.1亿元(计算)。",
        ),
        (
            "越城区2023年财政总收入里税收收入占百分之几?",
            "占比:150亿元除以200亿元等于75%(计算)。",
        ),
        (
            "越城区2023年公园绿地面积86.5平方公里,那“十二五”期末是多少?",
            "“十二五”期末:86.5平方公里减12.3平方公里等于74.2平方公里(计算)。",
        ),
        (
            "越城区2023年民宿床位1.35万张,那前一年是多少张?",
            "2022年:1.35万张减1500张等于1.2万张(计算)。",
        ),
        (
            "越城区2023年固定资产投资增长4%,那全市是涨还是跌,多少?",
            "全市:4%减7.8个百分点等于-3.8%(计算)。",
        ),
        (
            "越城区2023年进出口总值增长6%,照此推算全市增长多少?",
            "全市:6%加1.5个百分点等于7.5%(计算)。",
        ),
        (
            "越城区农村居民养老补贴比2021年多了多少元?",
            "增加:231元减169元等于62元(计算)。",
        ),
        ("越城区机器人企业多了多少家?", "增加:49家减22家等于27家(计算)。"),
        ("越城区垃圾焚烧量减少了多少万吨?", "减少:90万吨减75万吨等于15万吨(计算)。"),
    ],
)
def test_what_is_asked_is_computed_of_the_sentence_quoted(
    yuecheng_over: YuechengOver, question: str, expected: str
) -> None:
    answer = yuecheng_over(review=REVIEW).ask(question)
    assert expected in answer.text
    assert answer.status == "answered"
    assert answer.checks
    assert all(check.supported for check in answer.checks)


@pytest.mark.parametrize(
    "question",
    [
        # A thing that the sentence does not tell.
        "越城区2023年稳岗资金、文旅补贴两项加起来多少亿元?",
        # A whole and its part.
        "越城区2023年财政总收入和税收收入加起来多少亿元?",
        # A whole of another thing.
        "越城区2023年税收收入占地区生产总值百分之几?",
        "越城区2023年财政总收入增长了百分之几?",
        # Only the distance is asked for.
        "越城区2023年固定资产投资比全市高几个百分点?",
        # Of town or of country?
        "越城区居民养老补贴比2021年多了多少元?",
        # Another base.
        "越城区农村居民养老补贴比2019年多了多少元?",
        # Another unit.
        "越城区今年机器人企业增加多少公里?",
    ],
)
def test_nothing_is_computed_where_it_is_not_clear_of_what(
    yuecheng_over: YuechengOver, question: str
) -> None:
    assert "等于" not in yuecheng_over(review=REVIEW).ask(question).text


def test_figures_with_qualifiers_are_not_computed_with(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review="拨付稳岗资金约1.2亿元,发放创业贷款3.4亿元以上。")
    text = chain.ask("越城区2023年稳岗资金和创业贷款加起来多少亿元?").text
    assert "等于" not in text


def test_what_was_done_is_summed_before_what_is_planned(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(
        review="招引项目46个,其中10亿元以上5个、50亿元以上2个。",
        plan="招引项目60个,其中10亿元以上9个、50亿元以上3个。",
    )
    text = chain.ask("越城区招引项目中,10亿元以上和50亿元以上合计几个?").text
    assert "5个加2个等于7个" in text
