"""All settings: one frozen value, read once at the door and passed as an argument."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from qa.errors import SettingsError
from qa.reports.fetching.rules import FetchRules
from qa.reports.limits import ReadLimits

PREFIX = "WENZHENG_"
_PASSWORD = re.compile("https?://[^/?#]*@", re.IGNORECASE)


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "wenzheng"


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wenzheng"


def _without_password(name: str) -> str:
    """The name of an embedding; raises ``ValueError`` for an address with a password.

    A library keeps the name, and so do its backups; ``doctor`` shows it.
    """
    if _PASSWORD.match(name):
        told = f"an address with a user name or password would be kept in the library; use {PREFIX}EMBEDDING_API_KEY"
        raise ValueError(told)
    return name


class Settings(BaseSettings):
    """Settings from ``WENZHENG_*`` variables or a ``.env`` file; docs/settings.md lists them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        # A wrong value's error would print it, a key among them, into a log.
        hide_input_in_errors=True,
    )

    library: Path = Field(
        default_factory=lambda: _data_home() / "library", description="folder of the library"
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL that keeps the library instead of a folder, postgresql://…",
    )
    milvus_uri: str | None = Field(
        default=None, description="Milvus that keeps the vectors of a library in PostgreSQL"
    )
    milvus_token: SecretStr | None = Field(
        default=None, description="what Milvus knows us by, user:password"
    )
    cache: Path = Field(
        default_factory=_cache_home, description="folder for unpacked models and vectors"
    )
    embedding: Annotated[str, AfterValidator(_without_password)] = Field(
        default="bundled",
        description="bundled, a sentence-transformers name or path, or http(s)://host/v1#model",
    )
    embedding_api_key: SecretStr | None = Field(
        default=None, description="key for an embeddings endpoint"
    )
    embedding_timeout_seconds: float = Field(
        default=30.0, gt=0, description="seconds to wait for an embeddings endpoint"
    )
    embedding_query_prompt: str | None = Field(
        default=None, description="what an endpoint's model wants before a question, such as query:"
    )
    embedding_document_prompt: str | None = Field(
        default=None, description="what it wants before a document; another makes all vectors anew"
    )
    reranker: str | None = Field(
        default=None,
        description="a sentence-transformers cross-encoder that orders the best passages anew",
    )
    llm: str | None = Field(
        default=None, description="a LangChain init_chat_model name, such as openai:deepseek-chat"
    )
    llm_base_url: str | None = Field(default=None, description="endpoint of the language model")
    llm_api_key: SecretStr | None = Field(default=None, description="key of the language model")
    llm_timeout_seconds: float = Field(
        default=60.0, gt=0, description="seconds to wait for the language model"
    )
    llm_context_tokens: int | None = Field(
        default=None, ge=1024, description="tokens the language model can read and write at once"
    )
    llm_max_tokens: int = Field(
        default=1024, ge=64, description="tokens the language model may write in one answer"
    )
    passage_max_chars: int = Field(
        default=450, ge=100, le=2000, description="longest passage in characters"
    )
    host: str = Field(default="127.0.0.1", description="address that serve listens on")
    upload_max_bytes: int = Field(
        default=32 * 1024 * 1024, ge=1024, description="bytes that one upload of reports may have"
    )
    file_max_bytes: int = Field(
        default=200 * 1024 * 1024, ge=1024, description="bytes that one file to read may have"
    )
    unpacked_max_bytes: int = Field(
        default=512 * 1024 * 1024, ge=1024, description="bytes that an archive may unpack to"
    )
    original_max_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=0,
        description="bytes that a parsed file may have to be kept beside its text; 0 keeps none",
    )
    read_timeout_seconds: float = Field(
        default=120.0,
        gt=0,
        description="seconds that parsing one document, or recognising one page, may take",
    )
    read_memory_bytes: int = Field(
        default=3 * 1024 * 1024 * 1024,
        ge=512 * 1024 * 1024,
        description="address space of the process that parses files",
    )
    fetch_hosts: str | None = Field(
        default=None,
        # An address would name no host, and be no rule, silently.
        pattern=r"^[^/\s,]+( *, *[^/\s,]+)*$",
        description="internal hosts that pages may be fetched from, comma-separated, host or host:port",
    )
    fetch_contact: str | None = Field(
        default=None,
        pattern=r"^[ -~]{1,200}$",
        description="how the owner of a site reaches you; told to every site that is fetched from",
    )
    fetch_timeout_seconds: float = Field(
        default=30.0, gt=0, description="seconds to wait for a site's connection or next bytes"
    )
    fetch_deadline_seconds: float = Field(
        default=300.0, gt=0, description="seconds that fetching one page or file may take"
    )
    fetch_delay_seconds: float = Field(
        default=1.0, ge=0, description="seconds between two requests to one host, at least"
    )
    answers_max: int = Field(
        default=256, ge=1, description="questions that may wait or be answered at once"
    )
    wait_seconds: float = Field(
        default=20.0, gt=0, description="seconds that a question may have to wait for its turn"
    )
    connections_max: int = Field(
        default=1024, ge=8, description="connections that may be open at once"
    )
    client_timeout_seconds: float = Field(
        default=30.0, gt=0, description="seconds that a client may keep a connection waiting"
    )
    port: int = Field(default=8000, ge=0, le=65535, description="port that serve listens on")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="what serve logs; info is a line for every request"
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="how serve logs to stderr"
    )
    otlp_endpoint: str | None = Field(
        default=None, description="OpenTelemetry collector that traces are sent to, over HTTP"
    )
    keys: Path = Field(
        default_factory=lambda: _data_home() / "keys.json",
        description="file of the API keys that `wenzheng keys` makes",
    )
    api_keys: SecretStr | None = Field(
        default=None,
        description="API keys given directly, comma-separated, read:, write: or admin:",
    )
    rate_limit: str = Field(
        default="600/minute", description="requests allowed to a key, or none for no limit"
    )
    cors_origins: str | None = Field(
        default=None, description="web origins whose pages may call the API, comma-separated"
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="where readers reach the page; this machine's port by default",
    )
    feishu_app_id: str | None = Field(
        default=None, description="id of the Feishu or Lark app, cli_…; there is a bot with it"
    )
    feishu_app_secret: SecretStr | None = Field(
        default=None, description="secret of the Feishu app, which its tokens are asked for with"
    )
    feishu_verification_token: SecretStr | None = Field(
        default=None, description="what Feishu names itself by in what it delivers"
    )
    feishu_encrypt_key: SecretStr | None = Field(
        default=None, description="what Feishu enciphers and signs what it delivers with"
    )
    feishu_tenants: str | None = Field(
        default=None, description="keys of the tenants that may ask; the app's own by default"
    )
    feishu_chats: str | None = Field(
        default=None, description="ids of the chats that may ask, im for chats with the bot alone"
    )
    feishu_api_url: str = Field(
        default="https://open.feishu.cn",
        pattern=r"^https?://\S+$",
        description="address of Feishu's open API; https://open.larksuite.com for Lark",
    )
    slack_bot_token: SecretStr | None = Field(
        default=None, description="token of the Slack app's bot, xoxb-…; there is a bot with it"
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        description="what Slack signs its requests with, where it sends them over HTTP",
    )
    slack_app_token: SecretStr | None = Field(
        default=None, description="token for Socket Mode, xapp-…, where Slack cannot reach us"
    )
    slack_teams: str | None = Field(
        default=None, description="ids of the workspaces that may ask; the bot's own by default"
    )
    slack_channels: str | None = Field(
        default=None, description="ids of the channels that may ask, im for direct messages"
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        pattern=r"^https?://\S+$",
        description="address of Slack's Web API, such as a proxy for it",
    )
    wecom_corp_id: str | None = Field(default=None, description="id of the corp in WeCom, ww…")
    wecom_agent_id: int | None = Field(default=None, description="AgentId of the app in WeCom")
    wecom_secret: SecretStr | None = Field(
        default=None, description="secret of the app in WeCom; there is a bot with it"
    )
    wecom_token: SecretStr | None = Field(
        default=None, description="Token of the app's receiving of messages: what WeCom signs with"
    )
    wecom_aes_key: SecretStr | None = Field(
        default=None, description="EncodingAESKey beside it: what WeCom encrypts with"
    )
    wecom_users: str | None = Field(
        default=None, description="ids of the members that may ask; all who see the app by default"
    )
    wecom_api_url: str = Field(
        default="https://qyapi.weixin.qq.com",
        pattern=r"^https?://\S+$",
        description="address of WeCom's API, such as a proxy for it",
    )
    dingtalk_client_id: str | None = Field(
        default=None, description="Client ID (AppKey) of the app in DingTalk"
    )
    dingtalk_client_secret: SecretStr | None = Field(
        default=None,
        description="Client Secret (AppSecret) of the app in DingTalk; there is a bot with it",
    )
    dingtalk_mode: Literal["http", "stream"] = Field(
        default="http",
        description="how DingTalk delivers: http, or stream where it cannot reach us",
    )
    dingtalk_corps: str | None = Field(
        default=None,
        description="ids of the organisations that may ask; the robot's own by default",
    )
    dingtalk_conversations: str | None = Field(
        default=None, description="ids of the conversations that may ask, im for direct chats"
    )
    dingtalk_api_url: str = Field(
        default="https://api.dingtalk.com",
        pattern=r"^https?://\S+$",
        description="address of DingTalk's API, such as a proxy for it",
    )
    dingtalk_webhook_url: str = Field(
        default="https://oapi.dingtalk.com/robot/sendBySession",
        pattern=r"^https?://[^\s?#]+$",
        description="the only address whose webhooks of chats are used",
    )

    @property
    def page_url(self) -> str:
        """Where readers reach the page, without a slash at its end."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def read_limits(self) -> ReadLimits:
        """What reading one file may cost."""
        return ReadLimits(
            timeout_seconds=self.read_timeout_seconds,
            memory_bytes=self.read_memory_bytes,
            file_max_bytes=self.file_max_bytes,
            unpacked_max_bytes=self.unpacked_max_bytes,
            original_max_bytes=self.original_max_bytes,
        )

    @property
    def fetch_rules(self) -> FetchRules:
        """What fetching from the web may do."""
        hosts = (host.strip().lower() for host in (self.fetch_hosts or "").split(","))
        return FetchRules(
            hosts=frozenset(filter(None, hosts)),
            contact=self.fetch_contact,
            timeout_seconds=self.fetch_timeout_seconds,
            deadline_seconds=self.fetch_deadline_seconds,
            delay_seconds=self.fetch_delay_seconds,
            max_bytes=self.file_max_bytes,
        )


def load_settings(**overrides: object) -> Settings:
    """Read the settings; ``overrides`` (from the command line) win over the environment.

    Raises ``SettingsError`` for an unknown ``WENZHENG_*`` name or a wrong value.
    """
    _refuse_unknown({**dotenv_values(".env"), **os.environ})
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError("wrong_setting", name=name, reason=first["msg"]) from error


def _refuse_unknown(names: Iterable[str]) -> None:
    # pydantic-settings ignores unknown variables: a misspelt name would change nothing, silently.
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(n for n in names if n.startswith(PREFIX) and n not in known)
    if unknown:
        raise SettingsError("unknown_setting", names=", ".join(unknown))
