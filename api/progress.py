"""Progress on stderr: what is done, how fast, how long it still takes.

Where no one watches (a pipe, a CI log) a stage is one line: a bar would fill the log with hundreds.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

_LABELS = {
    "zh": {
        "fetch": "抓取",
        "read": "读取文件",
        "index": "建字词索引",
        "unpack": "解包嵌入模型",
        "embed": "计算语义向量",
        "evaluate": "评测",
        "judge": "评判",
        "copy": "取回数据库内容",
        "publish": "写入数据库",
        "store": "存入 Milvus",
    },
    "en": {
        "fetch": "fetching",
        "read": "reading",
        "index": "indexing",
        "unpack": "unpacking model",
        "embed": "embedding",
        "evaluate": "evaluating",
        "judge": "judging",
        "copy": "copying from the database",
        "publish": "writing to the database",
        "store": "storing in Milvus",
    },
}
_UNITS = {
    "zh": {
        "fetch": "条",
        "read": "份",
        "index": "段",
        "unpack": "步",
        "embed": "句",
        "evaluate": "题",
        "judge": "题",
        "copy": "张表",
        "publish": "张表",
        "store": "句",
    },
    "en": {
        "fetch": "entries",
        "read": "files",
        "index": "passages",
        "unpack": "steps",
        "embed": "sentences",
        "evaluate": "cases",
        "judge": "answers",
        "copy": "tables",
        "publish": "tables",
        "store": "sentences",
    },
}
# Stages that others come between.
_GONE_ON_WITH = frozenset({"fetch"})


class ProgressBars:
    """One bar a stage, fed with ``(stage, done, total)``; closed on leaving the ``with`` block."""

    def __init__(self, language: str, stream: TextIO | None = None) -> None:
        self._language = language
        self._stream = stream or sys.stderr
        self._bar: tqdm[None] | None = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._open(stage, done, total)
        assert self._bar is not None
        self._bar.update(done - self._bar.n)

    def _open(self, stage: str, done: int, total: int) -> None:
        self.close()
        self._stage = stage
        label = _LABELS[self._language].get(stage, stage)
        unit = _UNITS[self._language].get(stage, "")
        if not self._stream.isatty():
            place = f"{done}/{total}" if done and stage in _GONE_ON_WITH else total
            print(f"{label}: {place} {unit}", file=self._stream, flush=True)
        self._bar = tqdm(
            desc=label,
            total=total,
            unit=unit,
            file=self._stream,
            dynamic_ncols=True,
            mininterval=0.2,
            disable=not self._stream.isatty(),
        )

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
            self._stage = ""

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
