import re

import pytest

from qa.answers.answer import Answer
from qa.answers.lists import answer_with_list
from qa.answers.lists.asking import read_asked
from qa.answers.lists.clauses import head
from qa.chain import Chain
from qa.questions import understand
from qa.reports.clean_text import fold
from tests.conftest import ChainOver, Invented
from tests.qa.answers.conftest import YuechengOver


def list_for(chain: Chain, question: str, *turns: str) -> Answer | None:
    findings = chain.search(question, 10, turns)
    return answer_with_list(findings, chain.searcher.library)


def items_of(answer: Answer | None) -> list[str]:
    """The items of an answer, without place, period, subject and markers."""
    assert answer is not None
    first = answer.text.split("\n")[0].removesuffix("。")
    told = re.sub(r"\[\d+\]", "", first.partition(":")[2])
    return told.split(";" if ";" in told else "、")


# --- lists that are found ------------------------------------------------------------------------


def test_headings_scattered_over_the_report_make_one_list(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "海曙区2023年要做好的六方面重点工作是哪六个“突出”?")
    assert answer is not None
    assert answer.text == (
        "海曙区(2023年计划)重点做好六方面工作:突出实业实体,进一步提高发展能级[1];"
        "突出协同拉动,进一步释放需求潜力[2];突出改革创新,进一步激活发展动能[3];"
        "突出城乡一体,进一步提升功能品质[4];突出守住底线,进一步深化平安建设[5];"
        "突出优质均衡,进一步提升共富成色[6]。"
    )
    assert answer.status == "answered"
    assert [citation.quote for citation in answer.citations][:2] == [
        "(一)突出实业实体,进一步提高发展能级",
        "(二)突出协同拉动,进一步释放需求潜力",
    ]


def test_numbered_lines_below_a_plain_heading_are_a_list(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "请列出绍兴市2021年的八方面重点工作")
    assert items_of(answer) == [
        "重塑产业发展新优势",
        "增强高质量发展新动能",
        "构建内外开放新格局",
        "展现品质城乡新形象",
        "激发体制机制新活力",
        "谱写生态建设新篇章",
        "打造文化发展新高地",
        "推动民生福祉新提升",
    ]


def test_items_that_count_up_sentence_by_sentence_are_found(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "上城区2024年要“牢牢把握”的五个方面都是啥")
    assert items_of(answer) == [
        "牢牢把握“稳”“进”“立”这一系统要求",
        "牢牢把握产业突破这一主攻方向",
        "牢牢把握改革创新这一关键路径",
        "牢牢把握实干争先这一鲜明导向",
        "牢牢把握为民造福这一根本追求",
    ]


def test_lines_that_open_and_end_alike_are_found_by_their_ending(bundled_chain: Chain) -> None:
    question = "“十四五”绍兴要打造的九种城市是哪九个(卓越、活力什么的)"
    items = items_of(list_for(bundled_chain, question))
    assert [item[-4:] for item in items] == [
        f"{kind}城市"
        for kind in ("卓越", "活力", "样板", "枢纽", "标杆", "美丽", "先行", "包容", "幸福")
    ]


def test_things_that_act_one_after_the_other_are_named(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "青山湖那个区工业上说的“六大园”是哪六个园?")
    assert items_of(answer) == [
        "青山湖科技城“工创园”",
        "“硬科技”产业园",
        "新智造产业园",
        "滨湖新城“鲲鹏”总部产业园",
        "锦南新城都市工业园",
        "大健康产业园",
    ]


@pytest.mark.parametrize(
    ("question", "items"),
    [
        ("越城在境外设的3个商务联络处分别在哪儿?", ["香港", "德国", "日本"]),
        ("越城区“强二优三”说的三大主导产业是哪三个?", ["集成电路", "医疗器械", "高端服务业"]),
        ("上城讲的“四源治理”是哪四源?", ["警源", "访源", "诉源", "患源"]),
        (
            "越城土地要素保障的“334”目标是什么意思",
            ["筹措指标3000亩", "做地管地3000亩", "出地供地4000亩"],
        ),
        (
            "临淄今年要创建的4个省级美丽乡村是哪几个村",
            ["大夫店", "麻王", "西河", "李家桥"],
        ),
        ("越城区要支持哪些龙头企业持续做强", ["振德", "福清", "海圣", "震元等"]),
    ],
)
def test_names_are_cut_from_what_is_done_with_them(
    bundled_chain: Chain, question: str, items: list[str]
) -> None:
    assert items_of(list_for(bundled_chain, question)) == items


def test_all_twelve_names_of_one_sentence_share_its_citation(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "请列出上城区2024年12件民生实事候选项目的名称")
    items = items_of(answer)
    assert len(items) == 12
    assert items[0] == "“学有优教”在上城"
    assert items[-1] == "“阳光成长”在上城"
    assert answer is not None
    assert len(answer.citations) == 1


def test_the_leads_of_paragraphs_are_the_points_of_a_section(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "临淄区政府自身建设讲了哪几点")
    assert items_of(answer) == [
        "旗帜鲜明讲政治,建设忠诚政府",
        "依法行政履职责,建设法治政府",
        "担当实干勇作为,建设效能政府",
        "清正廉明作表率,建设廉洁政府",
    ]


def test_problems_owned_are_listed_one_by_one(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "上城区报告自己承认还有哪些困难和不足?")
    assert items_of(answer) == [
        "产业结构优化调整还需持续攻坚",
        "消费潜能尚需进一步激发",
        "科技创新对高质量发展支撑还不够有力",
        "牵引性带动力强的重大项目储备仍然不足",
        "民生领域仍有短板弱项",
        "金融、房地产、安全生产等领域潜在风险依然存在",
        "政府改革创新能力和推进现代化建设本领还需进一步提高",
    ]


def test_key_tasks_are_the_headings_of_the_plan(bundled_chain: Chain) -> None:
    items = items_of(list_for(bundled_chain, "越城区今年主要工作任务有哪几方面"))
    assert len(items) == 5
    assert items[0] == "坚持创新引领,着力打造经济增长新引擎"


def test_a_list_that_names_fewer_than_it_announces_is_partial(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "荔湾区封顶的6个项目有哪些")
    assert answer is not None
    assert answer.text.splitlines() == [
        "荔湾区(2023年计划)6个项目封顶:宏悦、绿瘦等[1]。",
        "应有6项,这里只列出2项。",
    ]
    assert answer.status == "partial"
    assert answer.notes == ("应有6项,这里只列出2项。",)


def test_a_follow_up_asks_for_the_list_of_the_place_before_it(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "那还存在哪些困难和问题", "荔湾区去年GDP多少?")
    assert answer is not None
    assert answer.text.startswith("荔湾区(2023年)")


# --- what holds for every list -------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "海曙区2023年要做好的六方面重点工作是哪六个“突出”?",
        "荔湾区存在哪些困难和问题",
        "绍兴2021年民生实事候选项目有哪些",
        "临淄区八个方面的工作是哪八个",
    ],
)
def test_quotes_are_exact_slices_and_hold_their_items(bundled_chain: Chain, question: str) -> None:
    answer = list_for(bundled_chain, question)
    assert answer is not None
    library = bundled_chain.searcher.library
    for citation in answer.citations:
        source = library.source_text(citation.report_id)
        assert source[citation.start : citation.end] == citation.quote
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)]
    assert numbers == [citation.n for citation in answer.citations]
    quoted = fold("".join(citation.quote for citation in answer.citations))
    assert all(item.split(",")[0] in quoted for item in items_of(answer))
    assert all(check.supported for check in answer.checks)


# --- questions that ask for no list --------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "越城区2023年GDP增长多少?",
        "上城区今年GDP目标是多少?",
        "海曙区哪条老街评上了国家级夜间文旅消费集聚区",
        "越城区和上城区2023年的PM2.5浓度哪个更低?",
        "收集到的这些政府工作报告里,哪几份提到了亚运?",
        "绍兴2021年民生实事的网上投票是哪几天?",
        "上城区报告的报告人是哪位区长?什么时候在人代会上作的?",
        "How many affordable rental housing units does Shangcheng plan for 2024?",
    ],
)
def test_questions_for_something_else_are_left_to_others(
    bundled_chain: Chain, question: str
) -> None:
    assert list_for(bundled_chain, question) is None


@pytest.mark.parametrize(
    "question",
    [
        # Named without being explained.
        "上城首创的“三统一分”救助模式,三统和一分各指什么?",
        "海曙“三比三拼三焕新”指什么",
        # No such list is told.
        "海曙区2022年新引进哪些企业",
        "上城区2023年获得了哪些荣誉",
        "荔湾去年的民生实事有哪些",
        # Every report has one.
        "2024年重点工作有哪些",
        "还有哪些困难和问题",
    ],
)
def test_nothing_is_listed_where_no_list_is_sure(bundled_chain: Chain, question: str) -> None:
    assert list_for(bundled_chain, question) is None


def test_names_in_one_pair_of_quotes_are_a_list_if_they_are_counted(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "唐冶、洪楼那个区发展生物医药围绕哪三条主线?")
    assert items_of(answer) == ["医药", "医疗", "医养"]


def test_what_is_counted_behind_other_names_is_not_their_list(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "上城区2024年12件民生实事是哪些")
    assert len(items_of(answer)) == 12
    assert list_for(bundled_chain, "上城区今年民生实事有哪些") is None


def test_a_slogan_in_quotes_is_no_list(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review="坚持“快、准、实”工作作风。")
    assert list_for(chain, "越城区坚持的工作作风有哪些?") is None


@pytest.mark.parametrize(
    ("question", "is_asked"), [("“1”和“3”指什么?", False), ("“9”指什么?", True)]
)
def test_two_digits_in_quotes_ask_for_a_sentence_and_one_for_a_list(
    question: str, is_asked: bool
) -> None:
    assert (read_asked(understand(question)) is not None) is is_asked


@pytest.mark.parametrize(
    "question",
    [
        "建设“吴越名城”的那个区承认自己还有哪六个方面的力需要提升?",
        "提出建设“吴越名城”的区坦言还有哪些地方做得不够?",
        "建设“吴越名城”的那个区还有哪些方面有待改进?",
    ],
)
def test_what_a_government_owns_to_lack_is_asked_for_in_many_words(
    bundled_chain: Chain, question: str
) -> None:
    items = items_of(list_for(bundled_chain, question))
    assert len(items) == 6
    assert items[0] == "重大项目不够多,产业支撑力有待提升"


def test_what_one_trade_lacks_is_not_the_list_of_problems(bundled_chain: Chain) -> None:
    answer = list_for(bundled_chain, "荔湾区的营商环境还有哪些地方需要提升?")
    assert answer is None or "存在的困难和问题" not in answer.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "在易地搬迁集中安置点,新建健身场地300个,惠及10万人。",
            "在易地搬迁集中安置点,新建健身场地300个",
        ),
        ("以产业园区为重点,引进龙头企业20家,力争百亿元。", "以产业园区为重点,引进龙头企业20家"),
        ("在全省建设健身场地300个,惠及10万人。", "在全省建设健身场地300个"),
        ("免费检查10万人,惠及全省。", "免费检查10万人"),
    ],
)
def test_an_item_cut_short_keeps_its_main_clause(text: str, kept: str) -> None:
    assert head(text, 1) == kept


def test_names_at_the_end_of_an_explanation_are_not_cut_off(chain_over: ChainOver) -> None:
    plan = (
        "“三横三纵”水网:“三横”指三个横向水道,包括甲江引水、乙湖灌区、丙河水库3个工程;"
        "“三纵”指三个纵向水道,包括丁渠引水、戊泽灌区、己溪水库3个工程。"
    )
    chain = chain_over(Invented("四川省", 2026, plan=plan))
    answer = chain.ask("四川“三横三纵”水网,横的纵的各是哪三条?")
    assert all(name in answer.text for name in ("甲江", "乙湖", "丙河", "丁渠", "戊泽", "己溪"))
    assert answer.status == "answered"


def test_names_that_one_sentence_only_begins_are_taken_from_the_one_that_has_all(
    chain_over: ChainOver,
) -> None:
    chain = chain_over(
        Invented(
            "四川省",
            2026,
            review="智能制造、航空航天等四大科技专项深入实施。",
            plan="全力推进智能制造、航空航天、生物育种、清洁能源等4个重大科技专项。",
        )
    )
    answer = chain.ask("四川四大科技专项指哪四个领域?")
    assert all(name in answer.text for name in ("智能制造", "航空航天", "生物育种", "清洁能源"))
    assert answer.status == "answered"


def test_a_term_is_not_defined_by_the_list_of_a_report_without_it(chain_over: ChainOver) -> None:
    chain = chain_over(
        Invented("全国", 2018, review="制定实施大气、水、土壤污染防治三个“十条”并取得成效。"),
        Invented("全国", 2014, plan="解决好“三个1亿人”问题,促进落户,改造棚户区,引导就近城镇化。"),
    )
    answer = chain.ask("“三个1亿人”是什么意思?")
    assert "棚户区" in answer.text
    assert "十条" not in answer.text


_DEEDS = (
    "今年继续办好三方面民生实事。\n1.医疗卫生方面。新增床位300张。完成社区医院改造12家。\n"
    "2.交通出行方面。新增公共停车位1万个。新开公交线路22条。\n3.养老帮困方面。新建老年食堂40家。\n"
)


@pytest.mark.parametrize(
    "question",
    [
        "绍兴市2024年三方面民生实事里,“交通出行”这一条列了哪几件事?",
        "绍兴市2024年民生实事交通出行方面有哪些?",
    ],
)
def test_the_item_named_is_told_and_not_the_names_of_all(
    chain_over: ChainOver, question: str
) -> None:
    answer = chain_over(Invented("绍兴市", 2024, plan=_DEEDS)).ask(question)
    assert answer.status == "answered"
    assert "新增公共停车位1万个[1]" in answer.text
    assert "新开公交线路22条[2]" in answer.text
    assert "床位" not in answer.text
