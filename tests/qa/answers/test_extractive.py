import pytest

from qa.chain import Chain
from tests.conftest import ChainOver, Invented
from tests.qa.answers.conftest import YuechengOver


def test_each_of_two_things_asked_gets_its_sentence(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask(
        "越城区哪个考古遗址公园进了国家考古遗址公园立项名单?哪个湿地公园通过国家验收?"
    )
    assert "宋六陵" in answer.text
    assert "鉴湖" in answer.text


def test_each_of_several_terms_gets_its_sentence(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("海曙报告里“一号发展工程”“一号改革工程”“一号开放工程”分别指什么?")
    assert all(part in answer.text for part in ("数字经济", "营商环境", "地瓜经济"))


def test_a_term_of_numbers_is_told_with_the_sentences_that_count(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("临淄“456”产业链群里的4、5、6各是什么")
    assert all(part in answer.text for part in ("4条", "5条", "6大"))


@pytest.mark.parametrize(
    "question",
    [
        "越城科技创新“258”行动里2、5、8各指什么?",
        "芯联集成在科创板上市募集了多少资金?",
        "2020年绍兴社零到底跌了百分之几?",
    ],
)
def test_a_sentence_that_only_names_the_thing_is_no_answer(
    bundled_chain: Chain, question: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"


def test_answers_are_short(bundled_chain: Chain) -> None:
    questions = (
        "荔湾今年打算拉多少个找活难的人一把?",
        "上城区2023年引进了多少大学生?",
        "海曙的老年食堂",
    )
    assert all(len(bundled_chain.ask(question).text) <= 320 for question in questions)


def test_what_announces_a_term_is_quoted_with_what_explains_it(bundled_chain: Chain) -> None:
    text = bundled_chain.ask("越城报告提的“一河五片”指什么?").text
    for part in ("运河", "集成电路小镇", "黄酒小镇", "会稽山", "鉴水科技城", "古城"):
        assert part in text


def test_done_and_planned_are_both_quoted_where_both_are_asked(bundled_chain: Chain) -> None:
    text = bundled_chain.ask(
        "洪楼所在区给居民免费装烟感报警器,已经装了多少户,2023年计划再装多少户?"
    ).text
    assert "6.5万户" in text
    assert "15万户" in text


def test_the_figure_told_beside_another_place_is_not_that_places(
    yuecheng_over: YuechengOver,
) -> None:
    told = "主动融入杭州都市圈,全区进出口总额增长3.7%。杭州实际使用外资增长8.8%。"
    chain = yuecheng_over(review=told)
    own = chain.ask("2024年越城区政府工作报告里,杭州2023年进出口总额增长多少?")
    other = chain.ask("2024年越城区政府工作报告里,杭州2023年实际使用外资增长多少?")
    assert own.status == "refused"
    assert "杭州实际使用外资增长8.8%" in other.text


def test_only_a_short_sentence_announces_what_the_next_ones_explain(
    yuecheng_over: YuechengOver,
) -> None:
    tail = "推进“一路一带”建设。沿山建路,沿河建带。"
    question = "越城区的“一路一带”指什么?"
    opening = "我们坚定不移沿着这条道路奋勇前进不断开创全区各项事业发展的崭新局面并且持续"
    long = yuecheng_over(review=f"{opening}{tail}").ask(question)
    assert "推进“一路一带”建设" in long.text
    assert "沿山建路" not in long.text


def test_a_heading_is_no_answer_where_sentences_stand_below_it(chain_over: ChainOver) -> None:
    plan = "(一)推进海绵城市建设\n今年改造雨水管网20公里,建设海绵城市示范路三条。"
    text = chain_over(Invented("绍兴市", 2022, plan=plan)).ask("绍兴海绵城市建设怎么推进?").text
    assert "改造雨水管网20公里" in text
    assert "推进海绵城市建设”" not in text


def test_all_clauses_that_answer_alike_are_quoted_where_each_is_asked(
    bundled_chain: Chain,
) -> None:
    text = bundled_chain.ask("越城“一河五片”里的五片,东南西北中各以什么为基底?").text
    places = ("集成电路小镇", "黄酒小镇", "会稽山", "鉴水科技城", "千年古城")
    assert all(place in text for place in places)


def test_parts_told_sentence_by_sentence_are_all_quoted(chain_over: ChainOver) -> None:
    plan = "建设“一河三片”。东片以芯片小镇为基底。西片以黄酒小镇为基底。中片以古城为基底。"
    chain = chain_over(Invented("绍兴市", 2022, plan=plan))
    text = chain.ask("绍兴“一河三片”的三片分别以什么为基底?").text
    assert all(part in text for part in ("芯片小镇", "黄酒小镇", "古城"))


def test_what_is_now_and_what_is_wanted_are_both_quoted(chain_over: ChainOver) -> None:
    chain = chain_over(
        Invented(
            "北京市",
            2026,
            review="公交与轨道50米内换乘比例达91%。",
            plan="公交与轨道50米内换乘比例提升至93%。建设学校三十所。",
        )
    )
    text = chain.ask("北京公交与轨道换乘比例现在有多高?2026年还想提到多少?").text
    assert "91%" in text
    assert "93%" in text
    assert "学校" not in text


def test_the_measures_below_one_topic_are_told_together(chain_over: ChainOver) -> None:
    plan = (
        "一要优化营商环境。推动行政审批网上办理,推出20个重点事项。整治乱收费、乱罚款等突出问题。"
        "建立民营企业监测体系。二要深化国企改革。清理亏损企业40户。"
    )
    chain = chain_over(Invented("内蒙古自治区", 2026, plan=plan))
    text = chain.ask("内蒙古2026年优化营商环境准备采取哪些措施?").text
    assert all(part in text for part in ("20个重点事项", "乱罚款", "监测体系"))
    assert "亏损企业" not in text


def test_what_was_done_comes_before_what_is_planned_where_neither_is_asked(
    chain_over: ChainOver,
) -> None:
    chain = chain_over(
        Invented(
            "西藏自治区",
            2026,
            review="应届高校毕业生就业率95%以上,其中区外就业占12%以上。",
            plan="优化就业支持政策,应届高校毕业生就业率保持95%以上、市场就业率70%以上。",
        )
    )
    answer = chain.ask("西藏应届高校毕业生就业率是多少?")
    assert "12%" in answer.citations[0].quote
    planned = chain.ask("西藏今年应届高校毕业生就业率想做到多少?")
    assert "保持95%以上" in planned.citations[0].quote


@pytest.fixture
def province(chain_over: ChainOver) -> Chain:
    review = "生产总值增长5%。惠州博罗成为生产总值超千亿元县。东莞材料研究所挂牌成立。"
    return chain_over(Invented("广东省", 2026, review=review))


@pytest.mark.parametrize(
    ("question", "told"),
    [("惠州哪个县成了生产总值超千亿元县?", "博罗"), ("东莞哪个研究所挂牌了?", "材料研究所")],
)
def test_what_a_report_says_of_a_place_below_it_is_quoted(
    province: Chain, question: str, told: str
) -> None:
    answer = province.ask(question)
    assert told in answer.text
    assert answer.status == "partial"
    assert "惠州" in answer.notes[-1] or "东莞" in answer.notes[-1]


@pytest.mark.parametrize(
    "question", ["惠州2025年GDP增长多少?", "东莞有哪些好吃的?", "珠海哪个研究所挂牌了?"]
)
def test_the_figures_of_a_province_are_never_those_of_its_city(
    province: Chain, question: str
) -> None:
    refusal = province.ask(question).refusal
    assert refusal is not None
    assert refusal.reason == "place_not_held"


def test_each_of_several_reports_is_quoted_the_oldest_first(chain_over: ChainOver) -> None:
    chain = chain_over(
        *(
            Invented("全国", year, plan=f"城乡居民医保财政补助标准提高到每人{amount}元。")
            for year, amount in ((2010, 120), (2012, 240), (2014, 320), (2016, 420))
        )
    )
    answer = chain.ask("2010、2012、2014和2016年国务院报告里医保财政补助标准提高到多少元?")
    amounts = [answer.text.find(f"{amount}元") for amount in (120, 240, 320, 420)]
    assert amounts == sorted(amounts)
    assert amounts[0] > 0


def test_a_report_that_tells_nothing_of_it_is_not_quoted(chain_over: ChainOver) -> None:
    chain = chain_over(
        Invented("全国", 2010, plan="城乡居民医保财政补助标准提高到每人120元。"),
        Invented("全国", 2012, plan="城乡居民医保财政补助标准提高到每人240元。"),
        Invented("全国", 2014, plan="新建农村公路20万公里。"),
    )
    answer = chain.ask("2010、2012和2014年国务院报告里医保财政补助标准提高到多少元?")
    assert "公路" not in answer.text
    assert len(answer.citations) == 2


def test_of_a_year_with_a_report_of_its_own_no_other_plan_answers(chain_over: ChainOver) -> None:
    earlier = Invented("全国", 2016, plan="新建改建农村公路28万公里,通硬化路。")
    own = Invented("全国", 2018, plan="改善供水、供电等基础设施,新建改建农村公路20万公里。")
    answer = chain_over(earlier, own).ask("2018年国务院打算建多少农村公路")
    assert "20万公里" in answer.text
    assert "28万公里" not in answer.text


def test_what_a_review_says_of_this_year_is_of_the_report_s_year(chain_over: ChainOver) -> None:
    review = "实行扩大自主权试点的工业企业,到今年上半年有6\uff0c600个左右,产值占一半。"
    answer = chain_over(Invented("全国", 1980, review)).ask(
        "1980年实行扩大自主权试点的工业企业有多少个?"
    )
    assert answer.text.startswith("全国(1980年)")
    assert "6\uff0c600个左右" in answer.text


def test_an_entry_that_explains_itself_is_quoted_alone(chain_over: ChainOver) -> None:
    entries = "\n".join(
        [
            "1.“两重”:是指国家重大战略实施和重点领域安全能力建设。",
            "2.“两新”:是指大规模设备更新和消费品以旧换新。",
            "3.“三农”:是指农业、农村和农民。",
        ]
    )
    chain = chain_over(Invented("四川省", 2026, plan=entries))
    answer = chain.ask("四川省报告中的“两重”是指什么?")
    assert "国家重大战略" in answer.text
    assert "两新" not in answer.text


def test_a_place_before_a_latin_name_is_no_word_of_the_question(bundled_chain: Chain) -> None:
    assert "PM2.5年均浓度全市最优" in bundled_chain.ask("海曙PM2.5怎么样").text


def test_a_fall_against_an_average_of_years_is_quoted_as_that(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区2023年事故死亡人数下降了多少?")
    assert "较前三年平均" in answer.text
    assert "52%" in answer.text
