"""A membership's coming meetings with who comes, what is free and until when it can be changed:
for its own page and for the administration alike, in few queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from networks.models import Meeting, Membership, Participant, Seat
from networks.rules import seats as rules
from networks.rules.seats import SeatTerms
from networks.services.meeting_seats import coming_meetings, seat_terms


@dataclass(frozen=True)
class MeetingSeats:
    """``room``: for how many more people there is room at the venue; None: no limit."""

    meeting: Meeting
    terms: SeatTerms
    seats: tuple[Seat, ...]
    room: int | None
    deadline: datetime | None
    is_open: bool

    @property
    def own_seats(self) -> list[Seat]:
        return [seat for seat in self.seats if not seat.is_extra]

    @property
    def is_full(self) -> bool:
        """The venue, by people of all members."""
        return self.room == 0

    @property
    def free(self) -> int | None:
        """How many of the membership's own seats nobody has; None: there is no limit."""
        if self.terms.limit is None:
            return None
        return max(self.terms.limit - len(self.own_seats), 0)

    @property
    def price_net(self) -> int | None:
        """What one more person costs (øre excl. VAT; 0: nothing); None where none can come."""
        if self.is_full:
            return None
        numbers = [seat.number for seat in self.own_seats]
        offer = rules.usual_seat(self.terms, numbers)
        if offer is None and self.terms.extra_per == rules.ExtraPer.MEETING:
            offer = rules.extra_seat(self.terms)
        return offer.price if offer else None

    @property
    def next_is_extra(self) -> bool:
        """One more person is beyond the membership's own seats."""
        return self.free == 0

    def comes(self, participant: Participant) -> bool:
        return any(seat.participant_id == participant.pk for seat in self.seats)


def overview(membership: Membership) -> list[MeetingSeats]:
    """By date; meetings without one last."""
    meetings = coming_meetings(membership)
    now, hours = timezone.now(), membership.network.swap_deadline_hours
    own: dict[int, list[Seat]] = defaultdict(list)
    seats = Seat.objects.current().filter(membership=membership, meeting__in=meetings)
    for seat in seats.select_related("participant").order_by("is_extra", "number", "pk"):
        own[seat.meeting_id].append(seat)
    limited = [meeting.pk for meeting in meetings if meeting.capacity is not None]
    counted = (
        Seat.objects.filter(meeting__in=limited).counted(now) if limited else Seat.objects.none()
    )
    people = Counter(counted.values_list("meeting_id", flat=True))
    return [
        MeetingSeats(
            meeting=meeting,
            terms=seat_terms(meeting.season),
            seats=tuple(own[meeting.pk]),
            room=(
                None if meeting.capacity is None else max(meeting.capacity - people[meeting.pk], 0)
            ),
            deadline=rules.change_deadline(meeting.starts_at, hours),
            is_open=rules.can_be_changed(meeting.starts_at, hours, now),
        )
        for meeting in meetings
    ]
