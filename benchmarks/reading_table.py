"""What is read of reports: place, day, speaker and periods of each, as a Markdown table.

    python -m benchmarks.reading_table PATH…

``chrome`` counts lines of page furniture inside passages. Files that are not read are told on stderr.
"""

from __future__ import annotations

import re
import sys
from itertools import chain
from pathlib import Path

from qa.errors import InputError
from qa.reports.parsing import parse_reports
from qa.reports.reading import SourceReader, files_of
from qa.reports.report import Report, Source
from qa.settings import load_settings

_FIELDS = ("place", "year", "delivered", "speaker", "reviewed_period", "planned_period")
_CHROME = re.compile(
    r"^\s*(?:首页|打印(?:本页)?|关闭窗口|分享到?[::]?|收藏|全屏|上一篇|下一篇|扫一扫.*|责任编辑.*|相关(?:链接|阅读|附件).*"
    r"|.*字[号体][::\[【].*|.*(?:ICP备|版权所有|公网安备|网站标识码).*|来源[::].{0,40}|发布(?:时间|日期)[::].*"
    r"|当前位置.*|浏览(?:次数|量)[::].*|推荐访问.*|false|[-—–]\s*\d{1,3}\s*[-—–]|第\s*\d+\s*页.*)\s*$"
)


def main() -> None:
    paths = [Path(argument) for argument in sys.argv[1:]]
    if not paths:
        raise SystemExit(__doc__)
    print(f"| source | {' | '.join(_FIELDS)} | passages | chrome |")
    print("|---" * (len(_FIELDS) + 3) + "|")
    with SourceReader(load_settings().read_limits) as reader:
        files = chain.from_iterable(files_of(path) for path in paths)
        for document in chain.from_iterable(map(reader.read, files)):
            try:
                _print_rows(document.source)
            except InputError as error:
                print(error, file=sys.stderr)


def _print_rows(source: Source | InputError) -> None:
    if isinstance(source, InputError):
        raise source
    for report in parse_reports(source):
        told = [getattr(report, field) for field in _FIELDS]
        cells = ["—" if value is None else str(value) for value in told]
        print(
            f"| {source.name} | {' | '.join(cells)} | {len(report.passages)} | {_chrome(report)} |"
        )


def _chrome(report: Report) -> int:
    lines = chain.from_iterable(passage.text.splitlines() for passage in report.passages)
    return sum(_CHROME.match(line) is not None for line in lines)


if __name__ == "__main__":
    main()
