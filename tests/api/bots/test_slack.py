"""Slack's protocol, spoken for real: signed requests to the running server, its Web API beside it."""

import pytest

from tests.api.bots.conftest import HeldChain
from tests.api.bots.slack_double import Sender, SlackDouble, mention

QUESTION = "越城区2023年GDP增长多少?"


def test_a_mention_is_answered_in_its_thread(bot: Sender, slack: SlackDouble) -> None:
    reply = bot.event(mention(QUESTION))
    assert (reply.status_code, reply.text) == (200, "")
    slack.until(lambda: slack.of("chat.update"))
    (answer,) = slack.answers()
    assert answer.arguments["thread_ts"] == "1699999999.000100"
    assert answer.arguments["text"] == "越城区2023年地区生产总值增长7.6%[1]。"
    print(answer.arguments)
