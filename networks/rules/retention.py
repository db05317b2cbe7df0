"""Spans of keeping, counted back from a moment."""

from calendar import monthrange
from datetime import datetime, timedelta


def months_before(moment: datetime, months: int) -> datetime:
    """The same time of the same day so many months earlier; of a day that month lacks, its last."""
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def days_before(moment: datetime, days: int) -> datetime:
    return moment - timedelta(days=days)
