from tests.qa.answers.conftest import YuechengOver

REVIEW = "新建绿道35公里,沿河步道全线贯通。\n整治背街小巷64条,群众满意度很高。"
PLAN = "建设城市绿道50公里,串联山水人文。\n深化垃圾分类,打造示范小区20个。"


def test_each_half_is_answered_of_its_own_time(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review=REVIEW, plan=PLAN)
    answer = chain.ask("越城区2023年新建绿道多少公里?2024年准备建设绿道多少公里?")
    assert "35公里" in answer.text
    assert "50公里" in answer.text
    assert len(answer.citations) == 2
    assert answer.status == "answered"


def test_a_half_that_the_report_does_not_answer_is_said(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review=REVIEW, plan=PLAN)
    answer = chain.ask("越城区2023年新建绿道多少公里?另外“夜经济示范街”有几条?")
    assert "35公里" in answer.text
    assert "“另外“夜经济示范街”有几条”未能回答。" in answer.text
    assert answer.status == "partial"


def test_quotes_for_the_halves_do_not_stand_against_what_facts_refuse(
    yuecheng_over: YuechengOver,
) -> None:
    chain = yuecheng_over(
        review="全年财政总收入100亿元。", plan="推进高标准农田建设,新增连片面积45万亩。"
    )
    answer = chain.ask("越城区2023年高标准农田多少亩?2024年打算建多少?")
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"


def test_a_partial_answer_to_the_whole_that_says_what_it_lacks_is_kept(
    yuecheng_over: YuechengOver,
) -> None:
    chain = yuecheng_over(review="全年新增学位4680个。", plan=PLAN)
    answer = chain.ask("越城区2023年新增学位多少个?2024年计划新增多少个?")
    assert answer.status == "partial"
    assert "4680个" in answer.text
    assert "未能回答" not in answer.text
    assert answer.text.count("\n") == 1
