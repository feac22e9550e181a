"""A short report written for the tests: real wording, figures of our own."""

from qa.reports.report import Source

REVIEW = "我们完成了全年目标任务,新增高新技术企业20家,建成了一批民生项目,取得了新的成绩。"
PLAN = "我们要加快推进项目建设,力争地区生产总值增长6%左右,继续优化营商环境,确保完成目标。"
BODY = f"""一、2025年工作回顾
{REVIEW * 12}
二、2026年工作安排
{PLAN * 12}
三、加强政府自身建设
坚持依法行政,努力建设人民满意的政府。
"""


def opening(government: str = "县人民政府") -> str:
    return f"各位代表:\n现在,我代表{government},向大会报告工作,请予审议。\n"


def report_text(*header: str, government: str = "县人民政府", body: str = BODY) -> str:
    """Header lines, opening address and body, each on lines of their own."""
    return "\n".join([*header, opening(government) + body])


def report_source(*header: str, government: str = "县人民政府", body: str = BODY) -> Source:
    return Source("written.txt", report_text(*header, government=government, body=body))
