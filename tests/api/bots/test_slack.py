"""Slack's protocol, spoken for real: signed requests to the running server, its Web API beside it."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.bots.slack_mouths import ThreadMouth
from api.http import Service, create_app
from qa.chain import Chain
from qa.errors import InputError
from qa.settings import Settings
from tests.api.bots.conftest import PAGE, HeldChain, ServedBot, TellingChain, until
from tests.api.bots.slack_double import (
    BOT,
    BOT_USER,
    CHANNEL,
    DIRECT,
    JSON,
    USER,
    Call,
    Sender,
    SlackDouble,
    command,
    direct,
    event_body,
    mention,
    signed,
)
from tests.api.http.keeping import on_this_machine
from tests.conftest import ChainOver, Invented

QUESTION = "越城区2023年GDP增长多少?"
ANSWER = "越城区2023年地区生产总值增长7.6%[1]。"


def answered(slack: SlackDouble, count: int = 1) -> list[Call]:
    slack.until(lambda: len(slack.answers()) >= count)
    return slack.answers()


def links(call: Call) -> list[tuple[str, str]]:
    """Text and address of each link in the blocks of rich text."""
    found: list[tuple[str, str]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("type") == "link":
                found.append((value["text"], value["url"]))
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(call.arguments["blocks"])
    return found


@pytest.fixture
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, an answer comes within the grace."""
    monkeypatch.setattr(ThreadMouth, "grace", 20.0)


# --- answers -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_time")
def test_a_mention_is_answered_in_its_thread(bot: Sender, slack: SlackDouble) -> None:
    reply = bot.event(mention(QUESTION))
    assert (reply.status_code, reply.text) == (200, "")
    (answer,) = answered(slack)
    assert answer.arguments["channel"] == CHANNEL
    assert answer.arguments["thread_ts"] == "1699999999.000100"
    assert answer.arguments["text"] == ANSWER
    assert answer.token == "xoxb-test"
    assert ANSWER in answer.texts
    assert "那上城区呢?" in answer.texts
    assert [call.method for call in slack.calls] == ["auth.test", "chat.postMessage"]


def test_a_mention_in_a_thread_is_answered_there(bot: Sender, slack: SlackDouble) -> None:
    bot.event(mention(QUESTION, thread_ts="1699990000.000001"))
    (answer,) = answered(slack)
    assert answer.arguments["thread_ts"] == "1699990000.000001"


def test_every_citation_is_a_link_to_the_page_with_its_sentence(
    bot: Sender, slack: SlackDouble
) -> None:
    bot.event(mention("越城区和上城区2023年GDP增长多少?"))
    (answer,) = answered(slack)
    cited = httpx.post(f"{bot.url}/api/ask", json={"question": "越城区和上城区2023年GDP增长多少?"})
    citations = cited.json()["citations"]
    assert len(citations) >= 2
    told = dict(links(answer))
    for citation in citations:
        address = told[f"[{citation['n']}]"]
        assert address == told[f"[{citation['n']}] {_title(citation)}"]
        assert address.startswith(f"{PAGE}/#/reports/")
        path, _, query = urlsplit(address).fragment.partition("?")
        at = {name: int(value) for name, (value,) in parse_qs(query).items()}
        report = path.removeprefix("/reports/")
        text = httpx.get(f"{bot.url}/api/reports/{report}/text").json()["text"]
        assert text[at["start"] : at["end"]] == citation["quote"]
    actions = next(one for one in answer.arguments["blocks"] if one["type"] == "actions")
    buttons = actions["elements"]
    assert [one["url"] for one in buttons] == [told[f"[{one['n']}]"] for one in citations]
    assert [one["text"]["text"] for one in buttons] == [f"[{n}] 查看原文" for n in (1, 2)]


def _title(citation: dict[str, Any]) -> str:
    return " › ".join((citation["report_title"], *citation["headings"]))


def test_a_direct_message_is_answered_where_it_was_sent(bot: Sender, slack: SlackDouble) -> None:
    bot.event(direct(QUESTION))
    (answer,) = answered(slack)
    assert answer.arguments["channel"] == DIRECT
    assert answer.arguments.get("thread_ts") is None


def test_a_follow_up_leans_on_what_was_asked_in_its_thread(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    bot.event(mention(QUESTION, thread_ts="1.1"))
    bot.event(mention("那上城呢", ts="1699999999.000300", thread_ts="1.1"))
    bot.event(mention("那上城呢", ts="1699999999.000400", thread_ts="1.2"))
    told = answered(slack, 3)
    texts = {one.arguments["text"] for one in told if one.arguments["thread_ts"] == "1.1"}
    assert texts == {ANSWER, "上城区2023年地区生产总值2668.5亿元、增长4.3%[1]。"}
    assert ("那上城呢", (QUESTION,)) in held_chain.asked
    assert ("那上城呢", ()) in held_chain.asked


def test_an_english_question_gets_an_english_frame(bot: Sender, slack: SlackDouble) -> None:
    bot.event(mention("What was the GDP growth of Yuecheng in 2023?"))
    (answer,) = answered(slack)
    assert "up 7.6% [1]" in answer.arguments["text"]
    assert "[1] Open source" in answer.texts
    assert "You can ask on here" in answer.texts


def test_a_refusal_says_what_may_be_asked_instead(bot: Sender, slack: SlackDouble) -> None:
    bot.event(mention("深圳市2023年GDP增长多少?"))
    (answer,) = answered(slack)
    assert answer.arguments["text"].startswith("馆藏中没有深圳市的政府工作报告")
    assert "可以这样问:\n• " in answer.texts
    assert links(answer) == []


def test_a_mention_without_a_question_is_told_how_to_ask(bot: Sender, slack: SlackDouble) -> None:
    bot.event(mention(""))
    (answer,) = answered(slack)
    assert "请把问题写在呼叫之后" in answer.texts
    assert "年地区生产总值增长多少?" in answer.texts


def test_a_table_is_a_table_whose_cells_link_to_their_sources(
    bot: Sender, slack: SlackDouble
) -> None:
    bot.event(mention("各区2024年GDP目标对比"))
    (answer,) = answered(slack)
    (table,) = [one for one in answer.arguments["blocks"] if one["type"] == "table"]
    head, *rows = table["rows"]
    assert [cell["text"] for cell in head] == ["报告", "地区生产总值"]
    assert [row[0]["text"] for row in rows][:2] == ["越城区", "上城区"]
    assert [text for text, _ in links(answer)].count("[1]") == 2


def test_what_a_report_says_is_never_markup(
    bot_served: ServedBot, chain_over: ChainOver, slack: SlackDouble
) -> None:
    hostile = "<@U0ASKER>&*全市*地区生产总值增长6.3%,<https://evil.example|点击这里>。"
    with bot_served(chain_over(Invented("海宁市", 2025, hostile, ""))) as bot:
        bot.event(mention("海宁市2024年地区生产总值增长多少?"))
        (answer,) = answered(slack)
    assert "<" not in answer.arguments["text"]
    assert hostile in answer.texts
    assert all(address.startswith(PAGE) for _, address in links(answer))
    assert not [one for one in _types(answer.arguments["blocks"]) if one == "mrkdwn"]


def _types(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["type"]] if "type" in value else []
        return own + [one for inner in value.values() for one in _types(inner)]
    return [one for inner in value for one in _types(inner)] if isinstance(value, list) else []


# --- at once, once, in turn --------------------------------------------------------------------


def test_the_acknowledgement_leaves_before_the_answer_is_begun(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    held_chain.released.clear()
    started = time.monotonic()
    assert bot.event(mention(QUESTION)).status_code == 200
    assert time.monotonic() - started < 3
    slack.until(lambda: slack.of("chat.postMessage"))
    assert slack.of("chat.postMessage")[0].arguments["text"] == "正在查阅报告…"
    assert slack.answers() == []
    held_chain.released.set()
    (answer,) = answered(slack)
    assert (answer.method, answer.arguments["text"]) == ("chat.update", ANSWER)
    assert answer.arguments["ts"] == slack.of("chat.postMessage")[0].arguments["ts"]


def test_of_a_hundred_events_with_ten_duplicates_ninety_are_answered_in_their_threads(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    asked = {f"{n}.000100": f"{2016 + n % 9}年越城区GDP增长多少?" for n in range(1000, 1090)}
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    sent: list[tuple[JSON, JSON]] = []
    for n, (ts, text) in enumerate(asked.items()):
        body = event_body(mention(text, ts), f"Ev{ts}")
        sent += [(body, {}), (body, retry)] if n % 9 == 0 else [(body, {})]
    assert len(sent) == 100
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda one: bot.json(one[0], **one[1]), sent))
    # A retry may overtake what it repeats, which then is the one that was received before.
    assert {reply.status_code for reply in replies} <= {200, 401}
    assert [reply.status_code for reply in replies].count(401) <= 10
    told = answered(slack, 90)
    assert sorted(one.arguments["thread_ts"] for one in told) == sorted(asked)
    assert len(held_chain.asked) == 90
    for one in told:
        year = asked[one.arguments["thread_ts"]][:4]
        assert year in one.arguments["text"]


def test_a_retry_of_an_event_is_acknowledged_and_not_answered_again(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    held_chain.released.clear()
    bot.event(mention(QUESTION), "Ev1")
    body = event_body(mention(QUESTION), "Ev1")
    for n in (1, 2, 3):
        assert bot.json(body, **{"X-Slack-Retry-Num": str(n)}).status_code == 200
    held_chain.released.set()
    answered(slack)
    bot.event(mention("上城区2023年GDP增长多少?", "2.2"), "Ev2")
    assert len(answered(slack, 2)) == 2
    assert len(held_chain.asked) == 2


def test_questions_of_a_thread_are_answered_in_order(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    held_chain.released.clear()
    for n, year in enumerate((2021, 2022, 2023, 2024)):
        bot.event(mention(f"越城区{year}年GDP增长多少?", f"5.{n}", thread_ts="5.0"))
    held_chain.released.set()
    answered(slack, 4)
    assert [re.findall(r"20\d\d", text)[0] for text, _ in held_chain.asked] == [
        "2021",
        "2022",
        "2023",
        "2024",
    ]


def test_what_may_be_read_is_shown_while_the_answer_is_made(
    bot_served: ServedBot,
    bundled_chain: Chain,
    slack: SlackDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ThreadMouth, "pause", 0.05)
    chain = TellingChain(bundled_chain)
    with bot_served(chain) as bot:
        bot.event(mention(QUESTION))
        slack.until(lambda: any("7.6%" in one.texts for one in slack.of("chat.update")))
        assert not any("那上城区呢" in one.texts for one in slack.of("chat.update"))
        chain.released.set()
        slack.until(lambda: any("那上城区呢" in one.texts for one in slack.of("chat.update")))


def test_slack_s_rate_limit_is_waited_for(bot: Sender, slack: SlackDouble) -> None:
    limited = (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
    slack.refusals["chat.postMessage"] = [limited]
    started = time.monotonic()
    bot.event(mention(QUESTION))
    slack.until(lambda: slack.of("chat.postMessage"))
    assert time.monotonic() - started >= 1
    assert answered(slack)[0].arguments["text"] == ANSWER


def test_an_update_is_left_out_where_slack_asks_to_wait(
    bot_served: ServedBot,
    bundled_chain: Chain,
    slack: SlackDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ThreadMouth, "pause", 0.02)
    limited = (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "60"})
    slack.refusals["chat.update"] = [limited]
    chain = TellingChain(bundled_chain)
    with bot_served(chain) as bot:
        bot.event(mention(QUESTION))
        until(lambda: not slack.refusals["chat.update"])
        time.sleep(0.3)
        assert slack.of("chat.update") == []
        chain.released.set()
        assert answered(slack)[0].arguments["text"] == ANSWER


def test_what_was_accepted_is_answered_before_the_server_ends(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    held_chain.released.clear()
    with bot_served(held_chain) as bot:
        for n in range(12):
            bot.event(mention(QUESTION, f"7.{n}"))
        until(lambda: bool(held_chain.asked))
        threading.Timer(0.5, held_chain.released.set).start()
    assert len(slack.answers()) == 12
    assert {one.arguments["text"] for one in slack.answers()} == {ANSWER}


def test_the_log_tells_of_an_answer_and_not_what_was_asked(
    bot_served: ServedBot,
    held_chain: HeldChain,
    slack: SlackDouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "wenzheng")
    with bot_served(held_chain) as bot:
        bot.event(mention(QUESTION), "Ev42")
        answered(slack)
    assert "slack event Ev42 answered" in caplog.text
    assert "越城区" not in caplog.text
    assert "xoxb-test" not in caplog.text


# --- when there is no answer -------------------------------------------------------------------


def test_a_failure_is_told_in_one_line_without_its_details(
    bot_served: ServedBot, bundled_chain: Chain, slack: SlackDouble
) -> None:
    class Broken(HeldChain):
        async def stream(self, text: str, turns: Any = ()) -> Any:
            raise InputError("unreadable", name="/secret/place", reason="x")
            yield

    with bot_served(Broken(bundled_chain)) as bot:
        bot.event(mention(QUESTION), "Ev77")
        (told,) = answered(slack)
    assert told.arguments["text"].startswith("抱歉,这次没有答成")
    assert "Ev77" in told.arguments["text"]
    assert "secret" not in json.dumps(told.arguments)
    assert told.arguments["thread_ts"] == "1699999999.000100"


@pytest.mark.usefixtures("in_time")
def test_an_answer_that_slack_refuses_is_told_as_a_failure(bot: Sender, slack: SlackDouble) -> None:
    slack.refusals["chat.postMessage"] = [(200, {"ok": False, "error": "invalid_blocks"}, {})]
    bot.event(mention(QUESTION))
    (told,) = answered(slack)
    assert told.arguments["text"].startswith("抱歉,这次没有答成")


def test_an_answer_is_posted_anew_where_somebody_deleted_the_message(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    slack.refusals["chat.update"] = [(200, {"ok": False, "error": "message_not_found"}, {})]
    held_chain.released.clear()
    bot.event(mention(QUESTION))
    slack.until(lambda: slack.of("chat.postMessage"))
    held_chain.released.set()
    (told,) = answered(slack)
    assert (told.method, told.arguments["text"]) == ("chat.postMessage", ANSWER)


def test_too_long_a_question_is_told(bot: Sender, slack: SlackDouble) -> None:
    bot.event(mention("问" * 2001))
    (told,) = answered(slack)
    assert told.arguments["text"] == "问题最多 2000 字,请写得短一些。"


@pytest.mark.parametrize(
    "event",
    [
        mention(QUESTION, bot_id="B0OTHER"),
        mention(QUESTION, bot_id="B0OTHER", subtype="bot_message"),
        mention(QUESTION, edited={"user": USER, "ts": "2.0"}),
        direct(QUESTION, user=BOT_USER),
        direct(QUESTION, bot_id=BOT),
        direct(QUESTION, thread_ts="1.1", bot_id="B0OTHER"),
        direct(QUESTION, subtype="message_changed", message={"text": QUESTION, "user": USER}),
        direct(QUESTION, subtype="message_deleted"),
        {**direct(QUESTION), "channel_type": "channel", "channel": CHANNEL},
        {"type": "reaction_added", "user": USER, "reaction": "eyes", "item": {}},
    ],
    ids=[
        "bot",
        "bot_message",
        "edited_mention",
        "itself",
        "its_bot_id",
        "bot_in_assistant",
        "edit",
        "deletion",
        "channel_without_mention",
        "other_event",
    ],
)
def test_what_is_no_question_is_acknowledged_and_left_alone(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain, event: dict[str, Any]
) -> None:
    assert bot.event(event).status_code == 200
    bot.event(mention("上城区2023年GDP增长多少?", "9.9"))
    assert len(answered(slack)) == 1
    assert [text for text, _ in held_chain.asked] == ["上城区2023年GDP增长多少?"]


# --- who may -----------------------------------------------------------------------------------


def _refused(reply: httpx.Response, status: int, slack: SlackDouble) -> dict[str, Any]:
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert [call.method for call in slack.calls] == ["auth.test"]
    told: dict[str, Any] = reply.json()
    return told


BODY = json.dumps(event_body(mention(QUESTION), "Ev1")).encode()


@pytest.mark.parametrize(
    "headers",
    [
        lambda: signed(BODY, secret="another secret"),
        lambda: signed(BODY + b" "),
        lambda: signed(BODY, at=time.time() - 301),
        lambda: signed(BODY, at=time.time() + 400),
        lambda: {"X-Slack-Signature": "", "X-Slack-Request-Timestamp": ""},
        lambda: {"X-Slack-Request-Timestamp": "soon"},
        lambda: {"X-Slack-Request-Timestamp": "-1"},
        lambda: {"X-Slack-Request-Timestamp": "9" * 5000},
    ],
    ids=["secret", "body", "old", "future", "missing", "no_number", "negative", "huge"],
)
def test_a_request_that_slack_did_not_sign_now_is_refused(
    bot: Sender, slack: SlackDouble, headers: Callable[[], dict[str, str]]
) -> None:
    told = _refused(bot.raw(BODY, **headers()), 401, slack)
    assert told["error"]["code"] == "wrong_signature"


def test_a_replayed_request_is_refused(bot: Sender, slack: SlackDouble) -> None:
    headers = signed(BODY)
    assert bot.raw(BODY, **headers).status_code == 200
    answered(slack)
    replayed = bot.raw(BODY, **headers)
    assert (replayed.status_code, replayed.json()["error"]["code"]) == (401, "replayed")
    # Whoever replays may add what is not signed.
    assert bot.raw(BODY, **headers, **{"X-Slack-Retry-Num": "1"}).status_code == 200
    bot.event(mention("上城区2023年GDP增长多少?", "9.9"))
    assert len(answered(slack, 2)) == 2


def test_an_unknown_workspace_is_refused(bot: Sender, slack: SlackDouble) -> None:
    reply = bot.event(mention(QUESTION), team="T0STRANGER")
    assert _refused(reply, 403, slack)["error"]["code"] == "unknown_workspace"
    assert reply.headers["x-slack-no-retry"] == "1"


def test_a_command_of_an_unknown_workspace_is_refused(bot: Sender, slack: SlackDouble) -> None:
    reply = bot.form(command(QUESTION, f"{slack.url}/response/1", team_id="T0STRANGER"))
    _refused(reply, 403, slack)
    assert slack.responses == []


def test_workspaces_are_those_of_the_setting(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    with bot_served(held_chain, slack_teams="T1, T2") as bot:
        assert bot.event(mention(QUESTION, team="T2"), team="T2").status_code == 200
        answered(slack)
        assert bot.event(mention(QUESTION)).status_code == 403


def test_a_stranger_in_a_shared_channel_is_told_that_he_may_not(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    bot.event(mention(QUESTION, user_team="T0STRANGER"))
    (told,) = answered(slack)
    assert told.arguments["text"].startswith("这个工作区没有开通问政")
    assert held_chain.asked == []


def test_channels_are_those_of_the_setting(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    with bot_served(held_chain, slack_channels=f"{CHANNEL},C2") as bot:
        bot.event(mention(QUESTION, "1.1"))
        bot.event(mention(QUESTION, "1.2", channel="C0OTHER"))
        bot.event(direct(QUESTION))
        told = answered(slack, 3)
    by_channel = {one.arguments["channel"]: one.arguments["text"] for one in told}
    assert by_channel[CHANNEL] == ANSWER
    assert by_channel["C0OTHER"].startswith("这个频道没有开通问政")
    assert by_channel[DIRECT].startswith("这个频道没有开通问政")
    assert len(held_chain.asked) == 1


def test_direct_messages_are_allowed_as_im(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    with bot_served(held_chain, slack_channels="im") as bot:
        bot.event(direct(QUESTION))
        assert answered(slack)[0].arguments["text"] == ANSWER


def test_the_signature_opens_its_own_address_alone(bot: Sender) -> None:
    host = {"Host": "bot.example.org"}
    for path in ("/api/reports", "/bots/slack", "/bots/slack/events/", "/bots/other/events"):
        reply = httpx.post(f"{bot.url}{path}", content=BODY, headers={**signed(BODY), **host})
        assert reply.status_code == 421, path


def test_api_keys_neither_open_nor_close_the_address(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    key = "0123456789abcdef"
    with bot_served(held_chain, api_keys=f"admin:{key}") as bot:
        wrong = {"X-Slack-Signature": "v0=0", "Authorization": f"Bearer {key}"}
        assert bot.raw(BODY, **wrong).status_code == 401
        assert bot.raw(BODY).status_code == 200
        answered(slack)
        assert httpx.get(f"{bot.url}/api/reports").status_code == 401


def test_a_body_has_a_limit(bot: Sender, slack: SlackDouble) -> None:
    _refused(bot.raw(b"{" + b" " * 300_000 + b"}"), 413, slack)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"{", b"[]", b"null", b"", b'{"type":"event_callback"}']
)
def test_a_signed_body_that_is_no_event_breaks_nothing(
    bot: Sender, slack: SlackDouble, body: bytes
) -> None:
    reply = bot.raw(body)
    assert reply.status_code in (200, 400, 403)
    bot.event(mention(QUESTION))
    assert answered(slack)[0].arguments["text"] == ANSWER


def test_without_slack_s_settings_there_is_no_such_address(bundled_chain: Chain) -> None:
    service = Service(Settings(), lambda: bundled_chain)
    reply = on_this_machine(service).post("/bots/slack/events", content=BODY, headers=signed(BODY))
    assert reply.status_code == 404
    assert create_app(service).state.bots.platforms == ()


def test_before_slack_has_said_whose_token_it_is_events_are_to_come_again(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    slack.refusals["auth.test"] = [(200, {"ok": False, "error": "invalid_auth"}, {})]
    with bot_served(held_chain, ready=False) as bot:
        until(lambda: not slack.refusals["auth.test"])
        assert bot.event(mention(QUESTION), "Ev5").status_code == 503
        verified = bot.json({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"})
        assert verified.json() == {"challenge": "3eZbrw1a"}
        until(lambda: bot.event(mention(QUESTION), "Ev5").status_code == 200)
        assert answered(slack)[0].arguments["text"] == ANSWER


# --- commands, buttons, assistant threads ------------------------------------------------------


def test_a_command_is_answered_to_who_gave_it(bot: Sender, slack: SlackDouble) -> None:
    reply = bot.form(command(QUESTION, f"{slack.url}/response/1"))
    assert reply.json() == {
        "response_type": "ephemeral",
        "text": f"/wenzheng {QUESTION}\n正在查阅报告…",
    }
    slack.until(lambda: slack.responses)
    (answer,) = slack.responses
    assert (answer["response_type"], answer["text"]) == ("ephemeral", ANSWER)
    assert {one["type"] for one in answer["blocks"]} == {"rich_text", "actions"}
    assert slack.of("chat.postMessage") == []


def test_a_command_s_acknowledgement_does_not_wait(
    bot: Sender, slack: SlackDouble, held_chain: HeldChain
) -> None:
    held_chain.released.clear()
    assert bot.form(command(QUESTION, f"{slack.url}/response/1")).status_code == 200
    assert slack.responses == []
    held_chain.released.set()
    slack.until(lambda: slack.responses)


def test_a_command_echoes_no_mention(bot: Sender, slack: SlackDouble) -> None:
    reply = bot.form(command("<!channel> &lt;!here&gt; GDP", f"{slack.url}/response/1"))
    assert "<" not in reply.json()["text"]
    slack.until(lambda: slack.responses)


def test_a_source_s_button_is_acknowledged(bot: Sender) -> None:
    pressed = {
        "type": "block_actions",
        "team": {"id": "T0HOME"},
        "user": {"id": USER, "team_id": "T0HOME"},
        "channel": {"id": CHANNEL},
        "actions": [{"type": "button", "action_id": "source-1", "block_id": "b"}],
    }
    reply = bot.form({"payload": json.dumps(pressed)})
    assert (reply.status_code, reply.text) == (200, "")


def test_an_assistant_s_thread_suggests_questions(bot: Sender, slack: SlackDouble) -> None:
    thread = {"user_id": USER, "channel_id": DIRECT, "thread_ts": "8.1", "context": {}}
    bot.event({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": "8.2"})
    slack.until(lambda: slack.of("assistant.threads.setSuggestedPrompts"))
    told = slack.of("assistant.threads.setSuggestedPrompts")[0].arguments
    assert (told["channel_id"], told["thread_ts"]) == (DIRECT, "8.1")
    messages = [one["message"] for one in told["prompts"]]
    assert 1 <= len(messages) <= 4
    for message in messages:
        answer = httpx.post(f"{bot.url}/api/ask", json={"question": message}).json()
        assert answer["refusal"] is None or answer["refusal"]["reason"] == "not_stated", message


def test_an_assistant_s_thread_shows_a_status_and_then_the_answer(
    bot: Sender, slack: SlackDouble
) -> None:
    bot.event(direct(QUESTION, thread_ts="8.1"))
    (answer,) = answered(slack)
    assert (answer.method, answer.arguments["thread_ts"]) == ("chat.postMessage", "8.1")
    status = slack.of("assistant.threads.setStatus")[0].arguments
    assert status == {"channel_id": DIRECT, "thread_ts": "8.1", "status": "正在查阅报告…"}


# --- Socket Mode -------------------------------------------------------------------------------


def test_in_socket_mode_events_come_over_a_connection_of_ours(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    slack.envelopes = [
        {"type": "events_api", "envelope_id": f"E{n}", "payload": event_body(event, event_id)}
        for n, (event, event_id) in enumerate(
            [(mention(QUESTION), "Ev1"), (mention(QUESTION), "Ev1"), (direct(QUESTION), "Ev2")]
        )
    ]
    with bot_served(held_chain, slack_signing_secret=None, slack_app_token="xapp-test") as bot:
        told = answered(slack, 2)
        slack.until(lambda: len(slack.acknowledged) == 3)
        assert bot.event(mention(QUESTION)).status_code in (404, 421)
    assert {one.arguments["text"] for one in told} == {ANSWER}
    assert [one["envelope_id"] for one in slack.acknowledged] == ["E0", "E1", "E2"]
    assert slack.of("apps.connections.open")[0].token == "xapp-test"
    assert len(held_chain.asked) == 2


def test_in_socket_mode_a_strange_workspace_is_not_answered(
    bot_served: ServedBot, held_chain: HeldChain, slack: SlackDouble
) -> None:
    strange = event_body(mention(QUESTION), "Ev1", team="T0STRANGER")
    own = event_body(mention(QUESTION, "2.2"), "Ev2")
    slack.envelopes = [
        {"type": "events_api", "envelope_id": name, "payload": body}
        for name, body in (("E0", strange), ("E1", own))
    ]
    with bot_served(held_chain, slack_app_token="xapp-test"):
        slack.until(lambda: slack.acknowledged)
        answered(slack)
    assert [one["envelope_id"] for one in slack.acknowledged] == ["E1"]
    assert len(held_chain.asked) == 1
