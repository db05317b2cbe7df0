"""What follows for meetings, and for those who come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from networks.models import Meeting, NetworkPage, Participant, Season, Seat
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.services import calendar
from networks.services.calendar import Said
from networks.services.meetings import reminder_day
from networks.services.recipients import guests_of, recipients_of


class Kind(StrEnum):
    CHANGED = "changed"
    ADDED = "added"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Facts:
    """What is compared of a meeting. Empty fields of "before": not known any more."""

    said: Said
    date_text: str = ""
    included: bool | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class MeetingConsequence:
    """One meeting that changes. ``notices``: who is told; ``reminder_*``: local dates."""

    key: int | None
    label: str
    kind: Kind
    before: Facts | None
    after: Facts | None
    participants: int = 0
    notices: frozenset[str] = frozenset()
    reminder_before: date | None = None
    reminder_after: date | None = None
    is_too_small: bool = False


def meeting_consequences(
    stored: NetworkPage, draft: NetworkPage, cancelled: set[int], now: datetime
) -> list[MeetingConsequence]:
    known = {
        row.pk: row
        for row in Meeting.objects.filter(season__page=stored).select_related(
            "season", "record", "host"
        )
    }
    new = [(row, season) for season in draft.seasons.all() for row in season.meetings.all()]
    kept = {row.pk for row, _season in new}
    # The rows of a page that is not live are a draft's: only what was told stands.
    standing = {key: row for key, row in known.items() if _before(row, stored) is not None}
    told = _to_tell(stored, list(standing.values()))
    taken = _seats_taken(standing)
    found = [
        _change(standing[row.pk], row, stored, draft, told, taken)
        for row, _season in new
        if row.pk in standing and row.pk not in cancelled
    ]
    found += [
        _dropped(row, stored, taken)
        for key, row in standing.items()
        if key not in kept and key not in cancelled
    ]
    found += [
        _added(row, season, stored)
        for row, season in new
        if row.pk not in standing and row.pk not in cancelled
    ]
    return [row for row in found if row and not _is_over(row, now)]


def _before(meeting: Meeting, stored: NetworkPage) -> Facts | None:
    """What visitors and members know of it; None: nobody does."""
    told = calendar.told_of(meeting)
    if stored.live:
        return _facts(meeting)
    return Facts(told) if told else None


def _facts(meeting: Meeting) -> Facts:
    return Facts(calendar.said_of(meeting), meeting.date_text, meeting.included, meeting.capacity)


def _change(
    known: Meeting,
    new: Meeting,
    stored: NetworkPage,
    draft: NetworkPage,
    told: dict[int, frozenset[str]],
    taken: dict[int, int],
) -> MeetingConsequence | None:
    before, after = _before(known, stored), _facts(new)
    assert before is not None
    seats = taken.get(known.pk, 0)
    is_news = (calendar.told_of(known) or before.said) != after.said
    is_too_small = (
        after.capacity is not None and after.capacity < seats and after.capacity != before.capacity
    )
    if not (is_news or is_too_small or _differ(before, after)):
        return None
    reminders = [
        reminder_day(known_or_new, days) if seats else None
        for known_or_new, days in ((known, stored.reminder_days), (new, draft.reminder_days))
    ]
    return MeetingConsequence(
        key=known.pk,
        label=new.label,
        kind=Kind.CHANGED,
        before=before,
        after=after,
        participants=seats,
        notices=told.get(known.pk, frozenset()) if is_news else frozenset(),
        reminder_before=reminders[0],
        reminder_after=reminders[1],
        is_too_small=is_too_small,
    )


def _differ(before: Facts, after: Facts) -> bool:
    """Room alone is nobody's concern while everybody has a seat."""
    if before.included is None:
        return before.said != after.said
    return replace(before, capacity=None) != replace(after, capacity=None)


def _dropped(row: Meeting, stored: NetworkPage, taken: dict[int, int]) -> MeetingConsequence:
    """One in use can't be dropped: nobody is told."""
    return MeetingConsequence(
        key=row.pk,
        label=row.label,
        kind=Kind.DROPPED,
        before=_before(row, stored),
        after=None,
        participants=taken.get(row.pk, 0),
    )


def _added(new: Meeting, season: Season, stored: NetworkPage) -> MeetingConsequence | None:
    """Standing participants of the season are invited; where there are none, nothing follows."""
    standing = _standing(stored, season)
    if not standing:
        return None
    return MeetingConsequence(
        key=None,
        label=new.label,
        kind=Kind.ADDED,
        before=None,
        after=_facts(new),
        participants=len(standing),
        notices=standing,
    )


def _standing(stored: NetworkPage, season: Season) -> frozenset[str]:
    """Addresses of those who get a seat by themselves at a new meeting of the season."""
    if season.pk is None or season.tariff == TariffKind.PER_PERSON_PER_MEETING:
        return frozenset()
    standing = Participant.objects.filter(
        membership__network=stored,
        membership__status=Status.ACTIVE,
        standing=True,
        left_at__isnull=True,
    )
    entered = standing.filter(
        membership__entries__season_id=season.pk, membership__entries__entered_at__isnull=False
    )
    first = standing.filter(membership__first_season_id=season.pk)
    return frozenset({*_addresses(entered), *_addresses(first)})


def _addresses(participants: Iterable[Participant]) -> set[str]:
    return {participant.email.lower() for participant in participants}


def _to_tell(stored: NetworkPage, meetings: Sequence[Meeting]) -> dict[int, frozenset[str]]:
    """{meeting: addresses of those who are told when it changes}."""
    recipients = recipients_of(stored.pk, meetings)
    guests = guests_of(meetings)
    return {
        meeting.pk: frozenset(
            {
                *(recipient.address for recipient in recipients[meeting.pk]),
                *(f"guest:{row.email}" for row in guests if row.meeting_id == meeting.pk),
            }
        )
        for meeting in meetings
    }


def _seats_taken(keys: Iterable[int]) -> dict[int, int]:
    seats = Seat.objects.counted(timezone.now()).filter(meeting_id__in=list(keys))
    counted = seats.values("meeting_id").annotate(number=Count("pk"))
    return {row["meeting_id"]: row["number"] for row in counted}


def _is_over(row: MeetingConsequence, now: datetime) -> bool:
    """Nobody goes again to a meeting that was over and still is."""
    ends = [facts.said.ends_at for facts in (row.before, row.after) if facts]
    return all(end is not None and end <= now for end in ends)
