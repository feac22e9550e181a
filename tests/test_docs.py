import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from api.cli import _parser
from qa.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent


def test_the_langchain_example_runs(bundled_settings: Settings) -> None:
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs/langchain.md").read_text("utf-8"), re.S)
    assert code
    values: dict[str, Any] = {
        "cache_dir": str(bundled_settings.cache),
        "library_dir": str(bundled_settings.library),
    }
    exec(code.group(1), values)
    assert len(values["vector"]) == 384
    assert len(values["documents"]) == 5
    assert values["first"].metadata["place"] == "海曙区"
    assert "13.3%" in values["answer"].text
    assert "8%" in values["followed"].text


def test_the_configurations_of_mcp_clients_are_ones() -> None:
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs/mcp.md").read_text("utf-8"), re.S)
    local, remote = (json.loads(block)["mcpServers"]["wenzheng"] for block in blocks)
    assert not _parser().parse_args(local["args"]).http
    assert set(local["env"]) <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert remote["url"].endswith("/mcp")


def test_the_settings_table_lists_every_setting_with_its_default() -> None:
    text = (ROOT / "docs/settings.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(WENZHENG_\w+)` \| (.*?) \|", text, re.M))
    assert set(rows) == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if field.default_factory is None and field.default is not None:
            assert rows[PREFIX + name.upper()] == f"`{field.default}`"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_commands_of_the_readme_parse(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    commands = re.findall(r"^wenzheng (.*?)\s*(?:#.*)?$", text, re.M)
    assert len(commands) >= 6
    for command in commands:
        _parser().parse_args(shlex.split(command))


@pytest.mark.parametrize(
    "path", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name
)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)#:]+)[)#]", text):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("name", ["security.md", "security.zh-CN.md"])
def test_what_the_threat_model_points_to_is_there(name: str) -> None:
    """Each test that is said to show something is a test, and both languages name the same."""
    named = _tests_named(name)
    assert len(named) > 30
    assert named == _tests_named("security.md")
    for told in named:
        path, _, test = told.partition("::")
        text = (ROOT / path).read_text("utf-8")
        assert not test or f"def {test}(" in text, told


def _tests_named(name: str) -> set[str]:
    text = (ROOT / "docs" / name).read_text("utf-8")
    return set(re.findall(r"`(tests/[\w/.]+\.py(?:::\w+)?)`", text))
