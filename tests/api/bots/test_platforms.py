"""What the settings name, and what is wrong with them."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.bots.desk import Desk
from api.bots.messages import listed
from api.bots.platforms import bots_of
from api.bots.slack import Slack
from qa.chain import Chain
from qa.errors import SettingsError
from qa.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[3]


def _no_chain() -> Chain:
    raise AssertionError("nobody asks")


def settings(**given: str) -> Settings:
    return Settings.model_validate(given)


def desk() -> Desk:
    return Desk(_no_chain, "http://127.0.0.1:8000")


def test_without_settings_there_is_no_bot() -> None:
    assert bots_of(settings(), desk()).paths == frozenset()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"slack_signing_secret": "s"}, "/bots/slack/events"),
        ({"slack_app_token": "xapp-1"}, None),
        ({"slack_signing_secret": "s", "slack_app_token": "xapp-1"}, "/bots/slack/events"),
    ],
)
def test_slack_is_there_with_its_token_and_a_way_in(
    given: dict[str, str], path: str | None
) -> None:
    (slack,) = bots_of(settings(slack_bot_token="xoxb-1", **given), desk()).platforms
    assert slack.path == path


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"slack_bot_token": "xoxb-1"}, "WENZHENG_SLACK_BOT_TOKEN: WENZHENG_SLACK_SIGNING_SECRET"),
        ({"slack_signing_secret": "s"}, "WENZHENG_SLACK_SIGNING_SECRET: WENZHENG_SLACK_BOT_TOKEN"),
        ({"slack_app_token": "xapp-1"}, "WENZHENG_SLACK_APP_TOKEN: WENZHENG_SLACK_BOT_TOKEN"),
    ],
)
def test_half_of_slack_s_settings_are_refused(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        bots_of(settings(**given), desk())


def test_without_the_extra_it_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "api.bots.slack", None)
    given = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s"}
    with pytest.raises(SettingsError, match=r"pip install 'wenzheng\[bots\]'"):
        bots_of(settings(**given), desk())


WECOM = {
    "wecom_corp_id": "ww1",
    "wecom_agent_id": "1000002",
    "wecom_secret": "s3cret",
    "wecom_token": "t0ken",
    "wecom_aes_key": "k" * 43,
}


def test_wecom_is_there_with_all_of_its_settings() -> None:
    assert bots_of(settings(**WECOM), desk()).paths == {"/bots/wecom/callback"}


@pytest.mark.parametrize("missing", sorted(WECOM))
def test_half_of_wecom_s_settings_are_refused(missing: str) -> None:
    given = {name: value for name, value in WECOM.items() if name != missing}
    with pytest.raises(SettingsError, match=f"WENZHENG_{missing.upper()} is missing beside it"):
        bots_of(settings(**given), desk())


def test_a_wrong_key_of_wecom_is_told_without_being_shown() -> None:
    wrong = WECOM | {"wecom_aes_key": "k" * 42}
    with pytest.raises(SettingsError, match=r"^WENZHENG_WECOM_AES_KEY: .* 43 letters") as caught:
        bots_of(settings(**wrong), desk())
    assert "kkk" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "paths"), [("http", {"/bots/dingtalk/messages"}), ("stream", set())]
)
def test_dingtalk_is_there_with_its_app(mode: str, paths: set[str]) -> None:
    given = {"dingtalk_client_id": "ding1", "dingtalk_client_secret": "s", "dingtalk_mode": mode}
    bots = bots_of(settings(**given), desk())
    assert len(bots.platforms) == 1
    assert bots.paths == paths


@pytest.mark.parametrize("alone", ["dingtalk_client_id", "dingtalk_client_secret"])
def test_half_of_dingtalk_s_settings_are_refused(alone: str) -> None:
    with pytest.raises(SettingsError, match="is missing beside it"):
        bots_of(settings(**{alone: "x"}), desk())


@pytest.mark.parametrize(
    ("module", "given"),
    [
        ("api.bots.wecom", WECOM),
        ("api.bots.dingtalk", {"dingtalk_client_id": "d", "dingtalk_client_secret": "s"}),
    ],
)
def test_without_the_extra_wecom_and_dingtalk_say_so(
    monkeypatch: pytest.MonkeyPatch, module: str, given: dict[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=r"pip install 'wenzheng\[bots\]'"):
        bots_of(settings(**given), desk())


def test_secrets_of_wecom_and_dingtalk_are_not_shown() -> None:
    told = repr(settings(**WECOM, dingtalk_client_id="d", dingtalk_client_secret="dings3cret"))
    secrets = ("s3cret", "t0ken", "kkk")
    assert not [secret for secret in secrets if secret in told]


def test_secrets_are_not_shown() -> None:
    secrets = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s3cret"}
    told = repr(settings(**secrets, slack_app_token="xapp-1"))
    assert not [secret for secret in ("xoxb-1", "s3cret", "xapp-1") if secret in told]


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"port": 9000}, "http://127.0.0.1:9000"),
        ({"public_url": "https://a.example/wenzheng/"}, "https://a.example/wenzheng"),
    ],
)
def test_the_page_is_where_readers_reach_it(given: dict[str, Any], page: str) -> None:
    assert settings(**given).page_url == page


@pytest.mark.parametrize(
    "wrong", ["a.example", "ftp://a.example", "https://a.example/#/x", "https://"]
)
def test_a_public_url_is_an_address(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("WENZHENG_PUBLIC_URL", wrong)
    with pytest.raises(SettingsError, match=r"^WENZHENG_PUBLIC_URL: "):
        load_settings()


def test_a_list_has_no_empty_ids() -> None:
    assert listed(" T1,, T2 ,") == {"T1", "T2"}
    assert listed(None) is None
    assert listed(" , ") is None


def test_the_guide_names_settings_that_there_are() -> None:
    text = (ROOT / "docs/bots.md").read_text("utf-8")
    named = {one.removeprefix(PREFIX).lower() for one in re.findall(r"WENZHENG_[A-Z_]+", text)}
    platforms = ("slack_", "wecom_", "dingtalk_")
    ours = {name for name in Settings.model_fields if name.startswith(platforms)}
    assert ours | {"public_url"} <= named <= set(Settings.model_fields)


# --- the manifest ------------------------------------------------------------------------------


def manifest() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((ROOT / "deploy/slack-manifest.yaml").read_text("utf-8"))
    return told


def test_the_manifest_names_the_address_that_is_served() -> None:
    slack = Slack(settings(slack_bot_token="xoxb-1", slack_signing_secret="s"), desk())
    told = manifest()
    addresses = {
        told["settings"]["event_subscriptions"]["request_url"],
        told["settings"]["interactivity"]["request_url"],
        told["features"]["slash_commands"][0]["url"],
    }
    assert addresses == {f"https://WENZHENG.EXAMPLE{slack.path}"}


def test_the_manifest_asks_for_what_the_bot_uses_and_no_more() -> None:
    told = manifest()
    assert set(told["oauth_config"]["scopes"]["bot"]) == {
        "app_mentions:read",
        "assistant:write",
        "chat:write",
        "commands",
        "im:history",
    }
    assert set(told["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_mention",
        "assistant_thread_started",
        "message.im",
    }
    assert told["features"]["slash_commands"][0]["command"] == "/wenzheng"
