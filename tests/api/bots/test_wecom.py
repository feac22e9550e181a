"""WeCom's protocol, spoken for real: encrypted callbacks to the running server, its API beside it."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

from api.bots import calling, wecom_api
from api.bots.calling import Pace
from api.bots.wecom import WecomMouth
from qa.chain import Chain
from qa.errors import InputError
from qa.settings import Settings
from tests.api.bots.bot_serving import check_links, served_bot
from tests.api.bots.conftest import HeldChain, until
from tests.api.bots.wecom_double import (
    AES_KEY,
    AGENT,
    CORP,
    SECRET,
    TOKEN,
    USER,
    WecomDouble,
    WecomSender,
    encrypted,
    envelope,
    event,
    signed,
    text_message,
    wecom_double,
    xml,
)
from tests.conftest import ChainOver, Invented

QUESTION = "越城区2023年GDP增长多少?"
ANSWER = "越城区2023年地区生产总值增长7.6%[1]。"
OTHER = "上城区2023年GDP增长多少?"

ServedWecom = Callable[..., AbstractContextManager[WecomSender]]


@pytest.fixture
def wecom() -> Iterator[WecomDouble]:
    with wecom_double() as double:
        yield double


@pytest.fixture
def wecom_served(wecom: WecomDouble, bundled_settings: Settings) -> ServedWecom:
    @contextmanager
    def serve(chain: Chain, **given: object) -> Iterator[WecomSender]:
        told = {
            "wecom_corp_id": CORP,
            "wecom_agent_id": AGENT,
            "wecom_secret": SECRET,
            "wecom_token": TOKEN,
            "wecom_aes_key": AES_KEY,
            "wecom_api_url": wecom.url,
        }
        with served_bot(chain, bundled_settings, **(told | given)) as url:
            yield WecomSender(url)

    return serve


@pytest.fixture
def bot(wecom_served: ServedWecom, held_chain: HeldChain) -> Iterator[WecomSender]:
    with wecom_served(held_chain) as sender:
        yield sender


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "LIMITED_WAITS", (0.3, 0.3))
    monkeypatch.setattr(calling, "DOWN_WAITS", (0.1, 0.1))


def code_of(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


# --- the address is verified -------------------------------------------------------------------


def test_the_address_is_verified_by_what_only_our_key_decrypts(bot: WecomSender) -> None:
    echo = encrypted("1616140317555161061")
    reply = bot.verify({**signed(echo), "echostr": echo})
    assert (reply.status_code, reply.text) == (200, "1616140317555161061")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (lambda e: signed(e, token="another"), (401, "wrong_signature")),
        (lambda e: signed(e + "x"), (401, "wrong_signature")),
        (lambda e: signed(e, at=time.time() - 301), (401, "wrong_signature")),
        (lambda e: {}, (401, "wrong_signature")),
    ],
    ids=["token", "other_text", "old", "nothing"],
)
def test_a_verification_that_is_not_wecom_s_is_refused(
    bot: WecomSender, query: Callable[[str], dict[str, str]], told: tuple[int, str]
) -> None:
    echo = encrypted("1616140317555161061")
    assert code_of(bot.verify({**query(echo), "echostr": echo})) == told


def test_a_message_that_somebody_kept_is_not_decrypted_for_him(
    bot: WecomSender, wecom: WecomDouble
) -> None:
    secret = encrypted(xml(text_message(QUESTION, "1")))
    query = signed(secret)
    assert code_of(bot.verify({**query, "echostr": secret})) == (400, "broken_delivery")
    assert code_of(bot.verify({**query, "echostr": secret})) == (401, "replayed")
    bot.raw(envelope(secret), query)
    wecom.answered()
    assert code_of(bot.verify({**query, "echostr": secret})) == (401, "replayed")


# --- answers -----------------------------------------------------------------------------------


def test_a_message_is_answered_to_its_sender(bot: WecomSender, wecom: WecomDouble) -> None:
    reply = bot.ask(QUESTION)
    assert (reply.status_code, reply.text) == (200, "")
    (answer,) = wecom.answered()
    assert answer.to == USER
    assert answer.text.startswith(ANSWER)
    assert "可以在这里接着问,例如:那上城区呢?" in answer.text
    assert '<a href="https://reports.example.org/wenzheng/#/reports/' in answer.text


def test_every_citation_is_a_link_to_the_page_with_its_sentence(
    bot: WecomSender, wecom: WecomDouble
) -> None:
    question = "越城区和上城区2023年GDP增长多少?"
    bot.ask(question)
    (answer,) = wecom.answered()
    check_links(bot.url, question, answer.text)


def test_a_follow_up_leans_on_what_its_sender_asked(
    bot: WecomSender, wecom: WecomDouble, held_chain: HeldChain
) -> None:
    bot.ask(QUESTION)
    wecom.answered()
    bot.ask("那上城呢")
    bot.ask("那上城呢", user="LiSi")
    wecom.answered(3)
    assert ("那上城呢", (QUESTION,)) in held_chain.asked
    assert ("那上城呢", ()) in held_chain.asked
    texts = [one.text for one in wecom.answers() if one.to == USER]
    assert texts[1].startswith("上城区2023年地区生产总值2668.5亿元、增长4.3%[1]。")


def test_an_english_question_gets_an_english_frame(bot: WecomSender, wecom: WecomDouble) -> None:
    bot.ask("What was the GDP growth of Yuecheng in 2023?")
    (answer,) = wecom.answered()
    assert "up 7.6% [1]" in answer.text
    assert "You can ask on here" in answer.text


def test_a_refusal_says_what_may_be_asked_instead(bot: WecomSender, wecom: WecomDouble) -> None:
    bot.ask("深圳市2023年GDP增长多少?")
    (answer,) = wecom.answered()
    assert answer.text.startswith("馆藏中没有深圳市的政府工作报告")
    assert "可以这样问:\n• " in answer.text
    assert "<a" not in answer.text


def test_a_table_is_rows_of_text(bot: WecomSender, wecom: WecomDouble) -> None:
    bot.ask("各区2024年GDP目标对比")
    (answer,) = wecom.answered()
    rows = [line for line in answer.text.splitlines() if " | " in line]
    assert [row.partition(" | ")[0] for row in rows][:2] == ["越城区", "上城区"]
    assert re.fullmatch(r"越城区 \| 地区生产总值 .+ \[1\]", rows[0])


def test_what_a_report_says_is_never_a_link(
    wecom_served: ServedWecom, chain_over: ChainOver, wecom: WecomDouble
) -> None:
    hostile = '全市地区生产总值增长6.3%,<a href="https://evil.example">点击这里</a>。'
    with wecom_served(chain_over(Invented("海宁市", 2025, hostile, ""))) as bot:
        bot.ask("海宁市2024年地区生产总值增长多少?")
        (answer,) = wecom.answered()
    assert "点击这里" in answer.text
    assert re.findall('<a href="([^"]*)/#/', answer.text) == [
        "https://reports.example.org/wenzheng"
    ]
    assert answer.text.count("<a ") == answer.text.count("</a>") == 1


# --- at once, once, in turn --------------------------------------------------------------------


def test_the_acknowledgement_leaves_before_the_answer_is_begun(
    bot: WecomSender,
    wecom: WecomDouble,
    held_chain: HeldChain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(WecomMouth, "grace", 0.2)
    held_chain.released.clear()
    started = time.monotonic()
    assert bot.ask(QUESTION).status_code == 200
    assert time.monotonic() - started < 3
    until(lambda: bool(wecom.sent))
    assert wecom.sent[0].text == "正在查阅报告…"
    assert wecom.answers() == []
    held_chain.released.set()
    wecom.answered()


def test_of_a_hundred_events_with_ten_duplicates_ninety_are_answered_to_their_senders(
    bot: WecomSender, wecom: WecomDouble, held_chain: HeldChain
) -> None:
    asked = {f"user{n}": f"{2016 + n % 9}年越城区GDP增长多少?" for n in range(90)}
    sent: list[tuple[str, str]] = []
    for n, user in enumerate(asked):
        sent += [(user, f"8{n}")] * (2 if n % 9 == 0 else 1)
    assert len(sent) == 100
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda one: bot.ask(asked[one[0]], one[1], one[0]), sent))
    assert {reply.status_code for reply in replies} == {200}
    told = wecom.answered(90, 60)
    assert sorted(one.to for one in told) == sorted(asked)
    assert len(held_chain.asked) == 90
    for one in told:
        assert asked[one.to][:4] in one.text


def test_a_replayed_message_is_acknowledged_and_not_answered_again(
    bot: WecomSender, wecom: WecomDouble, held_chain: HeldChain
) -> None:
    secret = encrypted(xml(text_message(QUESTION, "1")))
    query = signed(secret)
    for _ in range(3):
        assert bot.raw(envelope(secret), query).status_code == 200
    bot.ask(QUESTION, "1")
    bot.ask(OTHER)
    assert len(wecom.answered(2)) == 2
    assert [text for text, _ in held_chain.asked] == [QUESTION, OTHER]


def test_long_answers_are_split_under_the_limit(
    wecom_served: ServedWecom, chain_over: ChainOver, wecom: WecomDouble
) -> None:
    names = [
        "越城",
        "上城",
        "拱墅",
        "西湖",
        "滨江",
        "萧山",
        "余杭",
        "临平",
        "钱塘",
        "富阳",
        "临安",
        "海曙",
        "江北",
        "镇海",
    ]
    places = [f"{name}区" for name in names]
    reports = [Invented(one, 2025, f"{one}地区生产总值增长6.3%。", "") for one in places]
    with wecom_served(chain_over(*reports)) as bot:
        bot.ask("各区2024年地区生产总值增长多少?")
        told = wecom.answered(2)
        until(lambda: "可以" in wecom.answers()[-1].text)
    text = "\n".join(one.text for one in wecom.answers())
    assert len(told) >= 2
    assert sorted(set(re.findall(r">\[(\d+)\] ", text)), key=int) == [
        str(n) for n in range(1, len(places) + 1)
    ]


# --- WeCom's API -------------------------------------------------------------------------------


def test_one_token_serves_all_and_is_renewed_once_where_wecom_refuses_it(
    bot: WecomSender, wecom: WecomDouble
) -> None:
    bot.ask(QUESTION)
    bot.ask(OTHER, user="LiSi")
    wecom.answered(2)
    assert wecom.tokens == ["token-1"]
    wecom.expire()
    bot.ask(QUESTION)
    wecom.answered(3)
    assert wecom.tokens == ["token-1", "token-2"]


@pytest.mark.usefixtures("short_waits")
def test_a_rate_limit_is_waited_for(bot: WecomSender, wecom: WecomDouble) -> None:
    wecom.refusals = [(200, {"errcode": 45009, "errmsg": "api freq out of limit"})]
    started = time.monotonic()
    bot.ask(QUESTION)
    (answer,) = wecom.answered()
    assert time.monotonic() - started >= 0.3
    assert answer.text.startswith(ANSWER)


def test_more_than_a_member_may_get_in_a_minute_waits(
    wecom_served: ServedWecom,
    held_chain: HeldChain,
    wecom: WecomDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wecom_api, "Pace", lambda most, seconds: Pace(most // 15, 2.0))
    with wecom_served(held_chain) as bot:
        started = time.monotonic()
        for _ in range(3):
            bot.ask(QUESTION)
        wecom.answered(3)
    assert time.monotonic() - started >= 2


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("refusal", [(502, {}), (200, {"errcode": -1, "errmsg": "system busy"})])
def test_a_short_outage_is_waited_for(
    bot: WecomSender, wecom: WecomDouble, refusal: tuple[int, dict[str, Any]]
) -> None:
    wecom.refusals = [refusal] * 2
    bot.ask(QUESTION)
    assert wecom.answered()[0].text.startswith(ANSWER)


@pytest.mark.usefixtures("short_waits")
def test_a_long_outage_is_logged_and_told_when_it_is_over(
    bot: WecomSender, wecom: WecomDouble, caplog: pytest.LogCaptureFixture
) -> None:
    wecom.refusals = [(503, {})] * 4
    bot.ask(QUESTION, "4711")
    (told,) = wecom.answered()
    assert told.text.startswith("抱歉,这次没有答成")
    assert "4711" in told.text
    assert "message/send: 503" in caplog.text
    assert "token-1" not in caplog.text


@pytest.mark.usefixtures("short_waits")
def test_secrets_are_not_logged_where_wecom_is_not_there(
    wecom_served: ServedWecom, held_chain: HeldChain, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wenzheng")
    with wecom_served(held_chain, wecom_api_url="http://127.0.0.1:9") as bot:
        assert bot.ask(QUESTION, "4711").status_code == 200
        until(lambda: "event 4711: not said" in caplog.text)
    assert "no answers in WeCom yet: gettoken: Client" in caplog.text
    assert SECRET not in caplog.text
    assert "越城区" not in caplog.text


def test_a_wrong_secret_is_told_when_the_server_starts(
    wecom_served: ServedWecom, held_chain: HeldChain, caplog: pytest.LogCaptureFixture
) -> None:
    with wecom_served(held_chain, wecom_secret="wrong"):
        until(lambda: "gettoken: 40001 invalid credential" in caplog.text)


# --- when there is no answer -------------------------------------------------------------------


def test_a_failure_is_told_in_one_line_without_its_details(
    wecom_served: ServedWecom, bundled_chain: Chain, wecom: WecomDouble
) -> None:
    class Broken(HeldChain):
        async def stream(self, text: str, turns: Any = ()) -> Any:
            raise InputError("unreadable", name="/secret/place", reason="x")
            yield

    with wecom_served(Broken(bundled_chain)) as bot:
        bot.ask(QUESTION, "77")
        (told,) = wecom.answered()
    assert told.text.startswith("抱歉,这次没有答成")
    assert "77" in told.text
    assert "secret" not in told.text


def test_too_long_a_question_is_told(bot: WecomSender, wecom: WecomDouble) -> None:
    bot.ask("问" * 2001)
    assert wecom.answered()[0].text == "问题最多 2000 字,请写得短一些。"


def test_who_sends_a_picture_or_comes_in_is_told_how_to_ask_once_a_day(
    bot: WecomSender, wecom: WecomDouble, held_chain: HeldChain
) -> None:
    bot.message(text_message("", "1", MsgType="image", PicUrl="https://x.example", MediaId="m"))
    bot.message(event("enter_agent", user="LiSi"))
    bot.message(event("enter_agent", user="LiSi", CreateTime=int(time.time()) + 5))
    bot.ask(QUESTION, user="LiSi")
    told = wecom.answered(3)
    assert [one.to for one in told].count("LiSi") == 2
    assert sum("年地区生产总值增长多少?" in one.text for one in told) == 2
    assert len(held_chain.asked) == 1


@pytest.mark.parametrize(
    "message",
    [event("subscribe"), event("LOCATION"), text_message(QUESTION, "1", user="sys")],
    ids=["subscribe", "location", "system"],
)
def test_what_is_no_question_is_acknowledged_and_left_alone(
    bot: WecomSender, wecom: WecomDouble, message: dict[str, object]
) -> None:
    assert bot.message(message).status_code == 200
    bot.ask(QUESTION)
    assert len(wecom.answered()) == 1


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        lambda s: signed(s, token="another"),
        lambda s: signed(s + "x"),
        lambda s: signed(s, at=time.time() - 301),
        lambda s: signed(s, at=time.time() + 400),
        lambda s: signed(s) | {"timestamp": "soon"},
        lambda s: signed(s) | {"msg_signature": "签名"},
        lambda s: {},
    ],
    ids=["token", "body", "old", "future", "no_number", "chinese", "missing"],
)
def test_a_callback_that_wecom_did_not_sign_now_is_refused(
    bot: WecomSender, wecom: WecomDouble, query: Callable[[str], dict[str, str]]
) -> None:
    secret = encrypted(xml(text_message(QUESTION, "1")))
    assert code_of(bot.raw(envelope(secret), query(secret))) == (401, "wrong_signature")
    assert wecom.sent == []


def test_another_corp_or_app_is_refused(bot: WecomSender, wecom: WecomDouble) -> None:
    foreign = bot.message(text_message(QUESTION, "1"), corp="wwSTRANGER")
    assert code_of(foreign) == (403, "unknown_workspace")
    named = bot.message(text_message(QUESTION, "1", ToUserName="wwSTRANGER"))
    assert code_of(named) == (403, "unknown_workspace")
    app = bot.message(text_message(QUESTION, "1", AgentID=1000009))
    assert code_of(app) == (403, "unknown_workspace")
    assert wecom.sent == []


def test_users_are_those_of_the_setting(
    wecom_served: ServedWecom, held_chain: HeldChain, wecom: WecomDouble
) -> None:
    with wecom_served(held_chain, wecom_users=f"{USER},WangWu") as bot:
        bot.ask(QUESTION)
        bot.ask(QUESTION, user="LiSi")
        told = {one.to: one.text for one in wecom.answered(2)}
    assert told[USER].startswith(ANSWER)
    assert told["LiSi"] == "您没有开通问政;请联系运营者。"
    assert len(held_chain.asked) == 1


BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Encrypt>&c;</Encrypt></xml>'
)
THIEF = '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.mark.parametrize("document", [BOMB, THIEF, "", "<xml>", "\x00", '<?xml encoding="x"?><a/>'])
def test_a_document_that_defines_or_includes_anything_or_is_none_is_refused(
    bot: WecomSender, wecom: WecomDouble, document: str
) -> None:
    outer = bot.raw(document.encode(), signed(""))
    assert code_of(outer) == (400, "broken_delivery")
    secret = encrypted(document or "x")
    assert code_of(bot.raw(envelope(secret), signed(secret))) == (400, "broken_delivery")
    assert wecom.sent == []


@pytest.mark.parametrize("secret", ["", "!!!", "YWJj", "A" * 64, encrypted("x", key="B" * 43)])
def test_what_is_signed_but_not_encrypted_with_our_key_is_refused(
    bot: WecomSender, secret: str
) -> None:
    assert code_of(bot.raw(envelope(secret), signed(secret))) == (400, "broken_delivery")


def test_the_signature_opens_its_own_address_alone(bot: WecomSender) -> None:
    for path in ("/api/reports", "/bots/wecom", "/bots/wecom/callback/", "/bots/slack/events"):
        assert httpx.get(f"{bot.url}{path}", headers=bot.headers).status_code == 421, path
