"""Participants who come in with an import, and their seats: as ``seats.take_standing`` gives them,
for many memberships at once, and without a word to anybody."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from networks.models import Meeting, Membership, Participant, SeasonEntry, Seat
from networks.rules import seats as rules
from networks.rules.import_entries import Entry
from networks.rules.seats import SeatTerms
from networks.services import imported_rows
from networks.services.meeting_seats import coming, is_within, lock_meetings, seat_terms

Taken = dict[tuple[UUID, int], list[int | None]]


def give(named: Sequence[tuple[Membership, Sequence[Entry]]]) -> list[Seat]:
    """Make people standing participants of locked memberships on which nobody has their addresses,
    with seats at the coming meetings, in their order: as far as the membership has seats and the
    venue has room."""
    memberships = [membership for membership, _entries in named]
    people = imported_rows.participants(named)
    seasons = _seasons(memberships)
    meetings = _meetings({season for own in seasons.values() for season in own})
    if not people or not meetings:
        return []
    taken, present = _taken(memberships, meetings), _present(meetings)
    last_days = {membership.pk: membership.ends_on for membership in memberships}
    given = []
    for meeting in meetings:
        terms = seat_terms(meeting.season)
        within = {day: is_within(meeting, day) for day in set(last_days.values())}
        for person in people:
            key = person.membership_id
            if meeting.season_id in seasons[key] and within[last_days[key]]:
                given += _seat(person, meeting, terms, taken[key, meeting.pk], present)
    return Seat.objects.bulk_create(given)


def _seat(
    person: Participant,
    meeting: Meeting,
    terms: SeatTerms,
    taken: list[int | None],
    present: Counter[int],
) -> list[Seat]:
    if meeting.capacity is not None and present[meeting.pk] >= meeting.capacity:
        return []
    offer = rules.usual_seat(terms, taken)
    if offer is None:
        return []
    taken.append(offer.number)
    present[meeting.pk] += 1
    return [
        Seat(
            membership_id=person.membership_id,
            participant=person,
            meeting=meeting,
            number=offer.number,
        )
    ]


def _seasons(memberships: Sequence[Membership]) -> dict[UUID, set[int]]:
    """As ``entries.seasons_of`` of each."""
    seasons = {
        membership.pk: {membership.first_season_id} if membership.first_season_id else set()
        for membership in memberships
    }
    entered = SeasonEntry.objects.filter(membership__in=memberships, entered_at__isnull=False)
    for key, season in entered.values_list("membership_id", "season_id"):
        seasons[key].add(season)
    return seasons


def _meetings(seasons: set[int]) -> list[Meeting]:
    keys = Meeting.objects.filter(coming(timezone.now()), season__in=seasons)
    return [
        meeting
        for meeting in lock_meetings(keys.values_list("pk", flat=True))
        if not meeting.is_cancelled and seat_terms(meeting.season).has_standing_seats
    ]


def _taken(memberships: Sequence[Membership], meetings: Sequence[Meeting]) -> Taken:
    """The numbers of the memberships' own seats that are taken, by membership and meeting."""
    taken: Taken = defaultdict(list)
    own = Seat.objects.current().filter(
        membership__in=memberships, meeting__in=meetings, is_extra=False
    )
    for key, meeting, number in own.values_list("membership_id", "meeting_id", "number"):
        taken[key, meeting].append(number)
    return taken


def _present(meetings: Sequence[Meeting]) -> Counter[int]:
    """How many have a seat, where the venue has a limit."""
    limited = [meeting for meeting in meetings if meeting.capacity is not None]
    counted = Seat.objects.filter(meeting__in=limited).counted(timezone.now())
    numbers = counted.order_by().values("meeting_id").annotate(number=Count("pk"))
    return Counter({row["meeting_id"]: row["number"] for row in numbers})
