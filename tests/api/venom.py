"""A report written to harm whoever shows it, and the doors that it is shown at."""

import re

from tests.conftest import Invented

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\b\x7f"
# Shown from right to left: 7.6 would be read where 6.7 is written.
TURNED = "\u202e\u20667.6\u2069\u202c"
SCRIPT = "<script>window.owned=1</script><img src=x onerror='window.owned=1'>"
MARKDOWN = "[点击](javascript:owned) ![x](http://evil.example/x) <@U0BOT> <!channel> `rm`"
# Without commas, which would cut it in two.
FORMULA = "=HYPERLINK(A1&A2)"

REPORT = Invented(
    "海宁市",
    2025,
    f"全市地区生产总值增长6.3%,达到1300.5亿元。\n"
    f"实施{SCRIPT}{ESCAPES}文化工程投入{TURNED}亿元。\n"
    f"{FORMULA}特色产业投入3.5亿元。\n"
    f"推进{MARKDOWN}数字改革投入2.5亿元。",
    "地区生产总值增长6%左右。",
)
FILE = f"{ESCAPES}{SCRIPT}\u202e海宁市2025年.txt".replace("/", "_")
QUESTIONS = (
    "海宁市2024年文化工程投入多少?",
    "海宁市2024年GDP增长多少?",
    "海宁市特色产业投入多少?",
    "海宁市数字改革投入多少?",
    "海宁市有哪些投入?",
    f"海宁市{ESCAPES}{SCRIPT}?",
)
# What acts on a screen: all controls but the ends of lines and tabs, and what turns text round.
ACTS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def acting(text: str) -> list[str]:
    """The signs in a text that act on a screen."""
    return ACTS.findall(text)
