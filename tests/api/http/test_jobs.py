import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http import jobs as jobs_module
from api.http.schemas import JobBody
from embeddings.vectors import Vectors
from qa.library import storage
from qa.settings import Settings
from tests.api.http.keeping import (
    FILE,
    HAINING,
    changeable,
    client_of,
    ended,
    left_over,
    send,
    taken,
)
from tests.conftest import Invented, MakeVectorMaker
from tests.embeddings.conftest import HashEmbedder

PINGHU = Invented("平湖市", 2025, "地区生产总值增长5.1%。", "增长5%。")


class Held(HashEmbedder):
    """Embeds documents only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.let = threading.Event()

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.reached.set()
        assert self.let.wait(30)
        return super().encode_documents(texts, progress)


@pytest.fixture
def held() -> Iterator[Held]:
    embedder = Held()
    yield embedder
    embedder.let.set()


@pytest.fixture
def held_client(
    own_settings: Settings, held: Held, vector_maker: MakeVectorMaker, tmp_path: Path
) -> Iterator[TestClient]:
    """An ingest of new sentences goes on when ``held`` lets it."""
    vectors = vector_maker(load=lambda: held, cache=tmp_path / "cold.sqlite")
    with client_of(changeable(own_settings, vectors)) as client:
        yield client
        held.let.set()


def states(client: TestClient) -> list[str]:
    return [job["state"] for job in client.get("/api/jobs").json()]


def test_jobs_are_done_one_at_a_time_in_their_order(held_client: TestClient, held: Held) -> None:
    first = send(held_client, (FILE, HAINING.text))
    second = send(held_client, ("平湖.txt", PINGHU.text))
    assert held.reached.wait(20)
    assert states(held_client) == ["queued", "running"]
    held.let.set()
    told = [ended(held_client, job) for job in (first, second)]
    assert [job["state"] for job in told] == ["done", "done"]
    assert told[0]["finished"] <= told[1]["started"]
    assert [job["id"] for job in held_client.get("/api/jobs").json()] == [second["id"], first["id"]]


def test_questions_are_answered_as_before_while_a_job_makes_vectors(
    held_client: TestClient, held: Held, own_settings: Settings
) -> None:
    question = {"question": "海宁市2024年GDP增长多少?"}
    before = storage.current_version(own_settings.library)
    job = send(held_client, (FILE, HAINING.text))
    assert held.reached.wait(20)
    # Longer than the service takes to look: nothing of it is in force before all of it is.
    time.sleep(1.5)
    assert storage.current_version(own_settings.library) == before
    assert held_client.post("/api/ask", json=question).json()["status"] == "refused"
    assert held_client.get(f"/api/jobs/{job['id']}").json()["progress"]["stage"] in (
        "index",
        "embed",
    )
    held.let.set()
    ended(held_client, job)
    assert "6.3%" in held_client.post("/api/ask", json=question).json()["answer"]


def test_a_wait_ends_with_the_job_or_with_its_time(held_client: TestClient, held: Held) -> None:
    job = send(held_client, (FILE, HAINING.text))
    started = time.monotonic()
    told = held_client.get(f"/api/jobs/{job['id']}", params={"wait": 0.3}).json()
    assert told["state"] in ("queued", "running")
    assert 0.3 <= time.monotonic() - started < 30
    threading.Timer(0.3, held.let.set).start()
    assert ended(held_client, job)["state"] == "done"


@pytest.mark.parametrize("wait", ["-1", "31", "x", "nan"])
def test_a_wrong_wait_is_told(own_client: TestClient, wait: str) -> None:
    assert own_client.get(f"/api/jobs/x?wait={wait}").status_code == 422


@pytest.mark.parametrize("path", ["/api/jobs/x", "/api/jobs/x/events"])
def test_an_unknown_job_is_not_found(own_client: TestClient, path: str) -> None:
    reply = own_client.get(path)
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "no_job"


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    told = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        told.append((lines["event"], json.loads(lines["data"])))
    return told


def test_a_job_s_events_tell_of_its_stages_until_its_end(
    held_client: TestClient, held: Held
) -> None:
    job = send(held_client, (FILE, HAINING.text))
    threading.Timer(0.5, held.let.set).start()
    reply = held_client.get(f"/api/jobs/{job['id']}/events")
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events_of(reply.text)
    assert [name for name, _ in told[:-1]] == ["progress"] * (len(told) - 1)
    name, last = told[-1]
    assert (name, last["state"]) == ("done", "done")
    for _, one in told:
        JobBody.model_validate(one)
    assert [one["progress"]["stage"] for _, one in told if one["progress"]][-1] == "embed"
    again = events_of(held_client.get(f"/api/jobs/{job['id']}/events").text)
    assert again == [("done", last)]


def test_too_many_jobs_are_refused_before_their_files_are_read(
    held_client: TestClient, held: Held, monkeypatch: pytest.MonkeyPatch, own_settings: Settings
) -> None:
    monkeypatch.setattr(jobs_module, "_MOST_WAITING", 2)
    send(held_client, (FILE, HAINING.text))
    assert held.reached.wait(20)
    queued = [send(held_client, (FILE, HAINING.text)) for _ in range(2)]
    reply = held_client.post("/api/reports", files={"file": (FILE, HAINING.text)})
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0
    assert reply.json()["error"]["code"] == "too_many_jobs"
    held.let.set()
    assert [ended(held_client, job)["state"] for job in queued] == ["done", "done"]
    assert left_over(own_settings) == []


def test_only_the_latest_jobs_are_remembered(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "_MOST_KEPT", 3)
    sent = []
    for _ in range(5):
        sent.append(send(own_client, ("empty.txt", b"")))
        ended(own_client, sent[-1])
    told = [job["id"] for job in own_client.get("/api/jobs").json()]
    assert told == [job["id"] for job in reversed(sent[2:])]
    assert own_client.get(f"/api/jobs/{sent[0]['id']}").status_code == 404


def test_a_library_that_another_program_changes_is_waited_for(
    own_client: TestClient, own_settings: Settings
) -> None:
    with storage.exclusive(own_settings.library):
        job = send(own_client, (FILE, HAINING.text))
        time.sleep(0.5)
        assert own_client.get(f"/api/jobs/{job['id']}").json()["state"] == "running"
    assert ended(own_client, job)["state"] == "done"


def test_but_not_for_ever(
    own_client: TestClient, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.writing._JOB_PATIENCE_SECONDS", 0.4)
    with storage.exclusive(own_settings.library):
        told = ended(own_client, send(own_client, (FILE, HAINING.text)))
    assert (told["state"], told["problem"]["status"]) == ("failed", 409)
    assert len(taken(own_client, (FILE, HAINING.text))["added"]) == 1


def test_a_model_that_fails_fails_the_job_and_leaves_the_library_as_it_was(
    own_settings: Settings, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    from embeddings.errors import ModelNotFoundError

    def broken() -> HashEmbedder:
        raise ModelNotFoundError("no such model", "give another")

    vectors = vector_maker(load=broken, cache=tmp_path / "cold.sqlite")
    with client_of(changeable(own_settings, vectors)) as client:
        told = ended(client, send(client, (FILE, HAINING.text)))
        assert (told["state"], told["problem"]["status"]) == ("failed", 503)
        assert "no such model" in told["problem"]["detail"]
        answer = client.post("/api/ask", json={"question": "海宁市2024年GDP增长多少?"}).json()
        assert answer["refusal"]["reason"] == "place_not_held"
        assert len(client.get("/api/reports").json()) == 8


def test_a_bug_fails_the_job_and_the_next_is_done(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **more: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("api.http.writing.ingest", broken)
        told = ended(own_client, send(own_client, (FILE, HAINING.text)))
    assert (told["state"], told["problem"]["status"]) == ("failed", 500)
    assert len(taken(own_client, (FILE, HAINING.text))["added"]) == 1


# --- the end -----------------------------------------------------------------------------------


def test_at_the_end_what_runs_is_done_and_what_waits_has_failed(
    own_settings: Settings, held: Held, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    vectors = vector_maker(load=lambda: held, cache=tmp_path / "cold.sqlite")
    with client_of(changeable(own_settings, vectors)) as client:
        send(client, (FILE, HAINING.text))
        send(client, ("平湖.txt", PINGHU.text))
        assert held.reached.wait(20)
        threading.Timer(0.5, held.let.set).start()
        jobs = client.app.state.jobs  # type: ignore[attr-defined]
    second, first = jobs.own()
    assert (first.state, second.state) == ("done", "failed")
    assert second.as_json("en")["problem"]["error"]["code"] == "stopping"
    assert left_over(own_settings) == []


def test_an_ingest_that_takes_too_long_is_given_up_and_the_library_stays_whole(
    own_settings: Settings,
    held: Held,
    vector_maker: MakeVectorMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs_module, "_GRACE_SECONDS", 0.3)
    vectors = vector_maker(load=lambda: held, cache=tmp_path / "cold.sqlite")
    with client_of(changeable(own_settings, vectors)) as client:
        send(client, (FILE, HAINING.text))
        assert held.reached.wait(20)
        threading.Timer(1, held.let.set).start()
        jobs = client.app.state.jobs  # type: ignore[attr-defined]
    (job,) = jobs.own()
    assert job.state == "failed"
    assert left_over(own_settings) == []
    with client_of(changeable(own_settings, vectors)) as client:
        assert len(taken(client, (FILE, HAINING.text))["added"]) == 1
        assert len(client.get("/api/reports").json()) == 9


def test_what_a_killed_service_left_is_swept_up(
    own_settings: Settings, vector_maker: MakeVectorMaker
) -> None:
    uploads = own_settings.cache / "uploads"
    for name in ("old", "new"):
        (uploads / name).mkdir(parents=True)
    os.utime(uploads / "old", (0, 0))
    with client_of(changeable(own_settings, vector_maker())):
        assert [folder.name for folder in uploads.iterdir()] == ["new"]
