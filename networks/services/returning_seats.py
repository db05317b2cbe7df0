"""The seats that a cancellation took, and how they come back: when it is undone, or its last day is
moved later.

A seat comes back as it was, in the order in which they were taken, as long as the meeting is to
come and there is room. What was paid for one and has been credited is neither given for nothing
nor charged again by itself: the seat can be had anew, at its price.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Meeting, Membership, Seat, Unit
from networks.rules import seats as rules
from networks.rules.seats import SeatOffer
from networks.services import seats
from networks.services.entries import seasons_of
from networks.services.extras import is_paid_for
from networks.services.meeting_seats import SEAT_RELATIONS, is_within, lock_meetings, seat_terms
from payments import money


class Obstacle(StrEnum):
    """Why a seat can't come back."""

    CANCELLED = "cancelled"
    BEGUN = "begun"
    #: The venue.
    FULL = "full"
    #: The membership's own seats.
    TAKEN = "taken"
    #: What was paid for it has been taken off.
    CREDITED = "credited"


@dataclass(frozen=True)
class Returning:
    """A seat that was lost with a cancellation. ``offer``: as what it comes back; None: it can't,
    and ``obstacle`` says why. ``price_net``: for how much a credited one can be had anew (øre excl.
    VAT; None: it isn't sold)."""

    seat: Seat
    offer: SeatOffer | None = None
    obstacle: Obstacle | None = None
    price_net: int | None = None

    def __str__(self) -> str:
        """Whose seat, at which meeting, and why it can't come back: in the active language."""
        return f"{self.seat.participant.name}, {self.seat.meeting.label}: {self._why()}"

    def _why(self) -> str:
        match self.obstacle:
            case Obstacle.CANCELLED:
                return _("the meeting is cancelled.")
            case Obstacle.BEGUN:
                return _("the meeting has begun.")
            case Obstacle.FULL:
                return _("there is no more room at the venue.")
            case Obstacle.TAKEN:
                return _("the membership's own seats are taken.")
            case Obstacle.CREDITED if self.price_net:
                return _(
                    "what was charged for the seat has been credited. It can be taken anew for "
                    "%(price)s excl. VAT."
                ) % {"price": money.format_kroner(self.price_net)}
            case Obstacle.CREDITED:
                return _("what was charged for the seat has been credited.")
        return ""


def outlook(membership: Membership) -> list[Returning]:
    """What would become of the seats if the cancellation were undone now; nothing is locked."""
    return list(_judge(membership, list(_lost(membership))))


def not_back(membership: Membership) -> list[Returning]:
    """Those that would not come back."""
    return [row for row in outlook(membership) if row.obstacle]


def restore(membership: Membership, *, actor: Actor) -> list[Returning]:
    """Give the seats of a locked membership back that lie within its last day (none: it runs on),
    and standing participants theirs at meetings that are new. Returns those that can't come back.
    """
    seasons = set(seasons_of(membership).values_list("pk", flat=True))
    waiting = [
        seat
        for seat in _lost(membership)
        if seat.meeting.season_id in seasons and is_within(seat.meeting, membership.ends_on)
    ]
    meetings = {row.pk: row for row in lock_meetings({seat.meeting_id for seat in waiting})}
    for seat in waiting:
        seat.meeting = meetings[seat.meeting_id]
    judged = list(_judge(membership, waiting))
    back = [_take_again(row.seat, row.offer) for row in judged if row.offer]
    lost = [row for row in judged if row.obstacle]
    _settle(lost)
    if back:
        audit.record(
            actor=actor,
            action="seats.returned",
            subject=membership,
            meetings=sorted({seat.meeting_id for seat in back}),
            participants=sorted({seat.participant_id for seat in back}),
        )
    new = seats.take_standing(membership, actor=actor, invite=False)
    seats.tell_invited(membership, [*back, *new])
    return lost


def _lost(membership: Membership) -> QuerySet[Seat]:
    """In the order in which they were taken, of those who are still sent."""
    lost = Seat.objects.filter(
        membership=membership, by_cancellation=True, participant__left_at__isnull=True
    )
    if membership.unit == Unit.PERSON:
        lost = lost.filter(participant__email=membership.contact.email)
    related = lost.select_related(
        *SEAT_RELATIONS, "participant__membership__network", "participant__membership__contact"
    )
    return related.order_by("created_at", "pk")


def _take_again(seat: Seat, offer: SeatOffer) -> Seat:
    """Taken again it is another occasion to tell of, but keeps its order."""
    seat.number, seat.created_at = offer.number, timezone.now()
    seat.released_at, seat.by_cancellation = None, False
    seat.save(update_fields=["number", "created_at", "released_at", "by_cancellation"])
    return seat


def _settle(lost: Sequence[Returning]) -> None:
    """They are given back for good. Who comes every time is given a seat that becomes free later,
    as if never seated."""
    kept = (Obstacle.FULL, Obstacle.TAKEN)
    for_good = [
        row.seat.pk
        for row in lost
        if row.obstacle not in kept or row.seat.charge_key or not row.seat.participant.standing
    ]
    Seat.objects.filter(pk__in=for_good).update(by_cancellation=False)


# Whether there is room ----------------------------------------------------------------------------


@dataclass
class _Room:
    """What is left at one meeting. ``own``: the numbers of the membership's own seats that are
    taken; ``places``: how many more the venue holds (None: no limit)."""

    meeting: Meeting
    own: list[int | None]
    places: int | None

    def judge(self, seat: Seat, now: datetime) -> Returning:
        if self.meeting.is_cancelled:
            return Returning(seat, obstacle=Obstacle.CANCELLED)
        if rules.has_started(self.meeting.starts_at, now):
            return Returning(seat, obstacle=Obstacle.BEGUN)
        is_paid = is_paid_for(seat)
        if seat.charge_key and not is_paid:
            return self._credited(seat)
        if self.places == 0:
            return Returning(seat, obstacle=Obstacle.FULL)
        offer = SeatOffer(is_extra=True) if seat.is_extra else self._own_seat(seat)
        if offer is None:
            return Returning(seat, obstacle=Obstacle.TAKEN)
        if offer.price and not is_paid:
            return self._credited(seat)
        self._fill(offer)
        return Returning(seat, offer=offer)

    def _own_seat(self, seat: Seat) -> SeatOffer | None:
        """The same number, where it is free."""
        offer = rules.usual_seat(seat_terms(self.meeting.season), self.own)
        limit = self.meeting.season.seats_per_meeting
        if offer and seat.number and seat.number not in self.own and limit and seat.number <= limit:
            return SeatOffer(number=seat.number, price=offer.price)
        return offer

    def _fill(self, offer: SeatOffer) -> None:
        if not offer.is_extra:
            self.own.append(offer.number)
        if self.places is not None:
            self.places -= 1

    def _credited(self, seat: Seat) -> Returning:
        season = self.meeting.season
        price = season.extra_price if seat.is_extra else season.price_per_person
        return Returning(seat, obstacle=Obstacle.CREDITED, price_net=price)


def _judge(membership: Membership, waiting: Sequence[Seat]) -> Iterator[Returning]:
    """One after the other: each that comes back leaves less room for the next."""
    now = timezone.now()
    rooms = _rooms(membership, {seat.meeting_id: seat.meeting for seat in waiting}, now)
    for seat in waiting:
        yield rooms[seat.meeting_id].judge(seat, now)


def _rooms(membership: Membership, meetings: dict[int, Meeting], now: datetime) -> dict[int, _Room]:
    current = Seat.objects.current().filter(meeting__in=meetings)
    own: dict[int, list[int | None]] = defaultdict(list)
    taken = current.filter(membership=membership, is_extra=False)
    for meeting_id, number in taken.values_list("meeting_id", "number"):
        own[meeting_id].append(number)
    present = Counter(current.counted(now).values_list("meeting_id", flat=True))
    return {
        key: _Room(
            meeting,
            own[key],
            None if meeting.capacity is None else max(meeting.capacity - present[key], 0),
        )
        for key, meeting in meetings.items()
    }
