import io

from api.progress import ProgressBars


def test_a_bar_shows_what_is_done_the_rate_and_the_time_left() -> None:
    shown = io.StringIO()
    with ProgressBars("zh", shown) as progress:
        progress("embed", 10, 40)
        progress("embed", 40, 40)
    last = shown.getvalue().splitlines()[-1]
    assert "计算语义向量" in last
    assert "40/40" in last
    assert "句/s" in last


def test_each_stage_has_a_bar_of_its_own() -> None:
    shown = io.StringIO()
    with ProgressBars("en", shown) as progress:
        progress("read", 1, 1)
        progress("index", 5, 5)
    assert "reading" in shown.getvalue()
    assert "indexing" in shown.getvalue()
