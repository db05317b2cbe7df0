"""The seats of memberships at coming meetings, and who comes.

What is asked for at one meeting stands in ``participants``. Here is what follows by itself:
standing participants take their seats, and seats are given back when a membership ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import SYSTEM, Actor
from networks.models import Meeting, Membership, Participant, Season, Seat, Unit
from networks.rules import seats as rules
from networks.rules.seats import ExtraPer, SeatOffer
from networks.rules.states import Status
from networks.services.meeting_seats import (
    coming_meetings,
    coming_seats,
    included_numbers,
    is_within,
    lock_meetings,
    seat_terms,
    venue_is_full,
    who_comes,
)
from networks.services.notices import seats as notices
from payments.models import Charge
from payments.services import charging, crediting

__all__ = [
    "coming_seats",
    "may_be_told",
    "release",
    "release_after",
    "release_coming",
    "take",
    "take_for",
    "take_standing",
    "take_standing_of_network",
    "tell_invited",
    "tell_participants",
    "who_comes",
]


# Standing participants ----------------------------------------------------------------------------


@transaction.atomic
def take_standing(
    membership: Membership, *, actor: Actor = SYSTEM, invite: bool = True
) -> list[Seat]:
    """Give the standing participants of an active membership their seats at its coming meetings,
    and invite them. Returns the seats that are new; asked again it gives none.

    A seat that was given back stays so: that was decided otherwise. Where no seat or no room at
    the venue is left, there is none; nobody is charged for being standing.
    """
    # Charges first, as everywhere: whoever was the person before may give back a paid seat.
    charging.lock_charges(audit.reference(membership))
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("network", "municipality", "contact", "first_season")
        .get(pk=membership.pk)
    )
    if membership.state != Status.ACTIVE:
        return []
    people = _standing_people(membership)
    meetings = lock_meetings(meeting.pk for meeting in coming_meetings(membership))
    decided = set(
        membership.seats.filter(by_cancellation=False).values_list("meeting_id", "participant_id")
    )
    taken = [
        _take_usual(participant, meeting)
        for meeting, participant in product(meetings, people)
        if (meeting.pk, participant.pk) not in decided
    ]
    seats = [seat for seat in taken if seat]
    if seats:
        audit.record(
            actor=actor,
            action="seats.taken",
            subject=membership,
            meetings=sorted({seat.meeting_id for seat in seats}),
            participants=sorted({seat.participant_id for seat in seats}),
        )
    if invite:
        tell_invited(membership, seats)
    return seats


def tell_invited(membership: Membership, seats: Sequence[Seat]) -> None:
    """One mail to each who has got seats of the membership, where anybody may be told."""
    if may_be_told(membership):
        for participant, own in _by_participant(seats).items():
            notices.invited(participant, own)


def may_be_told(membership: Membership) -> bool:
    """Named colleagues are told of an active membership, once the one who named them has proved
    the address; until then nobody is written to in their name."""
    return membership.state == Status.ACTIVE and membership.address_confirmed_at is not None


def tell_participants(membership: Membership) -> None:
    """Whoever was named before the membership was active and its address proved is told now. The
    contact has the meetings from the welcome."""
    seats = defaultdict(list)
    for seat in coming_seats(membership):
        seats[seat.participant_id].append(seat)
    for participant in membership.participants.filter(left_at__isnull=True):
        if participant.email != membership.contact.email:
            notices.named(participant, seats[participant.pk])


def _standing_people(membership: Membership) -> list[Participant]:
    """Those taken for every meeting. A membership that is a person's has that person, and nobody
    who was it before."""
    if membership.unit == Unit.PERSON:
        contact = membership.contact
        before = membership.participants.filter(left_at__isnull=True).exclude(email=contact.email)
        release(
            [seat for seat in coming_seats(membership) if seat.participant.email != contact.email],
            actor=SYSTEM,
        )
        before.update(left_at=timezone.now())
        Participant.objects.get_or_create(
            membership=membership,
            email=contact.email,
            defaults={"name": contact.name, "job_title": contact.job_title},
        )
    standing = membership.participants.filter(standing=True, left_at__isnull=True)
    return list(
        standing.select_related("membership__network", "membership__contact").order_by("pk")
    )


def take_for(participant: Participant, meetings: Iterable[Meeting]) -> list[Seat]:
    """Give one participant the seats that are free at the locked meetings, also where one was
    given back earlier: they are named anew."""
    held = set(participant.seats.current().values_list("meeting_id", flat=True))
    taken = [_take_usual(participant, meeting) for meeting in meetings if meeting.pk not in held]
    return [seat for seat in taken if seat]


def _take_usual(participant: Participant, meeting: Meeting) -> Seat | None:
    """A seat that costs nothing further; None where none, or no room, is left."""
    membership = participant.membership
    terms = seat_terms(meeting.season)
    # Cancelled while its lock was waited for, it takes nobody any more.
    if meeting.is_cancelled or not terms.has_standing_seats or venue_is_full(meeting):
        return None
    paid_by = season_extra_key(participant, meeting.season)
    if paid_by:
        return take(participant, meeting, SeatOffer(is_extra=True), charge_key=paid_by)
    offer = rules.usual_seat(terms, included_numbers(membership, meeting))
    return take(participant, meeting, offer) if offer else None


def season_extra_key(participant: Participant, season: Season) -> str:
    """The key of the charge by which the participant comes to the whole season as an extra."""
    if seat_terms(season).extra_per != ExtraPer.SEASON:
        return ""
    extras = Seat.objects.current().filter(
        participant=participant,
        meeting__season=season,
        charge_key__startswith=f"{rules.season_charge_key(participant.pk, season.pk)}:",
    )
    return extras.values_list("charge_key", flat=True).first() or ""


def take(
    participant: Participant, meeting: Meeting, offer: SeatOffer, *, charge_key: str = ""
) -> Seat:
    """Write the seat, or take up again the one that was given back. The meeting is locked."""
    seat, _created = Seat.objects.update_or_create(
        participant=participant,
        meeting=meeting,
        defaults={
            "membership_id": participant.membership_id,
            "number": offer.number,
            "is_extra": offer.is_extra,
            "charge_key": charge_key,
            "created_at": timezone.now(),
            "released_at": None,
            "by_cancellation": False,
        },
    )
    seat.participant, seat.meeting = participant, meeting
    return seat


def take_standing_of_network(network_id: int) -> int:
    """What follows from a publication with new meetings: every active membership's standing
    participants take their seats. Each membership in a transaction of its own; returns how many
    seats were taken."""
    active = Membership.objects.filter(network_id=network_id, status=Status.ACTIVE)
    keys = active.order_by("activated_at", "pk").values_list("pk", flat=True)
    return sum(len(take_standing(Membership(pk=key))) for key in list(keys))


# Giving back --------------------------------------------------------------------------------------


def release_after(membership: Membership, last_day: date, *, actor: Actor = SYSTEM) -> int:
    """Give back the seats at meetings after the last day (local date) of a locked membership;
    returns how many. They are marked: ``returning_seats`` takes them again when it is undone."""
    later = [seat for seat in coming_seats(membership) if not is_within(seat.meeting, last_day)]
    release(later, actor=actor)
    Seat.objects.filter(pk__in=[seat.pk for seat in later]).update(by_cancellation=True)
    return len(later)


def release_coming(membership: Membership, *, actor: Actor = SYSTEM) -> int:
    """Give back every coming seat of a locked membership that is closed; returns how many. Past
    ones tell who came, and stay."""
    seats = coming_seats(membership)
    release(seats, actor=actor)
    return len(seats)


def release(seats: Sequence[Seat], *, actor: Actor, reason: str = "") -> None:
    """Give back the seats of one locked membership, take off the charges that are not owed any
    more, and take the meetings out of the calendars of those who were invited."""
    if not seats:
        return
    membership = Membership.objects.select_related("network", "contact").get(
        pk=seats[0].membership_id
    )
    Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(released_at=timezone.now())
    if membership.activated_at:
        for seat in seats:
            credit_if_in_time(seat, membership.network.swap_deadline_hours)
    audit.record(
        actor=actor,
        action="seats.released",
        subject=membership,
        reason=reason,
        meetings=sorted({seat.meeting_id for seat in seats}),
        participants=sorted({seat.participant_id for seat in seats}),
    )
    if membership.activated_at and membership.address_confirmed_at:
        for participant, own in _by_participant(seats).items():
            notices.uninvited(membership, participant, own)


def _by_participant(seats: Sequence[Seat]) -> dict[Participant, list[Seat]]:
    grouped: dict[Participant, list[Seat]] = defaultdict(list)
    for seat in seats:
        grouped[seat.participant].append(seat)
    return grouped


def credit_if_in_time(seat: Seat, deadline_hours: int) -> None:
    """Take off what was charged for a seat that has been given back before the deadline of its
    meeting; later it stands. A charge for several seats of an extra participant is taken off when
    all of them are given back in time; of the first charge, what one person at one meeting costs.
    """
    charge = Charge.objects.filter(key=seat.charge_key).first() if seat.charge_key else None
    if charge is None:
        return
    reason = _("Seat given back")
    key = rules.credit_key(seat.charge_key, charge=charge.pk, seat=seat.pk)
    paid_for = Seat.objects.filter(charge_key=seat.charge_key).select_related("meeting")
    if rules.pays_for_one_person(seat.charge_key):
        if all(_was_in_time(row, deadline_hours) for row in paid_for):
            crediting.credit_charge(charge, key=key, reason=reason)
    elif _was_in_time(paid_for.get(pk=seat.pk), deadline_hours):
        line = charge.lines.first()
        net = min(line.unit_price if line else 0, crediting.left_to_credit(charge))
        if net:
            crediting.credit_part(charge, net=net, key=key, reason=reason)


def _was_in_time(seat: Seat, deadline_hours: int) -> bool:
    released = seat.released_at
    return released is not None and rules.can_be_changed(
        seat.meeting.starts_at, deadline_hours, released
    )
