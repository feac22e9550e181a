"""The picture of docs/evaluation.md: a report page as a browser shows it.

``pip install -c constraints.txt -e '.[docs]'`` and a Chromium (Debian: ``apt-get install chromium
fonts-noto-cjk``), then::

    wenzheng eval run --system wenzheng --system vanilla-echo --sources samples --report evaluation.html
    python -m benchmarks.evaluation_screenshot evaluation.html docs/images/evaluation.png \\
        --height 2480
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright


def main() -> None:
    arguments = _parser().parse_args()
    with sync_playwright() as playwright:
        # Chromium's sandbox does not start as root, and the page runs no script.
        browser = playwright.chromium.launch(
            executable_path=arguments.chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": arguments.width, "height": 900}, color_scheme=arguments.scheme
        )
        page.goto(arguments.page.resolve().as_uri())
        cases = page.locator("details")
        for number in range(min(arguments.open, cases.count())):
            cases.nth(number).locator("summary").click()
        arguments.picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=arguments.picture,
            # Without it the cut is made where the clicks have scrolled to.
            full_page=True,
            clip=_clip(arguments.width, arguments.height),
        )
        browser.close()


def _clip(width: int, height: int | None) -> dict[str, float] | None:
    return None if height is None else {"x": 0, "y": 0, "width": width, "height": height}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, metavar="PAGE.html")
    parser.add_argument("picture", type=Path, metavar="PICTURE.png")
    parser.add_argument("--chromium", default="/usr/bin/chromium", metavar="PATH")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=1100)
    parser.add_argument("--height", type=int, help="cut there (default: the whole page)")
    parser.add_argument("--open", type=int, default=1, help="failed cases to unfold (1)")
    return parser


if __name__ == "__main__":
    main()
