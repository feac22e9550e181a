import argparse
import re
import shlex
from pathlib import Path

import pytest

from api.eval_commands import add_eval
from eval.metrics.retrieval import recall
from eval.outcomes import Outcome
from eval.scores import METRICS
from tests.eval.outcomes import A, case

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["evaluation.md", "evaluation.zh-CN.md"]


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_parse(name: str) -> None:
    parser = argparse.ArgumentParser()
    add_eval(parser.add_subparsers())
    text = (DOCS / name).read_text("utf-8")
    commands = re.findall(r"^wenzheng (.*?)\s*(?:#.*)?$", text, re.M)
    assert len(commands) >= 9
    for command in commands:
        parser.parse_args(shlex.split(command))


@pytest.mark.parametrize("name", PAGES)
def test_every_metric_is_described(name: str) -> None:
    described = set(re.findall(r"`([\w@]+)`", (DOCS / name).read_text("utf-8")))
    assert {re.sub(r"@\d+$", "@k", m) for m in METRICS} - {"ndcg@k"} <= described


def test_the_example_system_runs() -> None:
    text = (DOCS / "evaluation.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.S)
    assert code
    values: dict[str, object] = {}
    exec(code.group(1), values)
    bench = argparse.Namespace(texts={"a": "甲" * 50})
    reply = values["FirstLines"](bench).reply("?", ())  # type: ignore[operator]
    assert recall(Outcome(case(A), ranked=tuple(reply.ranked)), 1) == 1.0
