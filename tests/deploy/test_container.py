"""The container, as far as it can be tried without one: its file is read, and its way of running is run."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import Invented

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
# Lines that go on are one.
STEPS = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.M)).splitlines()
KEY = "admin-0123456789abcdef"
SCRIPT = Path(__file__).with_name("read_only.sh")
REPORT = Invented("海宁市", 2025, "全市地区生产总值增长6.3%。", "地区生产总值增长6%左右。")


def steps(word: str) -> list[str]:
    return [step.removeprefix(f"{word} ") for step in STEPS if step.startswith(f"{word} ")]


def test_it_runs_as_a_user_of_its_own_from_the_last_stage_on() -> None:
    last = max(n for n, step in enumerate(STEPS) if step.startswith("FROM "))
    [user] = [n for n, step in enumerate(STEPS) if step.startswith("USER ")]
    assert user > last
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", steps("USER")[0])
    assert not [step for step in STEPS[user:] if step.startswith(("RUN", "COPY", "ADD"))]


def test_no_secret_is_built_in_and_none_asked_for_while_building() -> None:
    named = [*steps("ENV"), *steps("ARG")]
    assert not re.search(r"(API_KEYS|SECRET|TOKEN|PASSWORD)\b *=", " ".join(named))
    assert not steps("ADD")


def test_nothing_but_the_product_is_copied() -> None:
    """No .env, no library, no history of the repository, whatever lies in the folder."""
    copied = [part for step in steps("COPY") if "--from" not in step for part in step.split()[:-1]]
    allowed = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text("utf-8"), re.M)
    assert (ROOT / ".dockerignore").read_text("utf-8").startswith("*\n")
    assert set(copied) == set(allowed)
    assert all((ROOT / part).exists() for part in copied)


def test_versions_are_those_that_are_tested() -> None:
    installs = [part for step in steps("RUN") for part in step.split("&&") if "pip install" in part]
    assert installs
    assert all("-c constraints.txt" in part for part in installs)
    assert all(":" in image and not image.endswith(":latest") for image in steps("FROM"))


def test_it_writes_only_where_something_is_mounted() -> None:
    told = dict(re.findall(r"(\w+)=(\S+)", " ".join(steps("ENV"))))
    assert steps("VOLUME") == ["/data"]
    for name in ("WENZHENG_LIBRARY", "WENZHENG_CACHE", "WENZHENG_KEYS", "HOME"):
        assert told[name].startswith("/data")
    assert told["PYTHONDONTWRITEBYTECODE"] == "1"


# --- the way it is run ---------------------------------------------------------------------------


def _can_be_shut_in() -> bool:
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    tried = "mount --bind / / && mount -o remount,bind,ro /"
    return subprocess.run(["unshare", "--mount", "sh", "-c", tried], check=False).returncode == 0


def _shut_in(data: Path, *arguments: str) -> list[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", *arguments]
    return ["unshare", "--mount", "sh", str(SCRIPT), str(data), *command]


def _told() -> dict[str, str]:
    """The environment of the image, its folder being another."""
    image = dict(re.findall(r"(\w+)=(\S+)", " ".join(steps("ENV"))))
    ours = {name: value.replace("/data", "/mnt") for name, value in image.items()}
    ours |= {"PATH": os.environ["PATH"], "TMPDIR": "/mnt/tmp", "PYTHONPATH": str(ROOT)}
    # The script has to know whose home it hides; what runs in the end has no use for it.
    return {**ours, "HOME": str(Path.home()), "WENZHENG_API_KEYS": f"admin:{KEY}",
            "WENZHENG_LOG_LEVEL": "info"}  # fmt: skip


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        if found := re.search(r"serving http://\S+:(\d+)", log.read_text("utf-8")):
            return f"http://127.0.0.1:{found[1]}"
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


def test_another_user_ingests_and_serves_where_all_but_the_data_is_read_only(
    tmp_path: Path,
) -> None:
    if not _can_be_shut_in():
        pytest.skip("needs root, unshare and setpriv")
    data = tmp_path / "data"
    (data / "tmp").mkdir(parents=True)
    (data / "report.txt").write_text(REPORT.text, "utf-8")
    for path in (data, *data.rglob("*")):
        os.chown(path, 10001, 10001)
    ingest = _shut_in(data, "ingest", "/mnt/report.txt")
    subprocess.run(ingest, check=True, env=_told())
    with (tmp_path / "log").open("w") as log:
        serve = _shut_in(data, "serve", "--port", "0")
        server = subprocess.Popen(serve, stderr=log, env=_told())
    try:
        address = _address(tmp_path / "log", server)
        headers = {"Authorization": f"Bearer {KEY}"}
        question = {"question": "海宁市2024年GDP增长多少?"}
        file = {"file": ("b.txt", REPORT.text.replace("海宁", "平湖").encode())}
        with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
            job = client.post("/api/reports", files=file).json()
            while job["state"] not in ("done", "failed"):
                job = client.get(f"/api/jobs/{job['id']}", params={"wait": 20}).json()
            assert job["state"] == "done", job
            assert "6.3%" in client.post("/api/ask", json=question).json()["answer"]
    finally:
        server.terminate()
        assert server.wait(60) == 0, (tmp_path / "log").read_text()
    assert list((data / "tmp").iterdir()) == []
