"""Surveys over the eight reports of the samples: three districts of Zhejiang and their like in a
collection, a city, and two reports of the collection that do not name their place."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from qa.answers.answer import Answer
from qa.answers.surveys import answer_with_survey
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.reports.report import Source
from qa.search import Searcher
from tests.conftest import MakeVectorMaker, no_progress

SECOND = "地名未写明的报告《2023年政府机构工作报告多篇篇2》"
THIRD = "地名未写明的报告《2023年政府机构工作报告多篇篇3》"

Ask = Callable[[str], Answer | None]


@pytest.fixture
def ask(bundled_chain: Chain) -> Ask:
    def asked(question: str) -> Answer | None:
        searcher = bundled_chain.searcher
        return answer_with_survey(searcher.search(question), searcher.library)

    return asked


def lines(answer: Answer | None) -> list[str]:
    assert answer is not None
    return answer.text.splitlines()


def table(answer: Answer | None) -> dict[str, tuple[str, ...]]:
    """The name of each report → the texts of its other cells."""
    assert answer is not None
    assert answer.table is not None
    return {row[0].text: tuple(cell.text for cell in row[1:]) for row in answer.table.rows}


# --- which reports mention it ------------------------------------------------------------------


def test_every_report_that_mentions_the_words_is_named_and_those_that_do_not(ask: Ask) -> None:
    answer = ask("收集到的这些政府工作报告里,哪几份提到了亚运?")
    assert lines(answer) == [
        "5份报告提到“亚运”:",
        "上城区:“全域实施迎亚运“三大提升”和“匠心提质绣杭城”行…”[1]",
        "海曙区:“开展“迎亚运”城乡环境大整治大提升”[2]",
        "绍兴市:“扎实推进“迎亚运、建窗口”综合交通大会战”[3]",
        "越城区:“坚决扛起亚运赛事承办地、亚运核心保障区重大使命”[4]",
        f"{SECOND}:“全力优化亚运环境”[5]",
        f"没有提到的:临淄区、荔湾区、{THIRD}。",
    ]
    assert table(answer)["临淄区"] == ("未提及",)


@pytest.mark.parametrize(
    "question",
    [
        "哪几份报告提到了亚运?",
        "亚运在哪几份报告里提到?",
        "有几份报告写到“亚运”",
        "哪份报告提到亚运",
        "讲“亚运”的报告一共几份",
    ],
)
def test_the_words_may_stand_before_or_after_the_verb_or_in_quotes(ask: Ask, question: str) -> None:
    assert lines(ask(question))[0] == "5份报告提到“亚运”:"


def test_the_level_asked_about_chooses_the_reports(ask: Ask) -> None:
    answer = ask("提到亚运的区有哪些")
    assert lines(answer)[0] == "4份报告提到“亚运”:"
    assert "绍兴市" not in table(answer)


@pytest.mark.parametrize("question", ["哪几个市、区提到亚运?", "哪几个市县提到亚运?"])
def test_cities_and_districts_asked_about_together_are_both_read(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert lines(answer)[0] == "5份报告提到“亚运”:"
    assert {"绍兴市", "越城区"} <= table(answer).keys()


def test_who_heads_a_city_or_county_does_not_ask_for_both(ask: Ask) -> None:
    assert "越城区" not in table(ask("哪几个市的市、县长提到亚运?"))


def test_the_reports_without_the_words_come_first_when_they_are_asked_for(ask: Ask) -> None:
    head = lines(ask("哪些报告没有提到亚运"))[0]
    assert head == f"3份报告没有提到“亚运”:临淄区、荔湾区、{THIRD}。其余5份都提到:"


def test_two_things_asked_together_are_cited_one_by_one(ask: Ask) -> None:
    answer = ask("哪几份报告同时提到了亚运和共同富裕")
    assert answer is not None
    assert answer.table is not None
    assert answer.table.columns == ("报告", "亚运", "共同富裕")
    assert lines(answer)[0] == "4份报告提到“亚运、共同富裕”:"
    cells = table(answer)
    assert cells["越城区"] == ("坚决扛起亚运赛事承办地、亚运核心保障区重大使命", "未提及")


def test_a_place_looked_for_in_the_reports_does_not_choose_them(ask: Ask) -> None:
    answer = ask("哪几份报告提到了杭州")
    assert lines(answer)[0] == "4份报告提到“杭州”:"
    assert len(table(answer)) == 8


def test_a_place_set_aside_is_left_out(ask: Ask) -> None:
    answer = ask("除了越城,还有哪些区提到亚运?")
    assert lines(answer)[0] == "3份报告提到“亚运”:"
    assert "越城区" not in table(answer)


def test_words_that_no_report_prints_are_refused_after_reading_all(ask: Ask) -> None:
    answer = ask("哪些区提到了低空经济")
    assert answer is not None
    assert answer.status == "refused"
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"
    assert answer.text == "收录的7份报告都没有提到“低空经济”。"


def test_what_was_done_is_looked_for_by_its_object(ask: Ask) -> None:
    assert lines(ask("哪些区建了未来社区"))[:2] == [
        "4份报告提到“未来社区”:",
        "上城区:“创建未来社区17个、风貌样板区4个”[1]",
    ]


def test_a_level_that_is_not_held_is_refused(ask: Ask) -> None:
    answer = ask("哪几个省提到了亚运")
    assert answer is not None
    assert answer.refusal is not None
    assert answer.refusal.reason == "place_not_held"
    assert "没有收录省级的政府工作报告" in answer.text


def test_words_broken_across_lines_or_in_full_width_are_found(
    tmp_path: Path, sample_sources: dict[str, Source], vector_maker: MakeVectorMaker
) -> None:
    changes = {
        "000": ("坚决扛起亚运赛事", "发展低 空\n经济产业,坚决扛起亚运赛事"),
        "001": ("社会消费品零售总额1107", "建成５Ｇ 基站,社会消费品零售总额1107"),
    }
    for name, (printed, changed) in changes.items():
        text = sample_sources[name].text
        assert printed in text
        (tmp_path / f"{name}.txt").write_text(text.replace(printed, changed, 1), "utf-8")
    folder = tmp_path / "library"
    ingest(folder, [tmp_path], vector_maker(), passage_max_chars=600, progress=no_progress)
    searcher = Searcher(Library(folder), None)
    broken = answer_with_survey(searcher.search("哪些区提到了低空经济"), searcher.library)
    wide = answer_with_survey(searcher.search("哪些区提到了5G基站"), searcher.library)
    searcher.library.close()
    assert lines(broken)[:2] == ["1份报告提到“低空经济”:", "越城区:“发展低空经济产业”[1]"]
    assert lines(wide)[:2] == ["1份报告提到“5G基站”:", "上城区:“建成５Ｇ基站”[1]"]


def test_the_words_may_be_asked_for_as_words_or_by_what_is_said_of_them(ask: Ask) -> None:
    head = lines(ask("没提“共同富裕”四个字的有哪几家?"))[0]
    assert head == "2份报告没有提到“共同富裕”:越城区、荔湾区。其余6份都提到:"
    assert lines(ask("各区对养老都是怎么说的"))[0] == "6份报告提到“养老”:"
    assert lines(ask("各份报告关于数字经济说了什么"))[0] == "全部8份报告都提到“数字经济”:"


def test_a_name_in_brackets_is_another_name_or_another_end(ask: Ask) -> None:
    assert lines(ask("讲到夜间经济(夜经济)的报告有几份"))[0] == "3份报告提到“夜间经济”:"
    answer = ask("有哪些地方的报告提到要创建全国基层中医药工作示范区(县)?")
    assert lines(answer)[0].startswith("6份报告提到")
    assert table(answer)[SECOND] == ("推动全国基层中医药工作示范县创建",)


def test_one_thing_mentioned_and_another_not(ask: Ask) -> None:
    answer = ask("哪几家提到了亚运但没有提到共同富裕")
    assert lines(answer) == [
        "1份报告提到“亚运”而没有提到“共同富裕”:",
        "越城区:“坚决扛起亚运赛事承办地、亚运核心保障区重大使命”[1]",
        f"两者都提到的:上城区、海曙区、绍兴市、{SECOND}。",
        f"没有提到“亚运”的:临淄区、荔湾区、{THIRD}。",
    ]


def test_neither_of_two_things(ask: Ask) -> None:
    head = lines(ask("哪些报告没提低空经济和人工智能"))[0]
    assert head.startswith(
        f"4份报告没有提到“低空经济和人工智能”:绍兴市、越城区、{SECOND}、{THIRD}。"
    )


def test_an_english_word_that_is_not_printed_says_nothing_of_the_reports(ask: Ask) -> None:
    assert ask("Which reports mention RCEP but do not mention AI") is None


def test_a_rank_in_the_nation_is_no_place(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("有几个区提出要争创全国文明典范城市")
    assert answer.text.splitlines()[0] == "2份报告提到“全国文明典范城市”:"


def test_a_place_that_is_not_held_may_be_looked_for(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("哪几份报告提到了深圳")
    assert answer.text == "收录的8份报告都没有提到“深圳”。"


# --- figures of all ----------------------------------------------------------------------------


def test_amounts_are_ranked_and_growth_alone_is_no_amount(ask: Ask) -> None:
    answer = ask("把给出了社会消费品零售总额具体金额的区从高到低排一下。")
    assert lines(answer) == [
        "社会消费品零售总额从高到低(计算):",
        "上城区2023年1107亿元[1]",
        "荔湾区2023年647.09亿元[2]",
        f"{THIRD}2023年600亿元[3]",
        f"{SECOND}2023年224.28亿元[4]",
        "临淄区2023年172亿元[5]",
        "没有给出的:海曙区、越城区。",
    ]
    assert table(answer)["越城区"] == ("未给出(2023年增长6.0%)",)


def test_growth_is_ranked_without_amounts(ask: Ask) -> None:
    first = lines(ask("社会消费品零售总额增速最快的区是哪个?"))[0]
    assert first == "社会消费品零售总额增速最快的是越城区2023年增长6.0%[1](计算)。"


def test_all_may_be_compared_in_english(ask: Ask) -> None:
    said = lines(ask("Compare the retail sales growth targets of all districts"))
    assert said[1] == "越城区, target for 2024: up 7%以上 [1]"
    assert len(said) == 7


def test_who_states_it_is_asked_of_all(ask: Ask) -> None:
    assert set(table(ask("绿道建设数字有谁报了?"))) >= {"上城区", "海曙区", THIRD}


def test_the_lowest_target_is_named_first_and_the_others_ascend(ask: Ask) -> None:
    answer = ask("几份报告里GDP增长目标定得最低的是哪家,定了多少?")
    assert lines(answer)[:4] == [
        "地区生产总值增长目标最低的是上城区2024年目标增长4%以上[1](计算)。",
        "其余:",
        f"{SECOND}2023年目标增长5%以上[2]",
        "临淄区2023年目标增长5.5%以上[3]",
    ]
    assert answer is not None
    assert answer.notes == ("各报告所述年份不同(2021、2023、2024),排序跨年。",)


def test_last_year_is_the_year_each_report_looks_back_on(ask: Ask) -> None:
    answer = ask("各区去年固定资产投资增速")
    cells = table(answer)
    assert cells["海曙区"] == ("2022年增长13.3%",)
    assert cells["越城区"] == ("2023年增长9.9%",)
    assert cells[THIRD] == ("2023年预计增长14%",)


def test_a_subject_outside_the_lexicon_is_found_by_its_words(ask: Ask) -> None:
    answer = ask("哪几个区的报告公布了12345热线的办理量?哪个区办得更多?")
    assert lines(answer)[:3] == [
        f"12345热线办理量更多的是{THIRD}2023年市民服务热线64.9万件[1](计算)。",
        "其余:",
        "荔湾区2023年政务服务热线工单24.5万余宗[2]",
    ]


def test_a_new_number_is_not_taken_for_the_number_there_is(ask: Ask) -> None:
    cells = table(ask("哪个区新增国家高新技术企业最多"))
    assert cells["上城区"] == ("2023年新增国家高新技术企业161家",)
    assert cells["越城区"] == ("2023年新增国家高新技术企业114家",)
    assert cells["海曙区"] == ("2022年新增高新技术企业116家",)


def test_a_bound_lists_only_what_keeps_it(ask: Ask) -> None:
    assert lines(ask("哪些区GDP目标在6%以上")) == [
        "地区生产总值增长目标符合“6%以上”的有4份报告(计算),从高到低:",
        "越城区2024年目标增长7%以上[1]",
        "荔湾区2023年目标增长6.5%[2]",
        "海曙区2023年目标增长6%[3]",
        f"{THIRD}2023年目标增长6%[4]",
    ]


def test_a_bound_that_none_keeps_is_said(ask: Ask) -> None:
    head = lines(ask("哪些区的固定资产投资是下降的"))[0]
    assert head == "没有一份报告的固定资产投资增速符合“下降”(计算);从高到低:"


@pytest.mark.parametrize(
    ("question", "limit"),
    [
        ("当年GDP增长目标定在6%或更高的有几家?分别是谁、定了多少?", "6%或更高"),
        ("哪些报告把GDP增长目标定在6%以上", "6%以上"),
        ("GDP增长目标不低于百分之六的有哪几份报告", "不低于6%"),
    ],
)
def test_a_bound_in_other_words_says_how_many_keep_it(ask: Ask, question: str, limit: str) -> None:
    said = lines(ask(question))
    assert said[0] == f"地区生产总值增长目标符合“{limit}”的有5份报告(计算),从高到低:"
    assert len(said) == 6


def test_about_a_figure_is_that_figure(ask: Ask) -> None:
    head = lines(ask("哪些区GDP目标定在6%左右"))[0]
    assert head == "地区生产总值增长目标符合“6%左右”的有2份报告(计算),从高到低:"


def test_of_a_ratio_its_growth_is_told_apart(ask: Ask) -> None:
    assert lines(ask("R&D占比各区目标是多少"))[1:4] == [
        f"{SECOND}2023年目标3.56%[1]",
        "口径不同,未参与排序:",
        "海曙区2023年目标增长10%以上[2]",
    ]


def test_a_name_that_took_in_its_verb_is_the_indicators(ask: Ask) -> None:
    # 进出口总额完成249.5亿元
    cells = table(ask("荔湾、临淄、海曙三个区去年进出口分别多少"))
    assert cells["临淄区"] == ("2023年249.5亿元",)
    assert cells["荔湾区"] == ("未提及",)


def test_a_narrower_thing_is_not_told_by_the_indicator(ask: Ask) -> None:
    cells = table(ask("哪几份报告给出了家庭养老床位的数字"))
    assert cells[THIRD] == ("2023年新增家庭养老床位目标150张",)
    assert cells["荔湾区"] == ("未提及",)


def test_a_bound_from_below_leaves_out_who_states_no_growth(ask: Ask) -> None:
    answer = ask("去年GDP增速没过5%的是哪几个区")
    assert lines(answer)[0] == "地区生产总值增速符合“没过5%”的有4份报告(计算),从高到低:"
    assert table(answer)["海曙区"] == ("未给出(2022年突破1500亿元)",)
    assert lines(answer)[-1] == f"没有给出的:海曙区、{THIRD}。"


def test_five_hundred_million_projects_are_no_bound_and_no_projects_of_a_hundred(ask: Ask) -> None:
    answer = ask("去年各区引进了多少个亿元以上项目")
    assert lines(answer)[1:6] == [
        "上城区2023年引进亿元以上项目226个[1]",
        f"{THIRD}2023年引进过亿元项目142个[2]",
        "海曙区2022年新引进亿元以上项目52个[3]",
        "临淄区2023年新引进过亿元项目49个[4]",
        f"{SECOND}2023年引进亿元以上产业项目36个[5]",
    ]
    assert lines(answer)[6:8] == ["口径不同,未参与排序:", "越城区2023年招引5亿元以上项目46个[6]"]
    assert answer is not None
    assert "口径、单位或统计门槛不同,未参与排序:越城区。" in answer.notes
    assert table(answer)["荔湾区"] == ("未给出(2023年新引进亿元以上项目目标30个)",)


def test_an_indicator_is_found_under_each_of_its_names(ask: Ask) -> None:
    answer = ask("哪几份报告写明了已经达到的研发投入占GDP比重?谁最高?")
    assert lines(answer)[:4] == [
        f"研发经费投入强度最高的是{THIRD}2023年3.1%[1](计算)。",
        "其余:",
        "越城区2023年突破3.0%[2]",
        "绍兴市2020年2.8%[3]",
    ]
    # A target is no result.
    assert table(answer)[SECOND] == ("未给出(2023年目标3.56%)",)


def test_an_indicator_may_be_asked_for_in_plain_words(ask: Ask) -> None:
    answer = ask("这八份报告里,哪几份写出了上一年实际用了多少外资?按金额从大到小排。")
    assert lines(answer)[1:5] == [
        "上城区2023年11.9亿美元[1]",
        f"{THIRD}2023年3亿美元[2]",
        f"{SECOND}2023年2亿美元[3]",
        "临淄区2023年6349万美元[4]",
    ]
    assert table(answer)["海曙区"] == ("未给出(2023年目标3.3亿美元)",)


def test_results_and_targets_stand_side_by_side_where_neither_is_asked_for(ask: Ask) -> None:
    answer = ask("提到给既有住宅装电梯的报告有哪几份,数字是多少")
    assert lines(answer)[1:4] == [
        "绍兴市2020年既有住宅加装电梯168台[1]、2021年既有住宅加装电梯目标300台[2]",
        "只给出目标的:",
        "上城区2024年既有住宅加装电梯目标100台[3]",
    ]
    assert answer is not None
    assert answer.table is not None
    assert answer.table.columns[1:] == ("给既有住宅装电梯(实绩)", "给既有住宅装电梯(目标)")


def test_how_many_state_it_is_said_where_it_is_asked(ask: Ask) -> None:
    answer = ask("有几份报告给出了PM2.5浓度,谁最低")
    assert lines(answer)[0] == "给出PM2.5平均浓度的有1份报告(计算)。"


def test_those_that_state_nothing_come_first_when_they_are_asked_for(ask: Ask) -> None:
    said = lines(ask("没有定外贸目标的是哪几个区"))
    assert said[0].startswith("没有给出进出口总额增长目标的有6份报告(计算):上城区、海曙区")
    assert said[-1] == f"{THIRD}2023年目标增长12%[1]"


def test_growth_without_an_amount_anywhere_in_the_report(ask: Ask) -> None:
    answer = ask("这八份报告里,哪几份对上一年的GDP只报了增速、没报总量?")
    assert lines(answer)[:3] == [
        "只给出增速、没有给出总量的地区生产总值有2份报告(计算):",
        "越城区2023年增长7.6%[1]",
        "临淄区2023年增长4%[2]",
    ]
    none = ask("哪几份报告的固定资产投资只给了总额、没给增速")
    assert lines(none)[0] == "没有一份报告的固定资产投资只给出总量(计算)。"


def test_what_came_new_is_not_ranked_with_all_there_are(ask: Ask) -> None:
    answer = ask("上市公司哪家最多")
    assert lines(answer)[:4] == [
        "上市公司数:",
        "绍兴市2020年68家[1]",
        "口径不同,未参与排序:",
        "上城区2023年新增上市企业3家[2]",
    ]


def test_a_figure_of_another_noun_in_the_clause_is_not_offered(ask: Ask) -> None:
    # 新建1401座充电桩、240个5G基站: the 1401 are no base stations.
    answer = ask("哪份报告提到的5G基站最多")
    assert answer is not None
    assert "1401" not in answer.text


def test_places_named_by_what_is_there_join_the_places_named(ask: Ask) -> None:
    answer = ask(
        "荔湾、“吴越名城”那个区、洪楼唐冶那个区、临淄这四家,去年固定资产投资增速从高到低怎么排?"
    )
    assert lines(answer) == [
        "固定资产投资增速从高到低(计算):",
        f"{THIRD}2023年预计增长14%[1]",
        "临淄区2023年增长8.4%[2]",
        f"{SECOND}2023年增长7%[3]",
        "荔湾区2023年增长3.3%[4]",
    ]


def test_a_place_named_that_is_not_held_is_said(ask: Ask) -> None:
    answer = ask("荔湾、深圳、临淄、海曙四地去年GDP增速谁高")
    assert answer is not None
    assert answer.status == "partial"
    assert answer.notes[0] == "没有收录深圳市的报告。"
    assert set(table(answer)) == {"荔湾区", "临淄区", "海曙区"}


def test_three_places_named_are_surveyed(ask: Ask) -> None:
    answer = ask("越城、上城、海曙这几个区里哪个固定资产投资增速最快")
    assert set(table(answer)) == {"越城区", "上城区", "海曙区"}


def test_silence_makes_an_answer_about_each_partial(ask: Ask) -> None:
    answer = ask("各区老旧小区改造了多少个")
    assert answer is not None
    assert answer.status == "partial"
    silent = f"没有给出的:临淄区、荔湾区、{THIRD}。"
    assert silent in answer.notes
    assert lines(answer)[-1] == silent


def test_a_rate_is_not_told_by_a_figure_of_something_near(ask: Ask) -> None:
    assert ask("有几个区公布了失业率") is None


# --- who delivered them ------------------------------------------------------------------------


def test_speakers_are_cited_by_the_line_that_prints_them(ask: Ask) -> None:
    answer = ask("哪几份报告写了作报告的区长或市长的名字,都是谁?")
    assert lines(answer) == [
        "3份报告写了作报告人的名字:",
        "上城区:惠海涛[1]",
        "海曙区:叶枝利[2]",
        "越城区:钱林江[3]",
        f"没有写的:绍兴市、临淄区、荔湾区、{SECOND}、{THIRD}。",
    ]
    assert answer is not None
    for citation, name in zip(answer.citations, ("惠海涛", "叶枝利", "钱林江"), strict=True):
        assert name in re.sub(r"\s", "", citation.quote)


# --- what holds of every survey ----------------------------------------------------------------

QUESTIONS = [
    "哪几份报告提到了亚运?",
    "哪几份报告同时提到了亚运和共同富裕",
    "哪些报告没有提到亚运",
    "把给出了社会消费品零售总额具体金额的区从高到低排一下。",
    "各区城乡居民收入去年涨了多少",
    "哪几个区的报告公布了12345热线的办理量?哪个区办得更多?",
    "哪些区GDP目标在6%以上",
    "哪几份报告写了作报告的区长或市长的名字,都是谁?",
    "提到给既有住宅装电梯的报告有哪几份,数字是多少",
    "去年各区引进了多少个亿元以上项目",
    "哪几家提到了亚运但没有提到共同富裕",
    "空气优良率各家报的是多少",
    "rank the districts by retail sales",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_citations_are_exact_and_each_has_its_marker(
    ask: Ask, bundled_library: Library, question: str
) -> None:
    answer = ask(question)
    assert answer is not None
    assert answer.table is not None
    marked = {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)}
    marked |= {cell.citation for row in answer.table.rows for cell in row if cell.citation}
    assert marked == {citation.n for citation in answer.citations}
    for citation in answer.citations:
        source = bundled_library.source_text(citation.report_id)
        assert source[citation.start : citation.end] == citation.quote
    assert all(check.supported for check in answer.checks)


def test_an_english_question_is_answered_in_english(ask: Ask) -> None:
    assert lines(ask("rank the districts by retail sales"))[:2] == [
        "total retail sales of consumer goods, from the highest (computed):",
        "上城区, 2023: 1107亿元, up 3.2% [1]",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "越城区2023年GDP增长多少?",
        "越城区哪几个区块要改造?",
        "越城区的报告提到了哪几个重点项目?",
        "荔湾和上城PM2.5浓度谁低?",
        "2023年固定资产投资,上城区和越城区哪个增得快?",
        "洪楼、唐冶那个区去年哪里的变化最大?",
        "洪楼那个区和越城谁的固定资产投资增速高?",
        "政府工作报告是什么?",
        "",
    ],
)
def test_questions_about_one_report_or_two_compared_are_left_to_others(
    ask: Ask, question: str
) -> None:
    assert ask(question) is None


def test_places_named_in_a_list_leave_no_signs_in_the_subject(ask: Ask) -> None:
    answer = ask("越城、上城、海曙三个区上一年各新增了几家国家级“小巨人”企业?谁最多?")
    assert lines(answer)[0].startswith("新增国家级小巨人企业最多的是海曙区")


@pytest.mark.parametrize(
    ("question", "named", "silent"),
    [
        (
            "各区的报告,哪几个区说要利用RCEP的机会?",
            ("海曙区", "越城区", "临淄区", "荔湾区", THIRD),
            "上城区",
        ),
        (
            "比较各区报告里去年实际完成的城镇新增就业人数,按多少列出来。",
            ("越城区", "上城区", SECOND, "海曙区", THIRD, "临淄区"),
            "荔湾区",
        ),
    ],
)
def test_the_frame_of_a_question_in_its_own_words_is_taken_off(
    ask: Ask, question: str, named: tuple[str, ...], silent: str
) -> None:
    _, *told, last = lines(ask(question))
    assert all(line.startswith(place) for line, place in zip(told, named, strict=True))
    assert silent in last


def test_a_place_set_aside_is_not_surveyed(ask: Ask) -> None:
    assert "上城区" not in table(ask("哪几个区提到5G基站,上城区不算"))


def test_cities_and_districts_are_asked_together_and_ratios_are_of_one_kind(ask: Ask) -> None:
    answer = ask("把市、区报告里写明的城乡居民收入比(倍差)从小到大排一下。")
    told = "\n".join(lines(answer))
    assert told.index("1.53") < told.index("1.72") < told.index("1.75")
    assert "口径不同" not in told


@pytest.mark.parametrize("question", ["哪几个区的CPI涨得最快?", "从高到低排一下各区的RCEP出口"])
def test_an_acronym_that_is_measured_is_no_word_to_look_for(ask: Ask, question: str) -> None:
    assert ask(question) is None


def test_words_asked_in_english_are_looked_for_as_printed(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("Which reports mention the digital economy?")
    assert answer.status == "answered"
    assert "“数字经济”" in answer.text
    assert len(answer.citations) >= 4
    assert all("数字经济" in citation.quote for citation in answer.citations)
