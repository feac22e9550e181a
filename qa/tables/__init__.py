"""Tables: what the reports held state of indicators, place by place and period by period.

Every figure stands as printed, with its fact and its citation; where there is none it is told whether
the report is silent or no report is held. Differences and ranks are computed by code and say so.
"""

from qa.tables.comparison import Comparison, Row
from qa.tables.computed import Computed, Computing
from qa.tables.filling import Figure
from qa.tables.making import MOST_CELLS, STATUSES, compare
from qa.tables.subjects import Subject, choose_subjects, subjects_of

__all__ = [
    "MOST_CELLS",
    "STATUSES",
    "Comparison",
    "Computed",
    "Computing",
    "Figure",
    "Row",
    "Subject",
    "choose_subjects",
    "compare",
    "subjects_of",
]
