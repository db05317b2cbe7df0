"""When attendance may be noted, which of two notes holds, and how its rate is counted."""

from datetime import date, datetime, timedelta

#: Local days around a meeting on which its hosts and coordinators note who came.
DAYS_BEFORE = timedelta(days=1)
DAYS_AFTER = timedelta(days=30)
#: A personal link checks in from this long before the start, until the end of the last day.
CHECK_IN_BEFORE = timedelta(hours=3)


def may_note(first_day: date, last_day: date, today: date, *, late: bool) -> bool:
    """Local dates. ``late``: whoever may note it also after the days are over."""
    if today < first_day - DAYS_BEFORE:
        return False
    return late or today <= last_day + DAYS_AFTER


def noted_at(noted: datetime, sent: datetime, received: datetime) -> datetime:
    """When a note was made, by our clock: ``noted`` and ``sent`` are by the clock of the phone,
    which may be wrong. Never later than ``received``."""
    return received - max(sent - noted, timedelta(0))


def holds(noted: datetime, earlier: datetime | None) -> bool:
    """The later note holds; the same one, sent again, changes nothing."""
    return earlier is None or noted > earlier


def rate(came: int, stayed_away: int) -> int | None:
    """Those who came, in whole percent of those whose attendance was noted; None: of nobody."""
    noted = came + stayed_away
    return (200 * came + noted) // (2 * noted) if noted else None
