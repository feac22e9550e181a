"""The last evaluation over HTTP."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from eval.last_run import keep_last
from eval.outcomes import Run
from qa.settings import Settings
from tests.api.http.keeping import changeable, client_of
from tests.conftest import MakeVectorMaker
from tests.eval.outcomes import A, answered, case, cited


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", cache=tmp_path / "cache", embedding="hash")


def test_the_last_evaluation_is_told(settings: Settings, vector_maker: MakeVectorMaker) -> None:
    right = answered(case(A, must=(("7.6%",),)), "增长7.6%。", cited(1, A))
    keep_last([Run("ours", "made", (right,))], settings.library)
    with client_of(changeable(settings, vector_maker())) as client:
        reply = client.get("/api/evaluation")
    assert reply.status_code == 200
    assert reply.json()["runs"][0]["scores"]["correct"]["mean"] == 1.0
    assert reply.json()["sources"] is None


def test_none_is_a_problem_that_says_how_to_make_one(
    settings: Settings, vector_maker: MakeVectorMaker
) -> None:
    with client_of(changeable(settings, vector_maker())) as client:
        reply = client.get("/api/evaluation", headers={"Accept-Language": "en"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "no_evaluation")
    assert "wenzheng eval run" in reply.json()["detail"]


@pytest.mark.parametrize("content", ["{", "[]", '{"finished": 1}'])
def test_a_damaged_evaluation_is_no_reply_of_half_of_it(
    settings: Settings, vector_maker: MakeVectorMaker, content: str
) -> None:
    settings.library.mkdir(parents=True)
    (settings.library / "evaluation.json").write_text(content, "utf-8")
    client: TestClient
    with client_of(changeable(settings, vector_maker())) as client:
        reply = client.get("/api/evaluation")
    assert reply.status_code >= 500
    assert reply.headers["content-type"] == "application/problem+json"
