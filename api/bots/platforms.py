"""Which platforms the settings name, and their life beside the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from api.bots.desk import Desk
from api.bots.messages import Delivery, Reply
from qa.errors import SettingsError
from qa.settings import PREFIX, Settings

_EXTRA = "bots"


class Platform(Protocol):
    """Brings a platform's messages to the desk, and the desk's answers there."""

    @property
    def path(self) -> str | None:
        """Where its servers deliver, such as ``/bots/slack/events``; None if they do not."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Holds what answers are sent by."""

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Takes messages in over a connection of its own, if it has one."""

    async def receive(self, delivery: Delivery) -> Reply:
        """Check a delivery, hand its message to the desk and reply at once.

        Raises ``DeliveryRefusedError``.
        """


@dataclass(frozen=True, slots=True)
class Bots:
    """The platforms over one desk."""

    desk: Desk
    platforms: Sequence[Platform]

    @property
    def paths(self) -> frozenset[str]:
        """Addresses whose requests a platform signs."""
        return frozenset(filter(None, (platform.path for platform in self.platforms)))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer until the block ends: no more is taken in, what was is answered, then all is closed."""
        async with AsyncExitStack() as stack:
            for platform in self.platforms:
                await stack.enter_async_context(platform.running())
            await stack.enter_async_context(self.desk.running())
            for platform in self.platforms:
                await stack.enter_async_context(platform.listening())
            yield


def bots_of(settings: Settings, desk: Desk) -> Bots:
    """The bots that the settings name; raises ``SettingsError``."""
    made = (make(settings, desk) for make in _PLATFORMS)
    return Bots(desk, tuple(platform for platform in made if platform is not None))


def _feishu(settings: Settings, desk: Desk) -> Platform | None:
    if settings.feishu_app_id is None:
        secrets = ("feishu_app_secret", "feishu_verification_token", "feishu_encrypt_key")
        _not_alone(settings, *secrets, needs="feishu_app_id")
        return None
    try:
        from api.bots.feishu import Feishu
    except ImportError as error:
        name = f"{PREFIX}FEISHU_APP_ID"
        raise SettingsError("missing_extra", name=name, extra=_EXTRA) from error
    return Feishu(settings, desk)


def _slack(settings: Settings, desk: Desk) -> Platform | None:
    if settings.slack_bot_token is None:
        _not_alone(settings, "slack_signing_secret", "slack_app_token", needs="slack_bot_token")
        return None
    try:
        from api.bots.slack import Slack
    except ImportError as error:
        name = f"{PREFIX}SLACK_BOT_TOKEN"
        raise SettingsError("missing_extra", name=name, extra=_EXTRA) from error
    return Slack(settings, desk)


def _wecom(settings: Settings, desk: Desk) -> Platform | None:
    if settings.wecom_secret is None:
        names = ("wecom_corp_id", "wecom_agent_id", "wecom_token", "wecom_aes_key")
        _not_alone(settings, *names, needs="wecom_secret")
        return None
    try:
        from api.bots.wecom import Wecom
    except ImportError as error:
        name = f"{PREFIX}WECOM_SECRET"
        raise SettingsError("missing_extra", name=name, extra=_EXTRA) from error
    return Wecom(settings, desk)


def _dingtalk(settings: Settings, desk: Desk) -> Platform | None:
    if settings.dingtalk_client_secret is None:
        _not_alone(settings, "dingtalk_client_id", needs="dingtalk_client_secret")
        return None
    try:
        from api.bots.dingtalk import Dingtalk
    except ImportError as error:
        name = f"{PREFIX}DINGTALK_CLIENT_SECRET"
        raise SettingsError("missing_extra", name=name, extra=_EXTRA) from error
    return Dingtalk(settings, desk)


def _not_alone(settings: Settings, *names: str, needs: str) -> None:
    # Half of a platform's settings would make no bot, silently.
    for name in names:
        if getattr(settings, name) is not None:
            reason = f"{PREFIX}{needs.upper()} is missing beside it"
            raise SettingsError("wrong_setting", name=f"{PREFIX}{name.upper()}", reason=reason)


_PLATFORMS: tuple[Callable[[Settings, Desk], Platform | None], ...] = (
    _feishu,
    _slack,
    _wecom,
    _dingtalk,
)
