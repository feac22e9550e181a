"""Feishu's protocol, spoken for real: enciphered and signed events to the running server, its API beside it."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.bots import feishu_client
from api.bots.feishu_mouths import CardMouth
from api.bots.platforms import bots_of
from api.http import Service, create_app
from qa.chain import Chain
from qa.errors import InputError, SettingsError
from qa.settings import PREFIX, Settings
from tests.api.bots.conftest import PAGE, HeldChain, TellingChain, until
from tests.api.bots.feishu_double import (
    APP,
    BOT,
    BROKEN,
    DIRECT,
    GROUP,
    JSON,
    KEY,
    LIMITED,
    SECRET,
    TENANT,
    TOKEN,
    USER,
    Call,
    FeishuDouble,
    FeishuSender,
    at,
    direct,
    enciphered,
    event_body,
    feishu_double,
    mention,
    signed,
)
from tests.api.bots.test_platforms import desk
from tests.api.http.keeping import on_this_machine
from tests.api.http.serving import served
from tests.conftest import ChainOver, Invented

ROOT = Path(__file__).parents[3]
QUESTION = "越城区2023年GDP增长多少?"
OTHER = "上城区2023年GDP增长多少?"
ANSWER = "越城区2023年地区生产总值增长7.6%[1]。"
SETTINGS = {
    "feishu_app_id": APP,
    "feishu_app_secret": SECRET,
    "feishu_verification_token": TOKEN,
    "feishu_encrypt_key": KEY,
}

Served = Callable[..., AbstractContextManager[FeishuSender]]


@pytest.fixture
def feishu() -> Iterator[FeishuDouble]:
    with feishu_double() as double:
        yield double


@pytest.fixture
def feishu_served(
    feishu: FeishuDouble, bundled_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Served:
    """Serves the application with a bot over a chain; what is given are other settings of it."""
    monkeypatch.setattr(feishu_client, "_FIRST_WAIT", 0.1)

    @contextmanager
    def serve(chain: Chain, *, ready: bool = True, **given: object) -> Iterator[FeishuSender]:
        told = {
            "library": bundled_settings.library,
            "cache": bundled_settings.cache,
            "public_url": PAGE,
            "feishu_api_url": f"{feishu.url}/",
            **SETTINGS,
        }
        service = Service(Settings.model_validate(told | given), lambda: chain)
        service.open()
        app = create_app(service)
        with served(app) as url:
            until(lambda: not ready or app.state.bots.platforms[0].is_ready)
            yield FeishuSender(url)

    return serve


@pytest.fixture
def bot(feishu_served: Served, held_chain: HeldChain) -> Iterator[FeishuSender]:
    with feishu_served(held_chain) as sender:
        yield sender


@pytest.fixture
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, an answer comes within the grace."""
    monkeypatch.setattr(CardMouth, "grace", 20.0)


def answered(feishu: FeishuDouble, count: int = 1) -> list[Call]:
    feishu.until(lambda: len(feishu.answers()) >= count)
    return feishu.answers()


# --- answers -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_time")
def test_a_mention_is_answered_in_its_thread(bot: FeishuSender, feishu: FeishuDouble) -> None:
    reply = bot.event(mention(QUESTION))
    assert (reply.status_code, reply.json()) == (200, {})
    (answer,) = answered(feishu)
    assert (answer.message, answer.body["reply_in_thread"]) == ("om_1", True)
    assert answer.body["msg_type"] == "interactive"
    assert answer.summary == ANSWER
    assert answer.texts.startswith(ANSWER)
    assert "那上城区呢?" in answer.texts
    assert [call.name for call in feishu.calls] == ["token", "bot", "tenant", "reply"]


def test_every_citation_is_a_link_to_the_page_with_its_sentence(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    question = "越城区和上城区2023年GDP增长多少?"
    bot.event(mention(question))
    (answer,) = answered(feishu)
    citations = httpx.post(f"{bot.url}/api/ask", json={"question": question}).json()["citations"]
    assert len(citations) >= 2
    told = dict(answer.links)
    for citation in citations:
        address = told[f"[{citation['n']}]"]
        assert address == told[f"[{citation['n']}] 查看原文"]
        assert f"[{citation['n']}] 查看原文 {citation['report_title']}" in answer.texts
        assert address.startswith(f"{PAGE}/#/reports/{citation['report_id']}?start=")
        path, _, query = urlsplit(address).fragment.partition("?")
        span = {name: int(value) for name, (value,) in parse_qs(query).items()}
        report = path.removeprefix("/reports/")
        text = httpx.get(f"{bot.url}/api/reports/{report}/text").json()["text"]
        assert text[span["start"] : span["end"]] == citation["quote"]


def test_a_chat_of_two_is_answered_without_a_mention_and_a_thread(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    bot.event(direct(QUESTION))
    (answer,) = answered(feishu)
    assert (answer.message, answer.body["reply_in_thread"]) == ("om_2", False)
    assert answer.summary == ANSWER


def test_a_follow_up_leans_on_what_was_asked_in_its_thread(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain
) -> None:
    bot.event(mention(QUESTION, "om_root"))
    answered(feishu)
    bot.event(mention("那上城呢", "om_in", root_id="om_root", thread_id="omt_1"))
    bot.event(mention("那上城呢", "om_out"))
    told = {one.message: one.summary for one in answered(feishu, 3)}
    assert told["om_in"] == "上城区2023年地区生产总值2668.5亿元、增长4.3%[1]。"
    assert ("那上城呢", (QUESTION,)) in held_chain.asked
    assert ("那上城呢", ()) in held_chain.asked


def test_in_a_chat_of_two_a_quoted_answer_begins_no_new_conversation(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain
) -> None:
    bot.event(direct(QUESTION, "om_2"))
    bot.event(direct("那上城呢", "om_3", root_id="om_2", parent_id="om_posted1"))
    answered(feishu, 2)
    assert held_chain.asked[-1] == ("那上城呢", (QUESTION,))


def test_an_english_question_gets_an_english_frame(bot: FeishuSender, feishu: FeishuDouble) -> None:
    bot.event(mention("What was the GDP growth of Yuecheng in 2023?"))
    (answer,) = answered(feishu)
    assert "up 7.6% [1]" in answer.texts
    assert "[1] Open source" in dict(answer.links)
    assert "You can ask on here" in answer.texts


def test_a_refusal_says_what_may_be_asked_instead(bot: FeishuSender, feishu: FeishuDouble) -> None:
    bot.event(mention("深圳市2023年GDP增长多少?"))
    (answer,) = answered(feishu)
    assert answer.summary.startswith("馆藏中没有深圳市的政府工作报告")
    assert "可以这样问:\n• " in answer.texts
    assert answer.links == []


@pytest.mark.parametrize(
    "message",
    [
        mention(""),
        direct("", message_type="image", content='{"image_key": "img_1"}'),
        direct("", message_type="sticker", content='{"file_key": "f"}'),
    ],
    ids=["nothing", "picture", "sticker"],
)
def test_a_message_without_a_question_is_told_how_to_ask(
    bot: FeishuSender, feishu: FeishuDouble, message: JSON
) -> None:
    bot.event(message)
    (answer,) = answered(feishu)
    assert "请把问题写在呼叫之后" in answer.texts
    assert "年地区生产总值增长多少?" in answer.texts


def test_a_table_is_a_table_whose_cells_link_to_their_sources(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    bot.event(mention("各区2024年GDP目标对比"))
    (answer,) = answered(feishu)
    (table,) = [one for one in answer.elements if one["tag"] == "table"]
    assert [one["display_name"] for one in table["columns"]] == ["报告", "地区生产总值"]
    assert [one["data_type"] for one in table["columns"]] == ["text", "lark_md"]
    assert [row["c0"] for row in table["rows"]][:2] == ["越城区", "上城区"]
    assert [text for text, _ in answer.links].count("[1]") == 2


def test_what_a_report_says_is_never_markup(
    feishu_served: Served, chain_over: ChainOver, feishu: FeishuDouble
) -> None:
    hostile = "<at id=all></at>**全市**地区生产总值增长6.3%,[点击这里](https://evil.example):OK:。"
    with feishu_served(chain_over(Invented("海宁市", 2025, hostile, ""))) as bot:
        bot.event(mention("海宁市2024年地区生产总值增长多少?"))
        (answer,) = answered(feishu)
    assert hostile in answer.texts
    assert all(address.startswith(PAGE) for _, address in answer.links)
    for element in answer.elements:
        if element["tag"] == "markdown":
            assert not re.search(r"[<*]|evil\.example|:OK:", element["content"])


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        (
            mention(
                f"{QUESTION} @_user_2 @_all", mentions=[at("@_user_1", BOT), at("@_user_2", USER)]
            ),
            QUESTION,
        ),
        (mention("写给@_user_12的", mentions=[at("@_user_1", BOT)]), "写给@_user_12的"),
        (direct(f"  {QUESTION}\n "), QUESTION),
        (direct("a\ud800b"), "ab"),
        (
            mention(
                "",
                message_type="post",
                content=json.dumps(
                    {
                        "title": "请教",
                        "content": [
                            [
                                {"tag": "at", "user_id": "@_user_1"},
                                {"tag": "text", "text": " 越城区"},
                            ],
                            [
                                {"tag": "a", "href": "https://x.example", "text": "2023年"},
                                {"tag": "img"},
                            ],
                        ],
                    }
                ),
            ),
            "请教 越城区 2023年",
        ),
    ],
    ids=["mentions", "no_mention", "spaces", "surrogate", "post"],
)
def test_a_question_is_what_is_left_without_mentions(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain, message: JSON, asked: str
) -> None:
    bot.event(message)
    answered(feishu)
    assert [text for text, _ in held_chain.asked] == [asked]


def test_where_there_are_no_threads_it_is_answered_without(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    told = {"code": 230071, "msg": "The group does not support reply in thread."}
    feishu.refusals["reply"] = [(400, told, {})]
    bot.event(mention(QUESTION))
    (answer,) = answered(feishu)
    assert (answer.summary, answer.body["reply_in_thread"]) == (ANSWER, False)


# --- at once, once, in turn --------------------------------------------------------------------


def test_the_acknowledgement_leaves_before_the_answer_is_begun(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain
) -> None:
    held_chain.released.clear()
    started = time.monotonic()
    assert bot.event(mention(QUESTION)).status_code == 200
    assert time.monotonic() - started < 3
    feishu.until(lambda: feishu.of("reply"))
    (first,) = feishu.of("reply")
    assert first.summary == "正在查阅报告…"
    assert feishu.answers() == []
    held_chain.released.set()
    (answer,) = answered(feishu)
    assert answer.summary == ANSWER
    assert feishu.of("patch")[-1].message == first.posted
    assert len(feishu.of("reply")) == 1


def test_of_a_hundred_events_with_ten_duplicates_ninety_are_answered_in_their_threads(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain
) -> None:
    asked = {f"om_{n}": f"{2016 + n % 9}年越城区GDP增长多少?" for n in range(1000, 1090)}
    sent: list[tuple[JSON, str]] = []
    for n, (message, text) in enumerate(asked.items()):
        event = mention(text, message)
        # A message comes again in the same event, or in another.
        more = [(event, f"ev{n if n % 18 else -n}")] if n % 9 == 0 else []
        sent += [(event, f"ev{n}"), *more]
    assert len(sent) == 100
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda one: bot.event(*one), sent))
    assert {reply.status_code for reply in replies} == {200}
    told = answered(feishu, 90)
    assert sorted(one.message for one in told) == sorted(asked)
    assert all(one.body["reply_in_thread"] for one in told)
    assert len(held_chain.asked) == 90
    for one in told:
        assert asked[one.message][:4] in one.texts
    # All of them by one token.
    assert len(feishu.of("token")) == 1


def test_what_may_be_read_is_shown_while_the_answer_is_made(
    feishu_served: Served,
    bundled_chain: Chain,
    feishu: FeishuDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CardMouth, "pause", 0.05)
    chain = TellingChain(bundled_chain)
    with feishu_served(chain) as bot:
        bot.event(mention(QUESTION))
        feishu.until(lambda: any("7.6%" in one.texts for one in feishu.of("patch")))
        assert not any("那上城区呢" in one.texts for one in feishu.of("patch"))
        chain.released.set()
        feishu.until(lambda: any("那上城区呢" in one.texts for one in feishu.of("patch")))
    (answer,) = feishu.answers()
    assert "[1] 查看原文" in dict(answer.links)


def test_what_was_accepted_is_answered_before_the_server_ends(
    feishu_served: Served, held_chain: HeldChain, feishu: FeishuDouble
) -> None:
    held_chain.released.clear()
    with feishu_served(held_chain) as bot:
        for n in range(12):
            bot.event(mention(QUESTION, f"om_{n}"))
        until(lambda: bool(held_chain.asked))
        threading.Timer(0.5, held_chain.released.set).start()
    assert [one.summary for one in feishu.answers()] == [ANSWER] * 12


def test_the_log_tells_of_an_answer_and_not_what_was_asked(
    feishu_served: Served,
    held_chain: HeldChain,
    feishu: FeishuDouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "wenzheng")
    with feishu_served(held_chain) as bot:
        bot.event(mention(QUESTION, "om_42"))
        answered(feishu)
    assert "feishu event om_42 answered" in caplog.text
    assert "越城区" not in caplog.text
    assert not [secret for secret in (SECRET, TOKEN, KEY, "t-1") if secret in caplog.text]


# --- when Feishu does not take it --------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (LIMITED, 0.0),
        ((429, {"code": 99991400, "msg": "frequency limit"}, {"x-ogw-ratelimit-reset": "1"}), 1.0),
        ((400, {"code": 99991400, "msg": "frequency limit"}, {"x-ogw-ratelimit-reset": "1"}), 1.0),
        ((429, {}, {}), 0.0),
    ],
    ids=["message", "told", "older_api", "gateway"],
)
def test_a_limit_is_waited_for(
    bot: FeishuSender, feishu: FeishuDouble, refusal: Any, seconds: float
) -> None:
    feishu.refusals["reply"] = [refusal]
    started = time.monotonic()
    bot.event(mention(QUESTION))
    assert answered(feishu)[0].summary == ANSWER
    assert time.monotonic() - started >= seconds
    assert feishu.refused == ["reply"]


def test_of_a_burst_beyond_a_group_s_limit_no_answer_is_lost(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    feishu.each_second = 5
    for n in range(25):
        bot.event(mention(QUESTION, f"om_{n}"))
    told = answered(feishu, 25)
    assert sorted(one.message for one in told) == sorted(f"om_{n}" for n in range(25))
    assert {one.summary for one in told} == {ANSWER}
    assert "reply" in feishu.refused


def test_an_update_is_left_out_where_feishu_asks_to_wait(
    feishu_served: Served,
    bundled_chain: Chain,
    feishu: FeishuDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CardMouth, "pause", 0.02)
    feishu.refusals["patch"] = [LIMITED]
    chain = TellingChain(bundled_chain)
    with feishu_served(chain) as bot:
        bot.event(mention(QUESTION))
        until(lambda: not feishu.refusals["patch"])
        time.sleep(0.3)
        assert feishu.of("patch") == []
        chain.released.set()
        assert answered(feishu)[0].summary == ANSWER


def test_an_outage_is_tried_again(bot: FeishuSender, feishu: FeishuDouble) -> None:
    feishu.refusals["reply"] = [BROKEN, (502, {"code": 2200, "msg": "internal error"}, {})]
    bot.event(mention(QUESTION))
    (answer,) = answered(feishu)
    assert answer.summary == ANSWER
    assert feishu.refused == ["reply", "reply"]


@pytest.mark.usefixtures("in_time")
def test_a_longer_outage_is_told_and_logged(
    bot: FeishuSender, feishu: FeishuDouble, caplog: pytest.LogCaptureFixture
) -> None:
    feishu.refusals["reply"] = [BROKEN] * 3
    bot.event(mention(QUESTION))
    (told,) = answered(feishu)
    assert told.summary.startswith("抱歉,这次没有答成")
    assert "feishu event om_1 failed" in caplog.text
    assert "HTTP 500" in caplog.text


@pytest.mark.usefixtures("in_time")
def test_an_outage_that_lasts_is_logged_and_the_next_question_answered(
    bot: FeishuSender, feishu: FeishuDouble, caplog: pytest.LogCaptureFixture
) -> None:
    feishu.refusals["reply"] = [BROKEN] * 6
    bot.event(mention(QUESTION))
    until(lambda: "feishu event om_1: not said" in caplog.text)
    bot.event(mention(QUESTION, "om_2"))
    (told,) = answered(feishu)
    assert (told.message, told.summary) == ("om_2", ANSWER)


@pytest.mark.usefixtures("in_time")
def test_a_card_whose_receipt_was_lost_is_not_sent_twice(
    feishu_served: Served,
    held_chain: HeldChain,
    feishu: FeishuDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feishu_client, "_TIMEOUT_SECONDS", 1.0)
    with feishu_served(held_chain) as bot:
        feishu.slow["reply"] = 2.0
        bot.event(mention(QUESTION))
        feishu.until(lambda: feishu.of("reply"))
    (answer,) = feishu.of("reply")
    assert answer.summary == ANSWER
    assert feishu.of("patch") == []


def test_a_token_is_used_until_shortly_before_it_ends(
    feishu_served: Served, held_chain: HeldChain, feishu: FeishuDouble
) -> None:
    feishu.lasts = 60
    with feishu_served(held_chain) as bot:
        bot.event(mention(QUESTION))
        answered(feishu)
    # Each call of one that is about to end asks for another.
    assert len(feishu.of("token")) == len(feishu.calls) - len(feishu.of("token"))


def test_a_token_that_is_refused_is_asked_for_anew_once(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    feishu.valid.clear()
    bot.event(mention(QUESTION))
    assert answered(feishu)[0].summary == ANSWER
    assert len(feishu.of("token")) == 2
    assert feishu.refused == ["reply"]


@pytest.mark.usefixtures("in_time")
def test_a_card_that_feishu_refuses_is_told_as_a_failure(
    bot: FeishuSender, feishu: FeishuDouble, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"code": 230099, "msg": "Failed to create card content, ext=ErrCode: 11310"}
    feishu.refusals["reply"] = [(400, told, {})]
    bot.event(mention(QUESTION))
    assert answered(feishu)[0].summary.startswith("抱歉,这次没有答成")
    assert "230099" in caplog.text


def test_an_answer_is_sent_anew_where_somebody_recalled_the_card(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain
) -> None:
    feishu.refusals["patch"] = [(400, {"code": 230011, "msg": "The message is recalled."}, {})]
    held_chain.released.clear()
    bot.event(mention(QUESTION))
    feishu.until(lambda: feishu.of("reply"))
    held_chain.released.set()
    feishu.until(lambda: len(feishu.of("reply")) == 2)
    assert feishu.of("reply")[1].summary == ANSWER


def test_a_failure_is_told_in_one_line_without_its_details(
    feishu_served: Served, bundled_chain: Chain, feishu: FeishuDouble
) -> None:
    class Broken(HeldChain):
        async def stream(self, text: str, turns: Any = ()) -> Any:
            raise InputError("unreadable", name="/secret/place", reason="x")
            yield

    with feishu_served(Broken(bundled_chain)) as bot:
        bot.event(mention(QUESTION, "om_77"))
        (told,) = answered(feishu)
    assert told.texts.startswith("抱歉,这次没有答成")
    assert "om_77" in told.texts
    assert "secret" not in json.dumps(told.body)
    assert told.message == "om_77"


def test_too_long_a_question_is_told(bot: FeishuSender, feishu: FeishuDouble) -> None:
    bot.event(mention("问" * 2001))
    assert answered(feishu)[0].texts == "问题最多 2000 字,请写得短一些。"


# --- what is no question -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "more"),
    [
        (mention(QUESTION), {"sender_type": "app"}),
        (direct(QUESTION), {"sender_type": "app"}),
        (mention(QUESTION, mentions=[at("@_user_1", USER)]), {}),
        (mention(QUESTION, mentions=[]), {}),
        (mention(f"@_all {QUESTION}", mentions=None), {}),
        (mention(QUESTION), {"event_type": "im.message.reaction.created_v1"}),
        ({"operator": {}, "action": {"tag": "button"}}, {"event_type": "card.action.trigger"}),
    ],
    ids=["bot", "itself", "to_another", "to_nobody", "to_all", "other_event", "button"],
)
def test_what_is_no_question_is_acknowledged_and_left_alone(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain, message: JSON, more: JSON
) -> None:
    reply = bot.event(message, **more)
    assert (reply.status_code, reply.json()) == (200, {})
    bot.event(mention(OTHER, "om_9"))
    assert len(answered(feishu)) == 1
    assert [text for text, _ in held_chain.asked] == [OTHER]


# --- who may -----------------------------------------------------------------------------------


CHALLENGE = {"type": "url_verification", "challenge": "ajls384kdjx98XX", "token": TOKEN}


@pytest.mark.parametrize("signature", [{}, {"X-Lark-Signature": ""}], ids=["signed", "unsigned"])
@pytest.mark.parametrize("body", [json.dumps(CHALLENGE).encode(), enciphered(CHALLENGE)])
def test_the_challenge_is_answered_plain_and_enciphered(
    bot: FeishuSender, body: bytes, signature: dict[str, str]
) -> None:
    reply = bot.raw(body, **signature)
    assert (reply.status_code, reply.json()) == (200, {"challenge": "ajls384kdjx98XX"})


def _refused(reply: httpx.Response, status: int, code: str, feishu: FeishuDouble) -> None:
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert feishu.of("reply") == []


@pytest.mark.parametrize("token", ["another", "", None, 7])
def test_a_challenge_with_another_token_is_refused(
    bot: FeishuSender, feishu: FeishuDouble, token: object
) -> None:
    _refused(bot.raw(enciphered(CHALLENGE | {"token": token})), 401, "wrong_token", feishu)


def test_an_event_with_another_token_is_refused(bot: FeishuSender, feishu: FeishuDouble) -> None:
    _refused(bot.event(mention(QUESTION), token="another"), 401, "wrong_token", feishu)


BODY = enciphered(event_body(mention(QUESTION), "ev1"))


@pytest.mark.parametrize(
    "headers",
    [
        lambda: signed(BODY, key="another key"),
        lambda: signed(BODY + b" "),
        lambda: signed(BODY, at=time.time() - 301),
        lambda: signed(BODY, at=time.time() + 310),
        lambda: {"X-Lark-Signature": "", "X-Lark-Request-Timestamp": ""},
        lambda: {"X-Lark-Request-Nonce": "another"},
        lambda: {"X-Lark-Request-Timestamp": str(int(time.time()) - 1)},
        lambda: {"X-Lark-Signature": "é", "X-Lark-Request-Nonce": "é"},
        lambda: signed(BODY, at=10**20),
    ],
    ids=["key", "body", "old", "future", "missing", "nonce", "timestamp", "no_ascii", "huge"],
)
def test_a_request_that_feishu_did_not_sign_now_is_refused(
    bot: FeishuSender, feishu: FeishuDouble, headers: Callable[[], dict[str, str]]
) -> None:
    _refused(bot.raw(BODY, **headers()), 401, "wrong_signature", feishu)


def test_an_event_that_is_neither_enciphered_nor_signed_is_refused(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    plain = json.dumps(event_body(mention(QUESTION), "ev1")).encode()
    _refused(bot.raw(plain, **{"X-Lark-Signature": ""}), 401, "wrong_signature", feishu)


def test_what_is_not_signed_is_not_even_read_where_it_is_long(
    bot: FeishuSender, feishu: FeishuDouble
) -> None:
    padded = json.dumps(CHALLENGE).encode() + b" " * 4096
    _refused(bot.raw(padded, **{"X-Lark-Signature": ""}), 401, "wrong_signature", feishu)
    assert bot.raw(padded).status_code == 200


def test_a_replayed_request_is_refused(bot: FeishuSender, feishu: FeishuDouble) -> None:
    headers = signed(BODY)
    assert bot.raw(BODY, **headers).status_code == 200
    answered(feishu)
    replayed = bot.raw(BODY, **headers)
    assert (replayed.status_code, replayed.json()["error"]["code"]) == (401, "replayed")
    # Feishu itself signs anew what it sends again.
    assert bot.raw(BODY).status_code == 200
    bot.event(mention(OTHER, "om_9"))
    assert len(answered(feishu, 2)) == 2


def test_an_unknown_tenant_is_refused(
    bot: FeishuSender, feishu: FeishuDouble, caplog: pytest.LogCaptureFixture
) -> None:
    reply = bot.event(mention(QUESTION), tenant_key="stranger")
    _refused(reply, 403, "unknown_workspace", feishu)
    assert "Feishu tenant stranger is not in WENZHENG_FEISHU_TENANTS" in caplog.text


def test_tenants_are_those_of_the_setting_and_not_asked_for(
    feishu_served: Served, held_chain: HeldChain, feishu: FeishuDouble
) -> None:
    with feishu_served(held_chain, feishu_tenants="k1, k2") as bot:
        bot.event(mention(QUESTION), tenant_key="k2", sender_tenant="k2")
        assert answered(feishu)[0].summary == ANSWER
        assert bot.event(mention(QUESTION, "om_3")).status_code == 403
    assert feishu.of("tenant") == []


def test_a_stranger_in_a_shared_group_is_told_that_he_may_not(
    bot: FeishuSender, feishu: FeishuDouble, held_chain: HeldChain
) -> None:
    bot.event(mention(QUESTION), sender_tenant="stranger")
    assert answered(feishu)[0].summary.startswith("这个工作区没有开通问政")
    assert held_chain.asked == []


def test_chats_are_those_of_the_setting(
    feishu_served: Served, held_chain: HeldChain, feishu: FeishuDouble
) -> None:
    with feishu_served(held_chain, feishu_chats=f"{GROUP},im") as bot:
        bot.event(mention(QUESTION, "om_1"))
        bot.event(mention(QUESTION, "om_2", chat_id="oc_other"))
        bot.event(direct(QUESTION, "om_3", chat_id=DIRECT))
        told = {one.message: one.summary for one in answered(feishu, 3)}
    assert told["om_1"] == told["om_3"] == ANSWER
    assert told["om_2"].startswith("这个频道没有开通问政")


def test_the_signature_opens_its_own_address_alone(bot: FeishuSender) -> None:
    host = {"Host": "bot.example.org"}
    for path in ("/api/reports", "/bots/feishu", "/bots/feishu/events/", "/bots/slack/events"):
        reply = httpx.post(f"{bot.url}{path}", content=BODY, headers={**signed(BODY), **host})
        assert reply.status_code == 421, path


def test_api_keys_neither_open_nor_close_the_address(
    feishu_served: Served, held_chain: HeldChain, feishu: FeishuDouble
) -> None:
    key = "0123456789abcdef"
    with feishu_served(held_chain, api_keys=f"admin:{key}") as bot:
        wrong = {"X-Lark-Signature": "0", "Authorization": f"Bearer {key}"}
        assert bot.raw(BODY, **wrong).status_code == 401
        assert bot.raw(BODY).status_code == 200
        answered(feishu)


def test_a_body_has_a_limit(bot: FeishuSender, feishu: FeishuDouble) -> None:
    assert bot.raw(b"{" + b" " * 300_000 + b"}").status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"",
        b"[" * 100_000,
        b'{"encrypt": "x"}',
        b'{"encrypt": ""}',
        b'{"encrypt": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}',
        enciphered({"type": "event"}, key="another key"),
        enciphered({"header": {"token": TOKEN}}),
        enciphered({"uuid": "1", "token": TOKEN, "type": "event_callback", "event": {}}),
        enciphered(event_body({}, "ev1")),
        enciphered(event_body(mention(QUESTION, content="{"), "ev1")),
        enciphered(event_body(mention(QUESTION, mentions=[{"id": None}]), "ev1")),
    ],
)
def test_a_signed_body_that_is_no_event_breaks_nothing(
    bot: FeishuSender, feishu: FeishuDouble, body: bytes
) -> None:
    assert bot.raw(body).status_code in (200, 400, 403)
    assert httpx.get(f"{bot.url}/bots/feishu/events").status_code == 400
    bot.event(mention(QUESTION))
    assert answered(feishu)[0].summary == ANSWER


def test_before_feishu_has_said_whose_app_it_is_events_are_to_come_again(
    feishu_served: Served,
    held_chain: HeldChain,
    feishu: FeishuDouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = {"code": 99991672, "msg": "Access denied. One of the scopes is required"}
    feishu.refusals["tenant"] = [(400, told, {})]
    with feishu_served(held_chain, ready=False) as bot:
        until(lambda: not feishu.refusals["tenant"])
        headers = signed(BODY)
        assert bot.raw(BODY, **headers).status_code == 503
        assert bot.raw(enciphered(CHALLENGE)).json() == {"challenge": "ajls384kdjx98XX"}
        # Nothing of it was remembered: the same request is taken when it can be.
        until(lambda: bot.raw(BODY, **headers).status_code == 200)
        assert answered(feishu)[0].summary == ANSWER
    assert "no bot in Feishu yet: /open-apis/tenant/v2/tenant/query: 99991672" in caplog.text


# --- settings ----------------------------------------------------------------------------------


def test_without_feishu_s_settings_there_is_no_such_address(bundled_chain: Chain) -> None:
    service = Service(Settings(), lambda: bundled_chain)
    reply = on_this_machine(service).post("/bots/feishu/events", content=BODY)
    assert reply.status_code == 404


@pytest.mark.parametrize("missing", list(SETTINGS))
def test_a_part_of_feishu_s_settings_is_refused(missing: str) -> None:
    given = {name: value for name, value in SETTINGS.items() if name != missing}
    with pytest.raises(SettingsError, match=f"{PREFIX}{missing.upper()} is missing"):
        bots_of(Settings.model_validate(given), desk())


def test_feishu_s_secrets_are_not_shown() -> None:
    told = repr(Settings.model_validate(SETTINGS))
    assert not [secret for secret in (SECRET, TOKEN, KEY) if secret in told]


def test_the_guide_names_feishu_s_settings() -> None:
    text = (ROOT / "docs/bots.md").read_text("utf-8")
    named = {one.removeprefix(PREFIX).lower() for one in re.findall(r"WENZHENG_[A-Z_]+", text)}
    assert {name for name in Settings.model_fields if name.startswith("feishu_")} <= named


def test_the_app_asks_for_the_scopes_that_it_uses_and_no_more() -> None:
    told = json.loads((ROOT / "deploy/feishu-scopes.json").read_text("utf-8"))
    assert told == {
        "scopes": {
            "tenant": [
                "im:message.group_at_msg:readonly",
                "im:message.p2p_msg:readonly",
                "im:message:send_as_bot",
                "tenant:tenant:readonly",
            ],
            "user": [],
        }
    }
    guide = (ROOT / "docs/bots.md").read_text("utf-8")
    assert all(f"`{scope}`" in guide for scope in told["scopes"]["tenant"])


def test_the_tenant_is_the_one_of_the_app(bot: FeishuSender, feishu: FeishuDouble) -> None:
    assert feishu.tenant == TENANT
    assert [call.token for call in feishu.of("tenant")] == ["t-1"]
