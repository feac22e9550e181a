from eval.questions import Span
from eval.retrieval import retrieval_table, run_retrieval
from tests.eval.outcomes import A, C, case


def test_the_table_has_a_line_for_each_type_and_one_for_all() -> None:
    ranked = [Span("x", 0, 9), A]
    outcomes = run_retrieval([case(A), case(C, id="r"), case(id="s")], lambda asked, k: ranked[:k])
    lines = retrieval_table(outcomes).splitlines()
    assert lines[2:] == [
        "| actual | 2 | 0.000 | 0.500 | 0.500 | 0.250 |",
        "| all | 2 | 0.000 | 0.500 | 0.500 | 0.250 |",
    ]
