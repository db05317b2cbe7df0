"""The seats of participants who came in with an import: as ``seats.take_standing`` gives them, for
many memberships at once, and without a word to anybody."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from networks.models import Meeting, Membership, Participant, SeasonEntry, Seat
from networks.rules import seats as rules
from networks.services.meeting_seats import coming, is_within, lock_meetings, seat_terms

Taken = dict[tuple[UUID, int], list[int | None]]


def give(people: Sequence[Participant], memberships: Sequence[Membership]) -> list[Seat]:
    """Seats at the coming meetings for people who are new on locked memberships, in their order:
    as far as the membership has seats and the venue has room."""
    if not people:
        return []
    seasons = _seasons(memberships)
    meetings = _meetings({season for own in seasons.values() for season in own})
    taken, present = _taken(memberships, meetings), _present(meetings)
    by_key = {membership.pk: membership for membership in memberships}
    given = []
    for meeting in meetings:
        for person in people:
            key = person.membership_id
            is_theirs = meeting.season_id in seasons[key]
            if is_theirs and is_within(meeting, by_key[key].ends_on):
                given += _seat(person, meeting, taken[key, meeting.pk], present)
    return Seat.objects.bulk_create(given)


def _seat(
    person: Participant, meeting: Meeting, taken: list[int | None], present: Counter[int]
) -> list[Seat]:
    if meeting.capacity is not None and present[meeting.pk] >= meeting.capacity:
        return []
    offer = rules.usual_seat(seat_terms(meeting.season), taken)
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
