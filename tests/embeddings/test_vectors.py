import numpy as np

from embeddings.vectors import as_list, as_lists, best_first, normalise, normalise_rows


def test_rows_are_scaled_to_length_one() -> None:
    scaled = normalise_rows([[3, 4], [0, -2]])
    np.testing.assert_allclose(scaled, np.array([[0.6, 0.8], [0, -1]]), rtol=1e-6)


def test_a_row_of_zeros_stays_zeros() -> None:
    np.testing.assert_array_equal(normalise([0.0, 0.0]), [0, 0])


def test_vectors_become_float32() -> None:
    assert normalise_rows([[1, 0]]).dtype == np.float32


def test_best_scores_come_first_and_equal_ones_by_id() -> None:
    ids, scores = best_first(np.array([9, 3, 5, 4]), np.array([1, 1, 2, 0], np.float32), 3)
    assert ids.tolist() == [5, 3, 9]
    assert scores.tolist() == [2, 1, 1]


def test_lists_for_langchain_hold_plain_floats() -> None:
    assert as_list(np.array([1, 0], np.float32)) == [1.0, 0.0]
    assert as_lists(np.array([[1, 0]], np.float32)) == [[1.0, 0.0]]
