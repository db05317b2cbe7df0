"""When something is to be reminded of. Aware datetimes; days begin at the zone's own midnight."""

from datetime import datetime, time, timedelta, tzinfo

#: Reminders of meetings leave from this local time on, on the day that they are due.
MORNING = time(8)
#: Before the deadline of an offer or of a payment.
BEFORE_DEADLINE = timedelta(hours=24)
#: Days before participants can no longer be changed, that those missing are asked for.
NAMES_DAYS = 7
#: Days after a charge to be paid by card was made.
UNPAID_DAYS = (7, 21)


def due_from(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The morning of the day that lies so many days before the moment's."""
    day = moment.astimezone(zone).date() - timedelta(days=days)
    return datetime.combine(day, MORNING, tzinfo=zone)


def meeting_is_due(starts_at: datetime, days: int, now: datetime, zone: tzinfo) -> bool:
    """From the morning ``days`` before until it begins; 0 days: never."""
    return days > 0 and due_from(starts_at, days, zone) <= now < starts_at


def names_are_due(deadline: datetime, now: datetime, zone: tzinfo) -> bool:
    """From a week before participants can no longer be changed until then."""
    return due_from(deadline, NAMES_DAYS, zone) <= now < deadline


def unpaid_step(made_at: datetime, now: datetime) -> int | None:
    """The latest reminder that is due, in days after the charge was made; earlier ones that were
    missed are not caught up beside it."""
    passed = [days for days in UNPAID_DAYS if now >= made_at + timedelta(days=days)]
    return max(passed, default=None)
