"""Objects of the public contract, written by hand from the samples."""

YUECHENG_GDP = {
    "report_id": "330602-2024-27cca5e8",
    "place": "越城区",
    "indicator": "地区生产总值",
    "value": None,
    "unit": None,
    "growth_percent": 7.6,
    "basis": "yoy",
    "qualifier": None,
    "period": "2023",
    "status": "actual",
    "source": "000_9190cc2f12ee2c72.txt",
    "start": 359,
    "end": 375,
    "quote": "全年实现地区生产总值增长7.6%",
}
