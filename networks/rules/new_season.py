"""A new season from the old: its name counted up, its dates a year later."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

#: 2026, 2026/27, 2026-2027
_YEARS = re.compile(r"\b(\d{4})(?:([/–-])(\d{4}|\d{2}))?\b")
_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")


def next_name(name: str, begins: date) -> str:
    """The name with its years, or its last number, counted up by one; without any, with the year
    in which the new season begins."""
    if _YEARS.search(name):
        return count_years(name)
    if _LAST_NUMBER.search(name):
        return _LAST_NUMBER.sub(lambda found: str(int(found[1]) + 1), name)
    return f"{name} {begins.year}".strip()


def count_years(text: str) -> str:
    """The text with each year in it counted up by one."""
    return _YEARS.sub(_count_up, text)


def _count_up(found: re.Match[str]) -> str:
    first, separator, second = found.groups()
    year = str(int(first) + 1)
    if not separator:
        return year
    return f"{year}{separator}{(int(second) + 1) % 10 ** len(second):0{len(second)}d}"


def a_year_later(day: date) -> date:
    """The same day of the next year. The end of February stays the end of February."""
    end_of_month = monthrange(day.year, day.month)[1]
    end_then = monthrange(day.year + 1, day.month)[1]
    is_end_of_february = day.month == 2 and day.day == end_of_month
    then = end_then if is_end_of_february else min(day.day, end_then)
    return date(day.year + 1, day.month, then)


def same_weekday_later(day: date, begins: date, ends: date) -> date:
    """The day 52 or 53 weeks later: the same weekday, within the new season where one of them is,
    and otherwise nearest to the same date."""
    target = a_year_later(day)
    choices = [day + timedelta(weeks=weeks) for weeks in (52, 53)]
    within = [choice for choice in choices if begins <= choice <= ends]
    return min(within or choices, key=lambda choice: abs(choice - target))


def overlaps(begins: date, ends: date, others: Sequence[tuple[date, date]]) -> int | None:
    """Which of the other spans shares a day with this one; None: none does."""
    for position, (first, last) in enumerate(others):
        if begins <= last and first <= ends:
            return position
    return None
