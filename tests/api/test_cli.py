import csv
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from wcwidth import wcswidth

from api.cli import main
from qa.settings import Settings
from tests.api.objects import YUECHENG_GDP
from tests.qa.generation.openai_double import OpenAIDouble, Reply

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def library(bundled_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("WENZHENG_CACHE", str(bundled_settings.cache))
    return ["--library", str(bundled_settings.library)]


def test_reports_lists_the_eight_reports_as_the_contract_says(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "reports", "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert len(reports) == 8
    assert set(reports[0]) == {
        "report_id", "title", "place", "place_code", "province", "level", "year", "delivered",
        "speaker", "reviewed_period", "planned_period", "sources", "warnings", "passages", "facts",
    }  # fmt: skip
    assert sum(report["place"] is None for report in reports) == 2


def test_reports_for_people_show_warnings(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "reports"]) == 0
    assert "报告未写明所属地区" in capsys.readouterr().out


def test_ask_prints_the_answer_object(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "ask", "越城区2023年GDP增长多少?", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "answered"
    assert "7.6%" in answer["answer"]


def test_ask_for_people_lists_the_sources(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "ask", "支出呢?", "--turn", "荔湾区去年一般公共预算收入是多少?"]) == 0
    out = capsys.readouterr().out
    assert "117.24亿元" in out
    assert "004_0423913badece4aa.txt:" in out


def test_ask_prints_a_model_s_sentences_as_they_are_released(
    library: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first sentence is on the terminal while the model is still at the second."""
    printed = StringIO()
    seen: list[str] = []

    def second(request: dict[str, Any]) -> Reply:
        seen.append(printed.getvalue())
        return Reply("越城区2023年进出口总额增长99.9%[1]。")

    first = Reply("越城区2023年地区生产总值增长7.6%[1]。越城区2023年进出口总额增长99.9%[1]。")
    with OpenAIDouble(first, second) as double:
        monkeypatch.setenv("WENZHENG_LLM", "openai:double")
        monkeypatch.setenv("WENZHENG_LLM_BASE_URL", double.url)
        monkeypatch.setattr(sys, "stdout", printed)
        question = "越城区2023年GDP和进出口总额各增长多少?"
        assert main([*library, "ask", question]) == 0
    assert ["7.6%" in text for text in seen] == [True]
    told = printed.getvalue()
    assert "99.9" not in told
    assert told.index("7.6%") < told.index("[1] 2024年越城区政府工作报告")


def test_a_refusal_is_a_success(library: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*library, "ask", "柯桥区2023年GDP增长多少"]) == 0
    assert "没有柯桥区" in capsys.readouterr().out


def test_a_batch_answers_line_by_line_under_the_given_ids(
    library: list[str], tmp_path: Path
) -> None:
    asked = tmp_path / "q.jsonl"
    rows = [
        {"id": "a", "question": "海曙区2022年固投增速"},
        {"id": 2, "question": "支出呢?", "turns": ["荔湾区去年一般公共预算收入是多少?"]},
    ]
    asked.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    answered = tmp_path / "a.jsonl"
    assert main([*library, "ask", "--input", str(asked), "--output", str(answered)]) == 0
    answers = [json.loads(line) for line in answered.read_text("utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "2"]
    assert "13.3%" in answers[0]["answer"]
    assert "117.24亿元" in answers[1]["answer"]


@pytest.mark.parametrize("line", ["not json", '{"id": 1}', '{"question": "x"}', "[]"])
def test_a_broken_batch_line_fails_before_any_answer_and_names_the_line(
    library: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    asked, answered = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    asked.write_text('{"id": 1, "question": "x"}\n' + line, "utf-8")
    assert main([*library, "ask", "--input", str(asked), "--output", str(answered)]) == 1
    assert "第 2 行" in capsys.readouterr().err
    assert not answered.exists()


def test_search_prints_hits_as_the_contract_says(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "search", "老旧小区", "-k", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert set(found["hits"][0]) == {
        "rank", "score", "report_id", "source", "start", "end", "text", "headings",
    }  # fmt: skip


def test_facts_prints_fact_objects_as_json_lines(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["facts", "--place", "越城", "--indicator", "GDP", "--period", "2023", "--json"]
    assert main([*library, *arguments]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == YUECHENG_GDP


def test_facts_of_files_leave_the_library_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "library"
    file = str(next(SAMPLES.glob("002*")))
    assert main(["--library", str(target), "facts", file, "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("report_id,place,indicator,value")
    assert len(lines) > 150
    assert not target.exists()


def test_facts_for_people_are_an_aligned_table(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "facts", "--indicator", "固投", "--status", "target"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["地区", "时期", "性质", "指标", "数值", "增速", "口径", "出处"]
    assert any("8%以上" in line for line in lines)


def test_facts_that_disagree_are_told_on_stderr(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for number, growth in enumerate(("7%", "8%")):
        body = f"全市地区生产总值增长{growth}。" + "各项工作稳步推进,全市经济社会发展良好。" * 60
        text = f"2024年绍兴市政府工作报告\n各位代表:\n现在,我代表市人民政府向大会报告工作,请予审议。\n一、2023年工作回顾\n{body}\n"
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
    assert main([*library, "facts", str(tmp_path)]) == 0
    (told,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("!")]
    assert "绍兴市 2023" in told
    assert "7%" in told
    assert "8%" in told


def test_facts_of_a_bad_file_are_an_error_and_those_of_the_others_are_kept(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").touch()
    file = str(next(SAMPLES.glob("002*")))
    assert main([*library, "facts", str(tmp_path / "empty.txt"), file, "--json"]) == 1
    told = capsys.readouterr()
    assert len(told.out.splitlines()) > 150
    assert "空文件" in told.err


def test_facts_of_a_city_hold_those_of_its_districts(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["facts", "--indicator", "GDP", "--json"]
    assert main([*library, *arguments, "--place", "绍兴", "--place", "杭州"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line)["place"] for line in lines} == {"绍兴市", "越城区", "上城区"}


def test_facts_for_a_spreadsheet_run_no_formula(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "=HYPERLINK(1).txt"
    file.write_text(next(SAMPLES.glob("002*")).read_text("utf-8"), "utf-8")
    assert main([*library, "facts", str(file), "--csv"]) == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert {row["source"] for row in rows} == {"'=HYPERLINK(1).txt"}
    falls = [row["growth_percent"] for row in rows if row["growth_percent"].startswith("-")]
    assert falls
    assert all(float(fall) < 0 for fall in falls)


# --- compare -----------------------------------------------------------------------------------

COMPARE = [
    "compare",
    "--place",
    "越城",
    "--place",
    "上城",
    "--indicator",
    "GDP",
    "--period",
    "2023",
]


def test_compare_prints_an_aligned_table_with_its_sources_below(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, *COMPARE, "--rank", "--difference"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "地区", "指标", "时期", "实绩", "目标", "排名(计算)", "与目标之差(计算)",
    ]  # fmt: skip
    assert lines[1].split() == [
        "越城区",
        "地区生产总值",
        "2023",
        "增长7.6%[1]",
        "未收录",
        "1/2(按增速)",
    ]
    assert lines[2].split()[3] == "2668.5亿元、增长4.3%[2]"
    # Chinese signs take two columns each: figures stand below each other on the screen.
    assert wcswidth(lines[1][: lines[1].index("增长")]) == wcswidth(
        lines[2][: lines[2].index("2668")]
    )
    assert lines[4] == "[1] 2024年越城区政府工作报告 › 一、2023年工作回顾"
    assert lines[5].strip() == "000_9190cc2f12ee2c72.txt:359-458"


def test_compare_prints_the_table_as_json(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, *COMPARE, "--status", "actual", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"columns", "rows", "cells", "citations", "notes"}
    assert told["rows"][1][3] == {"text": "2668.5亿元、增长4.3%", "citation": 2}


def test_compare_prints_a_line_a_figure_as_csv(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, *COMPARE, "--csv"]) == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [(row["place"], row["status"], row["told"]) for row in rows] == [
        ("越城区", "actual", "stated"),
        ("越城区", "target", "not_held"),
        ("上城区", "actual", "stated"),
        ("上城区", "target", "not_held"),
    ]
    assert (rows[2]["value"], rows[2]["growth_percent"]) == ("2668.5", "4.3")


def test_compare_tells_an_unknown_name_in_one_line(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "越城区" in failure(
        [*library, "compare", "--place", "火星", "--indicator", "GDP"], capsys
    )
    assert "GDP" in failure([*library, "compare", "--place", "越城"], capsys)


def test_eval_retrieval_prints_the_shares(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "eval", "retrieval"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    within_5, within_10 = (float(cell) for cell in last.split("|")[4:6])
    assert within_5 >= 0.88
    assert within_10 >= 0.94


# --- failures: one line on stderr, exit 1 ------------------------------------------------------


def failure(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("wenzheng: ")
    return error


def test_no_library_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], library: list[str]
) -> None:
    assert "wenzheng ingest" in failure(["--library", str(tmp_path / "no"), "reports"], capsys)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "空文件"),
        ("binary.txt", bytes(range(256)) * 40, "编码"),
        ("poem.txt", "床前明月光,疑是地上霜。\n".encode() * 50, "没有政府工作报告"),
    ],
)
def test_bad_files_are_told_one_by_one_and_change_nothing(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str],
    name: str, content: bytes, said: str,
) -> None:  # fmt: skip
    (tmp_path / name).write_bytes(content)
    target = tmp_path / "library"
    assert said in failure(["--library", str(target), "ingest", str(tmp_path / name)], capsys)
    assert not (target / "CURRENT").exists()


def test_a_file_that_is_gone_is_told(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(tmp_path / "gone.txt")
    assert "无法读取" in failure(["--library", str(tmp_path / "l"), "ingest", gone], capsys)


def test_a_folder_without_reports_is_told(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    folder = str(tmp_path / "empty")
    assert "没有可读取的文件" in failure(
        ["--library", str(tmp_path / "l"), "ingest", folder], capsys
    )


def test_a_library_made_with_another_model_is_told(
    library: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENZHENG_EMBEDDING", "some/other-model")
    assert "WENZHENG_EMBEDDING=bundled" in failure([*library, "ask", "GDP"], capsys)
    assert "--reembed" in failure([*library, "ingest", str(SAMPLES)], capsys)


def test_a_cross_encoder_that_is_not_here_is_told(
    library: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENZHENG_RERANKER", "no/such-model")
    told = failure([*library, "ask", "GDP"], capsys)
    assert "no/such-model" in told
    assert "WENZHENG_RERANKER" in told


def test_a_library_that_cannot_be_written_is_told(
    tmp_path: Path, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    target = str(tmp_path / "file" / "library")
    sample = str(next(SAMPLES.glob("000*")))
    assert "无法写入" in failure(["--library", target, "ingest", sample], capsys)


def test_an_unknown_setting_is_told(
    library: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENZHENG_EMBEDING", "bundled")
    assert "WENZHENG_EMBEDING" in failure([*library, "reports"], capsys)


def test_wrong_usage_exits_with_2() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["ask"])
    assert stop.value.code == 2


def test_listing_reports_loads_no_heavy_library(bundled_settings: Settings) -> None:
    heavy = "{'torch', 'transformers', 'faiss', 'onnxruntime', 'bm25s', 'langchain_core', 'numpy'}"
    script = (
        "import sys; from api.cli import main; "
        f"main(['--library', {str(bundled_settings.library)!r}, 'reports']); "
        f"sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SAMPLES.parent)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
