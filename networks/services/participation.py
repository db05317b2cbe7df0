"""Who took part in a season: per meeting, and per municipality.

What the screen shows and the export holds is one table, so that their totals are equal.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from networks.models import Guest, GuestState, Meeting, Membership, Season
from networks.models.municipality import danish_sort_key
from networks.rules import attendance as rules
from networks.rules.states import Status
from networks.services.attendance import seats_at


@dataclass(frozen=True)
class MeetingTurnout:
    """One meeting. ``named``: with a seat; of them ``came`` and ``stayed_away`` are noted.

    ``guests``: who accepted or came; ``guests_came`` of them came.
    """

    meeting: Meeting
    named: int
    came: int
    stayed_away: int
    guests: int
    guests_came: int

    @property
    def not_noted(self) -> int:
        return self.named - self.came - self.stayed_away

    @property
    def rate(self) -> int | None:
        return rules.rate(self.came, self.stayed_away)


@dataclass
class Engagement:
    """One municipality (or other organisation) at the season's held meetings.

    ``meetings``: those where at least one of its people came. ``unused``: included seats that
    nobody was named for; None where the tariff sets no number of seats.
    """

    organisation: str
    memberships: int = 0
    named: int = 0
    came: int = 0
    stayed_away: int = 0
    unused: int | None = None
    attended: set[int] = field(default_factory=set)

    @property
    def meetings(self) -> int:
        return len(self.attended)


@dataclass(frozen=True)
class Participation:
    """A season's turnout. Cancelled meetings are left out."""

    season: Season
    meetings: Sequence[MeetingTurnout]
    organisations: Sequence[Engagement]

    @property
    def total(self) -> dict[str, int | None]:
        """Over all meetings."""
        names = ("named", "came", "stayed_away", "not_noted", "guests", "guests_came")
        sums = {name: sum(getattr(row, name) for row in self.meetings) for name in names}
        return {**sums, "rate": rules.rate(sums["came"], sums["stayed_away"])}

    @property
    def organisations_total(self) -> dict[str, int | None]:
        """Over all municipalities, at the held meetings."""
        names = ("memberships", "named", "came", "stayed_away", "meetings")
        unused = [row.unused for row in self.organisations if row.unused is not None]
        return {
            **{name: sum(getattr(row, name) for row in self.organisations) for name in names},
            "unused": sum(unused) if unused else None,
        }


def participation_in(season: Season) -> Participation:
    """The turnout of a season, from four queries."""
    meetings = list(
        season.meetings.select_related("record")
        .exclude(record__cancelled_at__isnull=False)
        .order_by("starts_at", "pk")
    )
    now = timezone.now()
    held = [meeting for meeting in meetings if meeting.starts_at and meeting.starts_at <= now]
    seats = list(seats_at(meetings).values_list("meeting_id", "membership_id", "is_extra", "came"))
    return Participation(season, _turnouts(meetings, seats), _engagements(season, held, seats))


#: (meeting, membership, is_extra, came)
SeatFacts = tuple[int, UUID, bool, bool | None]


def _turnouts(meetings: Sequence[Meeting], seats: Iterable[SeatFacts]) -> list[MeetingTurnout]:
    notes: dict[int, list[bool | None]] = defaultdict(list)
    for meeting_id, _membership, _is_extra, came in seats:
        notes[meeting_id].append(came)
    expected = Q(state=GuestState.ACCEPTED) | Q(came=True)
    counted = (
        Guest.objects.filter(expected, meeting__in=meetings)
        .order_by()
        .values_list("meeting_id")
        .annotate(number=Count("pk"), attended=Count("pk", filter=Q(came=True)))
    )
    guests = {meeting_id: (number, came) for meeting_id, number, came in counted}
    return [
        MeetingTurnout(
            meeting,
            len(notes[meeting.pk]),
            notes[meeting.pk].count(True),
            notes[meeting.pk].count(False),
            *guests.get(meeting.pk, (0, 0)),
        )
        for meeting in meetings
    ]


def _engagements(
    season: Season, held: Sequence[Meeting], seats: Sequence[SeatFacts]
) -> list[Engagement]:
    held_keys = {meeting.pk for meeting in held}
    seated = {membership_id for _meeting, membership_id, _is_extra, _came in seats}
    memberships = {each.pk: each for each in _memberships_of(season, seated)}
    rows: dict[str, Engagement] = {}
    taken: dict[UUID, int] = defaultdict(int)
    for meeting_id, membership_id, is_extra, came in seats:
        if meeting_id not in held_keys:
            continue
        row = _row_of(rows, memberships[membership_id])
        row.named += 1
        row.came += came is True
        row.stayed_away += came is False
        taken[membership_id] += not is_extra
        if came:
            row.attended.add(meeting_id)
    for membership in memberships.values():
        row = _row_of(rows, membership)
        row.memberships += 1
        if season.seats_per_meeting is not None:
            theirs = [meeting for meeting in held if meeting.included and _had(membership, meeting)]
            left = len(theirs) * season.seats_per_meeting - taken[membership.pk]
            row.unused = (row.unused or 0) + max(left, 0)
    return sorted(rows.values(), key=lambda row: danish_sort_key(row.organisation))


def _row_of(rows: dict[str, Engagement], membership: Membership) -> Engagement:
    name = membership.organisation
    return rows.setdefault(name, Engagement(name))


def _memberships_of(season: Season, seated: Iterable[UUID]) -> Iterable[Membership]:
    """The memberships that had begun and ran in the season's time, and those with seats in it."""
    assert season.ends_on is not None, "A published season has its dates."
    begun = Q(first_season__isnull=True) | Q(first_season__starts_on__lte=season.starts_on)
    there = Q(ends_on__isnull=True) | Q(ends_on__gte=season.starts_on)
    active = Q(
        network=season.page_id,
        status__in=[Status.ACTIVE, Status.ENDED],
        activated_at__lt=_end_of(season.ends_on),
    )
    memberships = Membership.objects.filter((begun & there & active) | Q(pk__in=seated))
    return memberships.select_related("municipality")


def _end_of(day: date) -> datetime:
    """The aware moment at which that local date is over."""
    midnight = datetime.combine(day, datetime.max.time())
    return timezone.make_aware(midnight)


def _had(membership: Membership, meeting: Meeting) -> bool:
    """Whether the membership ran when the meeting was held."""
    day = timezone.localtime(meeting.starts_at).date()
    if membership.activated_at is None:
        return False
    began = timezone.localtime(membership.activated_at).date()
    return began <= day and (membership.ends_on is None or day <= membership.ends_on)
