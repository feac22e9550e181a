"""`wenzheng reports set` and `ingest --meta`, as they are typed."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from qa.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples"
HAISHU = "330203-2023-9cd7a2fa"
YUECHENG = next(SAMPLES.glob("000_*"))


@pytest.fixture
def library(
    bundled_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """A library of the samples that the test may change."""
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("WENZHENG_CACHE", str(bundled_settings.cache))
    folder = shutil.copytree(bundled_settings.library, tmp_path / "library")
    return ["--library", str(folder)]


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_set_prints_the_report_and_answers_follow(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "reports", "set", HAISHU, "place=宁波江北区", "year=2024"]) == 0
    out = capsys.readouterr().out
    assert "2024年江北区政府工作报告" in out
    assert "! 人工更正:地区(原文海曙区)、年份(原文2023)" in out
    assert main([*library, "ask", "江北区2022年固投增速", "--json"]) == 0
    answer = printed(capsys)
    assert "江北区2022年固定资产投资增长13.3%" in answer["answer"]
    assert answer["citations"][0]["report_id"] == HAISHU
    assert (answer["citations"][0]["place"], answer["citations"][0]["year"]) == ("江北区", 2024)
    assert main([*library, "ask", "海曙区2022年固投增速", "--json"]) == 0
    assert printed(capsys)["refusal"]["reason"] == "place_not_held"
    assert main([*library, "facts", "--place", "江北区", "--indicator", "固投", "--json"]) == 0
    assert "江北区" in capsys.readouterr().out


def test_set_takes_back_and_tells_what_was_read(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "reports", "set", HAISHU, "year=2024", "speaker=-", "--json"]) == 0
    report = printed(capsys)
    assert report["corrected"] == {"year": 2023, "speaker": "叶枝利"}
    assert (report["year"], report["speaker"], report["delivered"]) == (2024, None, None)
    assert main([*library, "reports", "set", HAISHU, "year=", "speaker=", "--json"]) == 0
    report = printed(capsys)
    assert "corrected" not in report
    assert (report["year"], report["delivered"], report["warnings"]) == (2023, "2023-02-01", [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["place=鼓楼区"], "江苏省南京市鼓楼区(320106)"),
        (["place=月城区"], "相近的有"),
        (["year=24"], "四位数"),
        (["yaer=2024"], "reviewed_period"),
        (["year"], "项目=值"),
        (["year=2024", "delivered=2023-01-01"], "不在 2024 年"),
    ],
)
def test_what_cannot_be_set_is_told_on_one_line(
    library: list[str], capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    assert main([*library, "reports", "set", HAISHU, *given]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err.splitlines()[-1]


def test_set_of_a_report_that_is_not_held_fails(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "reports", "set", "330203-2023-00000000", "year=2024"]) == 1
    assert "wenzheng reports" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main([*library, "reports", "set", HAISHU])
    assert caught.value.code == 2


def test_a_speaker_who_is_not_printed_is_told_but_not_cited(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*library, "reports", "set", HAISHU, "speaker=张三"])
    capsys.readouterr()
    assert main([*library, "ask", "海曙区政府工作报告是谁作的?", "--json"]) == 0
    answer = printed(capsys)
    assert answer["refusal"]["reason"] == "not_stated"
    assert "人工更正:报告人为张三" in answer["refusal"]["detail"]


def test_a_table_corrects_with_the_ingest_and_its_faults_fail_it(
    library: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "meta.csv"
    table.write_bytes(
        f"文件名,地区,年份\n{YUECHENG.name},绍兴柯桥区,2022\n没有.txt,,2020\n".encode("gb18030")
    )
    command = [*library, "ingest", str(YUECHENG), "--meta", str(table)]
    assert main([*command, "--json"]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told["corrected"] == ["330602-2024-27cca5e8"]
    assert [row["line"] for row in told["meta_failed"]] == [3]
    assert f"{table}:3: 没有符合 file=没有.txt 的报告" in captured.err
    table.write_text(f"file,year\n{YUECHENG.name},2021\n", "utf-8")
    assert main(command) == 0
    assert "更正 1 份,0 行未用" in capsys.readouterr().out
    assert main([*library, "ask", "柯桥区2023年GDP增长多少?"]) == 0
    assert "柯桥区2023年地区生产总值增长7.6%" in capsys.readouterr().out


def test_a_table_that_cannot_be_used_costs_no_ingest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "meta.csv"
    table.write_text("name,year\na,2024\n", "utf-8")
    library = tmp_path / "library"
    command = ["--library", str(library), "ingest", str(YUECHENG), "--meta", str(table)]
    assert main(command) == 1
    assert "meta.csv" in capsys.readouterr().err
    assert not library.exists()


def test_copies_are_listed_with_the_one_that_answers(
    library: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = YUECHENG.read_text("utf-8")
    copy = tmp_path / "转载.txt"
    copy.write_text(f"(转载)\n{text.replace('越城区上下', '越城区全区')}", "utf-8")
    assert main([*library, "ingest", str(copy)]) == 0
    capsys.readouterr()
    assert main([*library, "reports"]) == 0
    out = capsys.readouterr().out
    assert "    = 另见于 转载.txt" in out
    assert "    = 与 330602-2024-27cca5e8 为同一报告,由它作答" in out
    assert main([*library, "ask", "越城区2023年GDP增长多少?"]) == 0
    assert "    = 转载.txt" in capsys.readouterr().out
    assert main([*library, "search", "越城区老旧小区", "--json"]) == 0
    hits = printed(capsys)["hits"]
    assert {hit["source"] for hit in hits} == {YUECHENG.name}
    assert hits[0]["also_in"][0]["name"] == "转载.txt"
