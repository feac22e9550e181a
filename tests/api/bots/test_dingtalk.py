"""DingTalk's protocol, spoken for real: signed deliveries to the running server, its API beside it."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

from api.bots import calling, dingtalk_api, dingtalk_stream
from api.bots.calling import Pace
from api.bots.dingtalk import DingtalkMouth
from qa.chain import Chain
from qa.errors import InputError
from qa.settings import Settings
from tests.api.bots.bot_serving import check_links, served_bot
from tests.api.bots.conftest import PAGE, HeldChain, until
from tests.api.bots.dingtalk_double import (
    CLIENT,
    CORP,
    DIRECT,
    FORGED,
    GROUP,
    JSON,
    SECRET,
    STAFF,
    DingtalkDouble,
    DingtalkSender,
    dingtalk_double,
    direct,
    frame,
    message,
    signed,
    system_frame,
)
from tests.conftest import ChainOver, Invented

QUESTION = "越城区2023年GDP增长多少?"
ANSWER = "越城区2023年地区生产总值增长7.6%[1]。"
OTHER = "上城区2023年GDP增长多少?"

ServedDingtalk = Callable[..., AbstractContextManager[DingtalkSender]]


@pytest.fixture
def dingtalk() -> Iterator[DingtalkDouble]:
    with dingtalk_double() as double:
        yield double


@pytest.fixture
def dingtalk_served(dingtalk: DingtalkDouble, bundled_settings: Settings) -> ServedDingtalk:
    @contextmanager
    def serve(chain: Chain, **given: object) -> Iterator[DingtalkSender]:
        told = {
            "dingtalk_client_id": CLIENT,
            "dingtalk_client_secret": SECRET,
            "dingtalk_api_url": dingtalk.url,
            "dingtalk_webhook_url": dingtalk.webhook,
        }
        with served_bot(chain, bundled_settings, **(told | given)) as url:
            yield DingtalkSender(url, dingtalk.webhook)

    return serve


@pytest.fixture
def bot(dingtalk_served: ServedDingtalk, held_chain: HeldChain) -> Iterator[DingtalkSender]:
    with dingtalk_served(held_chain) as sender:
        yield sender


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "LIMITED_WAITS", (0.3, 0.3))
    monkeypatch.setattr(calling, "DOWN_WAITS", (0.1, 0.1))


def code_of(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


# --- answers -----------------------------------------------------------------------------------


def test_who_names_the_robot_in_a_group_is_answered_there_and_called(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    reply = bot.ask(QUESTION)
    assert (reply.status_code, reply.text) == (200, "")
    (answer,) = dingtalk.answered()
    assert (answer.way, answer.to) == ("webhook", f"session-{GROUP}")
    assert answer.text.startswith(ANSWER)
    assert "可以在这里接着问,例如:那上城区呢?" in answer.text
    assert answer.body["msgtype"] == "text"
    assert answer.body["at"] == {"atUserIds": [STAFF]}


def test_a_direct_message_is_answered_without_a_call(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    bot.ask(QUESTION, **direct())
    (answer,) = dingtalk.answered()
    assert answer.to == f"session-{DIRECT}"
    assert "at" not in answer.body


def test_every_citation_is_a_link_to_the_page_with_its_sentence(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    question = "越城区和上城区2023年GDP增长多少?"
    bot.ask(question)
    (answer,) = dingtalk.answered()
    check_links(bot.url, question, answer.text)


def test_a_follow_up_leans_on_what_its_sender_asked_in_the_group(
    bot: DingtalkSender, dingtalk: DingtalkDouble, held_chain: HeldChain
) -> None:
    bot.ask(QUESTION)
    dingtalk.answered()
    bot.ask("那上城呢")
    bot.ask("那上城呢", senderId="$:LWCP_v1:$other", senderStaffId="manager02")
    bot.ask("那上城呢", **direct())
    dingtalk.answered(4)
    follow_ups = [turns for text, turns in held_chain.asked if text == "那上城呢"]
    assert sorted(follow_ups) == [(), (), (QUESTION,)]


def test_an_english_question_gets_an_english_frame(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    bot.ask("What was the GDP growth of Yuecheng in 2023?")
    (answer,) = dingtalk.answered()
    assert "up 7.6% [1]" in answer.text
    assert "You can ask on here" in answer.text


def test_a_refusal_says_what_may_be_asked_instead(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    bot.ask("深圳市2023年GDP增长多少?")
    (answer,) = dingtalk.answered()
    assert answer.text.startswith("馆藏中没有深圳市的政府工作报告")
    assert "可以这样问:\n• " in answer.text
    assert PAGE not in answer.text


def test_a_table_is_rows_of_text(bot: DingtalkSender, dingtalk: DingtalkDouble) -> None:
    bot.ask("各区2024年GDP目标对比")
    (answer,) = dingtalk.answered()
    rows = [line for line in answer.text.splitlines() if " | " in line]
    assert [row.partition(" | ")[0] for row in rows][:2] == ["越城区", "上城区"]


def test_what_a_report_says_is_sent_as_it_is_and_never_as_markup(
    dingtalk_served: ServedDingtalk, chain_over: ChainOver, dingtalk: DingtalkDouble
) -> None:
    hostile = "**全市**地区生产总值增长6.3%,[点击这里](https://evil.example)。"
    with dingtalk_served(chain_over(Invented("海宁市", 2025, hostile, ""))) as bot:
        bot.ask("海宁市2024年地区生产总值增长多少?")
        (answer,) = dingtalk.answered()
    assert answer.body["msgtype"] == "text"
    assert f"“{hostile}”" in answer.text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("audio", {"downloadCode": "d", "recognition": QUESTION}),
        (
            "richText",
            {"richText": [{"text": "越城区2023年"}, {"type": "picture"}, {"text": "GDP增长多少?"}]},
        ),
    ],
)
def test_a_question_is_heard_and_read_beside_pictures(
    bot: DingtalkSender, dingtalk: DingtalkDouble, kind: str, content: JSON
) -> None:
    bot.ask("", msgtype=kind, content=content, text=None)
    assert dingtalk.answered()[0].text.startswith(ANSWER)


# --- at once, once, in turn --------------------------------------------------------------------


def test_the_acknowledgement_leaves_before_the_answer_is_begun(
    bot: DingtalkSender,
    dingtalk: DingtalkDouble,
    held_chain: HeldChain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(DingtalkMouth, "grace", 0.2)
    held_chain.released.clear()
    started = time.monotonic()
    assert bot.ask(QUESTION).status_code == 200
    assert time.monotonic() - started < 3
    until(lambda: bool(dingtalk.sent))
    assert dingtalk.sent[0].text == "正在查阅报告…"
    assert dingtalk.answers() == []
    held_chain.released.set()
    dingtalk.answered()


def test_of_a_hundred_messages_with_ten_duplicates_ninety_are_answered_in_their_chats(
    bot: DingtalkSender, dingtalk: DingtalkDouble, held_chain: HeldChain
) -> None:
    asked = {f"cid{n}": f"{2016 + n % 9}年越城区GDP增长多少?" for n in range(90)}
    sent: list[str] = []
    for n, chat in enumerate(asked):
        sent += [chat] * (2 if n % 9 == 0 else 1)
    assert len(sent) == 100

    def ask(chat: str) -> int:
        return bot.ask(asked[chat], f"msg-{chat}", conversationId=chat).status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(ask, sent)) == {200}
    told = dingtalk.answered(90, 60)
    assert sorted(one.to for one in told) == sorted(f"session-{chat}" for chat in asked)
    assert len(held_chain.asked) == 90
    for one in told:
        assert asked[one.to.removeprefix("session-")][:4] in one.text


def test_a_message_that_comes_again_is_acknowledged_and_not_answered_again(
    bot: DingtalkSender, dingtalk: DingtalkDouble, held_chain: HeldChain
) -> None:
    for _ in range(3):
        assert bot.ask(QUESTION, "again").status_code == 200
    bot.ask(OTHER, **direct())
    dingtalk.answered(2)
    assert sorted(text for text, _ in held_chain.asked) == sorted((QUESTION, OTHER))


# --- DingTalk's API ----------------------------------------------------------------------------


def test_where_the_webhook_has_ended_the_robot_answers(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    ended = int((time.time() - 1) * 1000)
    bot.ask(QUESTION, sessionWebhookExpiredTime=ended)
    bot.ask(OTHER, sessionWebhookExpiredTime=ended, **direct())
    told = {one.way: one for one in dingtalk.answered(2)}
    assert told["groupMessages/send"].to == GROUP
    assert told["groupMessages/send"].text.startswith(ANSWER)
    assert told["oToMessages/batchSend"].to == STAFF


def test_where_the_webhook_is_refused_the_robot_answers(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    dingtalk.refusals["webhook"] = [(200, {"errcode": 300005, "errmsg": "token is not exist"})]
    bot.ask(QUESTION)
    assert dingtalk.answered()[0].way == "groupMessages/send"


@pytest.mark.parametrize(
    "address",
    [
        lambda ours: FORGED,
        lambda ours: ours.replace("http://", "https://") + "?session=s",
        lambda ours: ours.replace("http://", "http://evil@") + "?session=s",
        lambda ours: ours.replace("/robot", "/other") + "?session=s",
        lambda ours: "http://[?session=s",
        lambda ours: "",
    ],
    ids=["host", "scheme", "user", "path", "broken", "none"],
)
def test_no_webhook_but_dingtalk_s_is_used(
    bot: DingtalkSender, dingtalk: DingtalkDouble, address: Callable[[str], str]
) -> None:
    bot.ask(QUESTION, sessionWebhook=address(dingtalk.webhook))
    (answer,) = dingtalk.answered()
    assert (answer.way, answer.to) == ("groupMessages/send", GROUP)


def test_one_token_serves_all_and_is_renewed_once_where_dingtalk_refuses_it(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    bot.ask(QUESTION, sessionWebhook="")
    bot.ask(OTHER, sessionWebhook="")
    dingtalk.answered(2)
    assert dingtalk.tokens == ["token-1"]
    dingtalk.is_expired = True
    bot.ask(QUESTION, sessionWebhook="")
    dingtalk.answered(3)
    assert dingtalk.tokens == ["token-1", "token-2"]


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    ("way", "refusal"),
    [
        ("webhook", (200, {"errcode": 130101, "errmsg": "send too fast"})),
        ("groupMessages", (403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"})),
        ("groupMessages", (429, {})),
    ],
)
def test_a_rate_limit_is_waited_for(
    bot: DingtalkSender, dingtalk: DingtalkDouble, way: str, refusal: tuple[int, JSON]
) -> None:
    dingtalk.refusals[way] = [refusal]
    more = {} if way == "webhook" else {"sessionWebhook": ""}
    started = time.monotonic()
    bot.ask(QUESTION, **more)
    (answer,) = dingtalk.answered()
    assert time.monotonic() - started >= 0.3
    assert answer.way.startswith(way)


def test_more_than_a_chat_may_get_in_a_minute_waits(
    dingtalk_served: ServedDingtalk,
    held_chain: HeldChain,
    dingtalk: DingtalkDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dingtalk_api, "Pace", lambda most, seconds: Pace(most // 10, 2.0))
    with dingtalk_served(held_chain) as bot:
        started = time.monotonic()
        for n in range(3):
            bot.ask(QUESTION, senderId=f"user{n}")
        dingtalk.answered(3)
    assert time.monotonic() - started >= 2


@pytest.mark.usefixtures("short_waits")
def test_a_long_outage_is_logged_and_told_when_it_is_over(
    bot: DingtalkSender, dingtalk: DingtalkDouble, caplog: pytest.LogCaptureFixture
) -> None:
    dingtalk.refusals["webhook"] = [(503, {})] * 4
    bot.ask(QUESTION, "msg4711")
    (told,) = dingtalk.answered()
    assert told.text.startswith("抱歉,这次没有答成")
    assert "msg4711" in told.text
    assert "robot/sendBySession: 503" in caplog.text
    assert "session-" not in caplog.text


def test_a_wrong_secret_is_told_when_the_server_starts(
    dingtalk_served: ServedDingtalk, held_chain: HeldChain, caplog: pytest.LogCaptureFixture
) -> None:
    with dingtalk_served(held_chain, dingtalk_client_secret="wrong"):
        until(lambda: "oauth2/accessToken: invalidClientIdOrSecret" in caplog.text)


def test_the_log_tells_of_an_answer_and_not_what_was_asked(
    dingtalk_served: ServedDingtalk,
    held_chain: HeldChain,
    dingtalk: DingtalkDouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with dingtalk_served(held_chain) as bot:
        bot.ask(QUESTION, "msg42")
        dingtalk.answered()
        until(lambda: "dingtalk event msg42 answered" in caplog.text)
    assert "越城区" not in caplog.text
    assert SECRET not in caplog.text


# --- when there is no answer -------------------------------------------------------------------


def test_a_failure_is_told_in_one_line_without_its_details(
    dingtalk_served: ServedDingtalk, bundled_chain: Chain, dingtalk: DingtalkDouble
) -> None:
    class Broken(HeldChain):
        async def stream(self, text: str, turns: Any = ()) -> Any:
            raise InputError("unreadable", name="/secret/place", reason="x")
            yield

    with dingtalk_served(Broken(bundled_chain)) as bot:
        bot.ask(QUESTION, "msg77")
        (told,) = dingtalk.answered()
    assert told.text.startswith("抱歉,这次没有答成")
    assert "msg77" in told.text
    assert "secret" not in told.text


def test_who_sends_no_text_is_told_how_to_ask(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    bot.ask("", msgtype="picture", content={"downloadCode": "d"}, text=None)
    assert "年地区生产总值增长多少?" in dingtalk.answered()[0].text


@pytest.mark.parametrize(
    "more",
    [{"senderId": "$:LWCP_v1:$robot"}, {"isInAtList": False}],
    ids=["itself", "not_named"],
)
def test_what_is_no_question_is_acknowledged_and_left_alone(
    bot: DingtalkSender, dingtalk: DingtalkDouble, held_chain: HeldChain, more: JSON
) -> None:
    assert bot.ask(QUESTION, **more).status_code == 200
    bot.ask(OTHER)
    dingtalk.answered()
    assert [text for text, _ in held_chain.asked] == [OTHER]


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        lambda: signed(secret="another"),
        lambda: signed(at=time.time() - 3601),
        lambda: signed(at=time.time() + 3660),
        lambda: signed() | {"timestamp": str(int(time.time() * 1000) - 5)},
        lambda: signed() | {"timestamp": "-1"},
        lambda: signed() | {"timestamp": "9" * 5000},
        lambda: signed() | {"sign": "é"},
        lambda: {},
    ],
    ids=["secret", "old", "future", "moved", "negative", "huge", "no_ascii", "missing"],
)
def test_a_delivery_that_dingtalk_did_not_sign_within_an_hour_is_refused(
    bot: DingtalkSender, dingtalk: DingtalkDouble, headers: Callable[[], dict[str, str]]
) -> None:
    told = {name: value.encode("latin-1") for name, value in headers().items()}
    reply = httpx.post(
        f"{bot.url}/bots/dingtalk/messages",
        json=message(QUESTION, "1", dingtalk.webhook),
        headers={b"Host": b"bot.example.org"} | {k.encode(): v for k, v in told.items()},
    )
    assert code_of(reply) == (401, "wrong_signature")
    assert dingtalk.sent == []


def test_a_signature_serves_no_other_message_later(
    bot: DingtalkSender, dingtalk: DingtalkDouble
) -> None:
    kept = signed(at=time.time() - 61)
    session = f"{dingtalk.webhook}?session=s"
    assert bot.json(message(QUESTION, "1", session), **kept).status_code == 200
    assert code_of(bot.json(message(OTHER, "2", session), **kept)) == (401, "replayed")
    shared = signed()
    for name in ("3", "4"):
        assert bot.json(message(QUESTION, name, session), **shared).status_code == 200
    assert len(dingtalk.answered(3)) == 3


def test_an_unknown_corp_is_refused_and_a_stranger_told(
    dingtalk_served: ServedDingtalk, held_chain: HeldChain, dingtalk: DingtalkDouble
) -> None:
    with dingtalk_served(held_chain, dingtalk_corps=f"{CORP},dingOTHER") as bot:
        foreign = bot.ask(QUESTION, chatbotCorpId="dingSTRANGER", senderCorpId=CORP)
        assert code_of(foreign) == (403, "unknown_workspace")
        bot.ask(QUESTION, senderCorpId="dingSTRANGER")
        bot.ask(QUESTION, senderCorpId="dingOTHER")
        told = [one.text for one in dingtalk.answered(2)]
    assert sum(one.startswith("这个工作区没有开通问政") for one in told) == 1
    assert len(held_chain.asked) == 1


def test_by_default_the_robot_s_own_corp_may_ask(
    bot: DingtalkSender, dingtalk: DingtalkDouble, held_chain: HeldChain
) -> None:
    bot.ask(QUESTION, senderCorpId="dingSTRANGER")
    bot.ask(QUESTION, senderCorpId=None)
    told = dingtalk.answered(2)
    assert {one.text[:12] for one in told} == {"这个工作区没有开通问政;"}
    assert held_chain.asked == []


def test_conversations_are_those_of_the_setting(
    dingtalk_served: ServedDingtalk, held_chain: HeldChain, dingtalk: DingtalkDouble
) -> None:
    with dingtalk_served(held_chain, dingtalk_conversations="cidOTHER==,im") as bot:
        bot.ask(QUESTION)
        bot.ask(QUESTION, **direct())
        told = {one.to: one.text for one in dingtalk.answered(2)}
    assert told[f"session-{GROUP}"].startswith("这个频道没有开通问政")
    assert told[f"session-{DIRECT}"].startswith(ANSWER)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000, b'{"msgId":1}']
)
def test_a_signed_body_that_is_no_message_breaks_nothing(
    bot: DingtalkSender, dingtalk: DingtalkDouble, body: bytes
) -> None:
    assert code_of(bot.raw(body, **signed())) == (400, "broken_delivery")
    bot.ask(QUESTION)
    assert dingtalk.answered()[0].text.startswith(ANSWER)


# --- stream mode -------------------------------------------------------------------------------


def test_in_stream_mode_messages_come_over_a_connection_of_ours(
    dingtalk_served: ServedDingtalk,
    held_chain: HeldChain,
    dingtalk: DingtalkDouble,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(dingtalk_stream, "_FIRST_PAUSE", 0.1)
    session = f"{dingtalk.webhook}?session=s"
    dingtalk.refusals["stream"] = [(500, {})]
    dingtalk.frames = [
        system_frame("ping", "F0"),
        frame(message(QUESTION, "m1", session), "F1"),
        frame(message(QUESTION, "m1", session), "F2"),
        {"type": "CALLBACK", "headers": None},
        frame({"no": "message"}, "F3"),
        system_frame("disconnect", "F4"),
        frame(message(OTHER, "m2", session), "F5"),
    ]
    with dingtalk_served(held_chain, dingtalk_mode="stream") as bot:
        dingtalk.answered(2)
        assert bot.ask(QUESTION).status_code in (404, 421)
        until(lambda: len(dingtalk.acknowledged) == 6)
    assert [one["headers"]["messageId"] for one in dingtalk.acknowledged] == [
        f"F{n}" for n in range(6)
    ]
    assert {one["code"] for one in dingtalk.acknowledged} == {200}
    assert len(dingtalk.opened) == 3
    assert dingtalk.opened[0]["clientSecret"] == SECRET
    assert dingtalk.opened[0]["subscriptions"] == [
        {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}
    ]
    assert sorted(text for text, _ in held_chain.asked) == sorted((QUESTION, OTHER))
    assert "no connection to DingTalk: gateway/connections/open: 500" in caplog.text
    assert "no connection to DingTalk: AttributeError" in caplog.text
    assert not re.findall("ticket|越城区|" + SECRET, caplog.text)


def test_in_stream_mode_the_server_ends_at_once(
    dingtalk_served: ServedDingtalk, held_chain: HeldChain, dingtalk: DingtalkDouble
) -> None:
    with dingtalk_served(held_chain, dingtalk_mode="stream"):
        until(lambda: bool(dingtalk.opened))
        started = time.monotonic()
    assert time.monotonic() - started < 10
