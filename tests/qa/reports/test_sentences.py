import pytest

from qa.reports.sentences import sentences


def split(source: str) -> list[str]:
    return [source[start:end] for start, end in sentences(source, 0, len(source))]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("甲。乙!丙?丁！戊？己", ["甲。", "乙!", "丙?", "丁！", "戊？", "己"]),
        ("他说:“好。”然后走了。", ["他说:“好。”", "然后走了。"]),
        ("（见附表。）全年", ["（见附表。）", "全年"]),
        ("这怎么行?!不行!!", ["这怎么行?!", "不行!!"]),
        ("增长7.3%,达1.5万亿元;下降0.2%。", ["增长7.3%,达1.5万亿元;下降0.2%。"]),
        ("\u3000\u3000甲。\u3000 乙。\u200b", ["甲。", "乙。"]),
        ("一般公共\n预算收入。下一句", ["一般公共\n预算收入。", "下一句"]),
        ("增长5%；下降2%。", ["增长5%；下降2%。"]),
        ("没有句号", ["没有句号"]),
        ("", []),
        (" \u3000\n", []),
    ],
)
def test_splits_at_sentence_ends(source: str, wanted: list[str]) -> None:
    assert split(source) == wanted


def test_offsets_count_from_the_sources_start() -> None:
    assert sentences("题。甲。乙。尾", 2, 6) == [(2, 4), (4, 6)]
