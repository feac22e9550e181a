"""The desk without a platform: what it takes, in what order, and what it says when it cannot answer."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.bots.desk import Desk
from api.bots.messages import Allowed, Incoming
from api.bots.rendering import Shown
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.chain import Chain, Searched

ALLOWED = Allowed(frozenset({"T1"}))


@dataclass
class Mouth:
    """Records what is said; ``breaks`` are the names of what raises."""

    grace: float = 0.0
    pause: float = 0.01
    breaks: frozenset[str] = frozenset()
    said: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self) -> None:
        self._say("begin", "")

    async def update(self, text: str) -> None:
        self._say("update", text)

    async def finish(self, shown: Shown) -> None:
        self._say("finish", shown.text)

    async def fail(self, line: str) -> None:
        self._say("fail", line)

    def _say(self, how: str, text: str) -> None:
        if how in self.breaks:
            raise ConnectionError(how)
        self.said.append((how, text))

    @property
    def last(self) -> tuple[str, str]:
        return self.said[-1]


class Telling(Chain):
    """Answers with the question, when it may; ``asked`` in the order of asking."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain.searcher)
        self.may = asyncio.Event()
        self.may.set()
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def stream(
        self, text: str, turns: Sequence[str] = ()
    ) -> AsyncGenerator[Searched | Told | Answer, None]:
        self.asked.append((text, tuple(turns)))
        yield Told(f"关于{text}:", ())
        await self.may.wait()
        if text == "坏":
            raise ValueError(text)
        yield Answer("answered", f"关于{text}:答", text)


def incoming(event: str, text: str = "", thread: str = "1", workspace: str = "T1") -> Incoming:
    return Incoming("test", event, workspace, "C1", thread, "U1", text or event)


Scene = Callable[[Desk, Telling], Awaitable[None]]


def at_desk(chain: Chain, scene: Scene, **given: Any) -> Telling:
    """Play a scene while a desk is running, to the desk's end."""
    telling = Telling(chain)

    async def play() -> None:
        desk = Desk(lambda: telling, "http://page", **given)
        async with desk.running():
            await scene(desk, telling)

    asyncio.run(asyncio.wait_for(play(), 30))
    return telling


def test_an_answer_follows_what_showed_that_the_question_was_seen(bundled_chain: Chain) -> None:
    mouth = Mouth()

    async def scene(desk: Desk, chain: Telling) -> None:
        assert desk.accept(incoming("甲"), mouth, ALLOWED)
        assert mouth.said == []

    at_desk(bundled_chain, scene)
    assert mouth.said == [("begin", ""), ("finish", "关于甲:答")]


def test_an_answer_within_the_grace_needs_nothing_shown_before(bundled_chain: Chain) -> None:
    fast, slow = Mouth(grace=20), Mouth(grace=0.05)

    async def scene(desk: Desk, chain: Telling) -> None:
        desk.accept(incoming("快"), fast, ALLOWED)
        while not fast.said:
            await asyncio.sleep(0.01)
        chain.may.clear()
        desk.accept(incoming("慢", thread="2"), slow, ALLOWED)
        while not slow.said:
            await asyncio.sleep(0.01)
        chain.may.set()

    at_desk(bundled_chain, scene)
    assert fast.said == [("finish", "关于快:答")]
    assert (slow.said[0], slow.last) == (("begin", ""), ("finish", "关于慢:答"))


def test_a_message_that_came_before_is_left_alone(bundled_chain: Chain) -> None:
    mouths = [Mouth(), Mouth()]

    async def scene(desk: Desk, chain: Telling) -> None:
        assert [desk.accept(incoming("甲"), mouth, ALLOWED) for mouth in mouths] == [True, False]

    at_desk(bundled_chain, scene)
    assert mouths[1].said == []


def test_conversations_are_answered_each_in_order_and_beside_each_other(
    bundled_chain: Chain,
) -> None:
    async def scene(desk: Desk, chain: Telling) -> None:
        chain.may.clear()
        for n in range(3):
            for thread in "abc":
                desk.accept(incoming(f"{thread}{n}", thread=thread), Mouth(), ALLOWED)
        await asyncio.sleep(0.1)
        assert sorted(text for text, _ in chain.asked) == ["a0", "b0", "c0"]
        chain.may.set()

    asked = at_desk(bundled_chain, scene).asked
    for thread in "abc":
        own = [one for one in asked if one[0].startswith(thread)]
        first, second, third = (f"{thread}{n}" for n in range(3))
        assert own == [(first, ()), (second, (first,)), (third, (first, second))]


def test_one_conversation_does_not_hold_up_the_others(bundled_chain: Chain) -> None:
    async def scene(desk: Desk, chain: Telling) -> None:
        for n in range(20):
            desk.accept(incoming(f"a{n}", thread="a"), Mouth(), ALLOWED)
        desk.accept(incoming("b", thread="b"), Mouth(), ALLOWED)

    asked = [text for text, _ in at_desk(bundled_chain, scene, workers=1).asked]
    assert asked.index("b") == 1


def test_a_full_queue_is_told(bundled_chain: Chain) -> None:
    late = Mouth()

    async def scene(desk: Desk, chain: Telling) -> None:
        chain.may.clear()
        for n in range(3):
            desk.accept(incoming(str(n), thread=str(n)), Mouth(), ALLOWED)
        desk.accept(incoming("晚"), late, ALLOWED)
        await asyncio.sleep(0.05)
        chain.may.set()

    chain = at_desk(bundled_chain, scene, most=3)
    assert late.said == [("fail", "现在提问太多,这个问题没有收下,请过一会儿再问。")]
    assert "晚" not in [text for text, _ in chain.asked]


def test_a_failure_is_told_and_the_next_question_is_answered(bundled_chain: Chain) -> None:
    bad, good = Mouth(), Mouth()

    async def scene(desk: Desk, chain: Telling) -> None:
        desk.accept(incoming("1", "坏"), bad, ALLOWED)
        desk.accept(incoming("2", "好"), good, ALLOWED)

    chain = at_desk(bundled_chain, scene)
    assert bad.last[0] == "fail"
    assert "编号 1" in bad.last[1]
    assert good.last == ("finish", "关于好:答")
    assert chain.asked[-1] == ("好", ())


@pytest.mark.parametrize("breaks", ["begin", "update"])
def test_what_cannot_be_shown_meanwhile_keeps_no_answer_back(
    bundled_chain: Chain, breaks: str
) -> None:
    mouth = Mouth(breaks=frozenset({breaks}))

    async def scene(desk: Desk, chain: Telling) -> None:
        chain.may.clear()
        desk.accept(incoming("甲"), mouth, ALLOWED)
        await asyncio.sleep(0.1)
        chain.may.set()

    at_desk(bundled_chain, scene)
    assert mouth.last == ("finish", "关于甲:答")


def test_an_answer_that_cannot_be_shown_is_told_as_a_failure(bundled_chain: Chain) -> None:
    mouth = Mouth(breaks=frozenset({"finish"}))

    async def scene(desk: Desk, chain: Telling) -> None:
        desk.accept(incoming("甲"), mouth, ALLOWED)

    at_desk(bundled_chain, scene)
    assert mouth.last[0] == "fail"


def test_a_mouth_that_is_dumb_stops_nobody(bundled_chain: Chain) -> None:
    dumb = Mouth(breaks=frozenset({"begin", "finish", "fail"}))
    others = [Mouth() for _ in range(10)]

    async def scene(desk: Desk, chain: Telling) -> None:
        for n in range(10):
            desk.accept(incoming(f"x{n}"), dumb, ALLOWED)
            desk.accept(incoming(f"y{n}", thread=str(n)), others[n], ALLOWED)

    at_desk(bundled_chain, scene)
    assert {mouth.last[0] for mouth in others} == {"finish"}


def test_updates_come_at_the_platform_s_pace_and_end_before_the_answer(
    bundled_chain: Chain,
) -> None:
    mouth = Mouth(pause=0.05)

    async def scene(desk: Desk, chain: Telling) -> None:
        chain.may.clear()
        desk.accept(incoming("甲"), mouth, ALLOWED)
        await asyncio.sleep(0.3)
        chain.may.set()

    at_desk(bundled_chain, scene)
    assert mouth.said == [("begin", ""), ("update", "关于甲:"), ("finish", "关于甲:答")]


def test_who_holds_up_the_end_too_long_is_told_to_ask_again(bundled_chain: Chain) -> None:
    mouths = [Mouth() for _ in range(12)]

    async def scene(desk: Desk, chain: Telling) -> None:
        chain.may.clear()
        for n, mouth in enumerate(mouths):
            desk.accept(incoming(str(n), thread=str(n % 10)), mouth, ALLOWED)
        await asyncio.sleep(0.05)

    at_desk(bundled_chain, scene, patience=0.1)
    for mouth in mouths:
        assert mouth.last == ("fail", "服务正在重启,这个问题没有答完,请过一会儿再问。")


def test_after_the_end_nothing_is_taken(bundled_chain: Chain) -> None:
    mouth = Mouth()

    async def play() -> None:
        desk = Desk(lambda: Telling(bundled_chain), "http://page")
        async with desk.running():
            pass
        desk.accept(incoming("甲"), mouth, ALLOWED)
        await asyncio.sleep(0.01)

    asyncio.run(play())
    assert mouth.said == [("fail", "服务正在重启,这个问题没有答完,请过一会儿再问。")]


def test_every_answer_that_leaves_is_counted(bundled_chain: Chain) -> None:
    counted: list[Answer] = []

    async def scene(desk: Desk, chain: Telling) -> None:
        desk.accept(incoming("1", "坏"), Mouth(), ALLOWED)
        desk.accept(incoming("2", "好"), Mouth(), ALLOWED)

    at_desk(bundled_chain, scene, counted=counted.append)
    assert [answer.question for answer in counted] == ["好"]


@pytest.mark.parametrize(
    ("allowed", "key"),
    [
        (ALLOWED, None),
        (Allowed(frozenset({"T2"})), "workspace_not_allowed"),
        (Allowed(frozenset({"T1"}), frozenset({"C1"})), None),
        (Allowed(frozenset({"T1"}), frozenset({"C2", "im"})), "channel_not_allowed"),
    ],
)
def test_only_those_on_the_lists_may_ask(allowed: Allowed, key: str | None) -> None:
    assert allowed.refusal(incoming("甲")) == key
