import pickle

import pytest

from embeddings import errors

LEAVES = errors.EmbeddingError.__subclasses__()


def test_an_error_reads_as_one_line_of_message_and_remedy() -> None:
    error = errors.ModelNotFoundError("no model\n  'x'", "name another")
    assert str(error) == "no model 'x'; name another"
    assert (error.message, error.remedy) == ("no model 'x'", "name another")


@pytest.mark.parametrize("leaf", LEAVES)
def test_an_error_survives_the_way_back_from_a_worker_process(
    leaf: type[errors.EmbeddingError],
) -> None:
    copy = pickle.loads(pickle.dumps(leaf("message", "remedy")))
    assert type(copy) is leaf
    assert str(copy) == "message; remedy"
