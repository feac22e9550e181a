from dataclasses import dataclass

from api.bots.memory import Once, Turns
from api.bots.messages import Conversation


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def conversation(thread: str) -> Conversation:
    return Conversation("slack", "T1", "C1", thread)


def test_a_key_is_new_once_within_the_time() -> None:
    clock = Clock()
    once = Once(60, clock=clock)
    assert [once.is_new("a"), once.is_new("a"), once.is_new("b")] == [True, False, True]
    clock.now += 59
    assert not once.is_new("a")
    clock.now += 1
    assert once.is_new("a")


def test_only_the_latest_keys_are_remembered() -> None:
    once = Once(60, most=10)
    assert all(once.is_new(n) for n in range(100))
    assert len(once._seen) <= 11
    assert not once.is_new(99)
    assert once.is_new(0)


def test_the_latest_questions_of_a_conversation_are_its_turns() -> None:
    turns = Turns(each=2)
    for question in ("一", "二", "三"):
        turns.add(conversation("1"), question)
    turns.add(conversation("2"), "别的")
    assert turns.of(conversation("1")) == ["二", "三"]
    assert turns.of(conversation("2")) == ["别的"]
    assert turns.of(conversation("3")) == []


def test_a_conversation_that_was_silent_begins_anew() -> None:
    clock = Clock()
    turns = Turns(seconds=60, clock=clock)
    turns.add(conversation("1"), "一")
    clock.now += 59
    assert turns.of(conversation("1")) == ["一"]
    clock.now += 1
    assert turns.of(conversation("1")) == []
    turns.add(conversation("1"), "二")
    assert turns.of(conversation("1")) == ["二"]


def test_the_conversation_that_was_silent_longest_is_forgotten_first() -> None:
    turns = Turns(most=2)
    for thread in ("1", "2", "1", "3"):
        turns.add(conversation(thread), thread)
    assert turns.of(conversation("1")) == ["1", "1"]
    assert turns.of(conversation("2")) == []
