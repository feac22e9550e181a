import io

from api.progress import ProgressBars


class Terminal(io.StringIO):
    """A stream that someone watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_shows_what_is_done_the_rate_and_the_time_left() -> None:
    shown = Terminal()
    with ProgressBars("zh", shown) as progress:
        progress("embed", 10, 40)
        progress("embed", 40, 40)
    last = shown.getvalue().splitlines()[-1]
    assert "计算语义向量" in last
    assert "40/40" in last
    assert "句/s" in last


def test_each_stage_has_a_bar_of_its_own() -> None:
    shown = Terminal()
    with ProgressBars("en", shown) as progress:
        progress("read", 1, 1)
        progress("index", 5, 5)
    assert "reading" in shown.getvalue()
    assert "indexing" in shown.getvalue()


def test_a_log_gets_one_line_a_stage() -> None:
    shown = io.StringIO()
    with ProgressBars("en", shown) as progress:
        for done in range(1, 501):
            progress("embed", done, 500)
        progress("index", 5, 5)
    assert shown.getvalue() == "embedding: 500 sentences\nindexing: 5 passages\n"
