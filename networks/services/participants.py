"""Who is sent on a membership: naming colleagues, swapping them at one meeting, taking them off.

Until ``swap_deadline_hours`` before a meeting; after that administrators only, with a reason. What
is done at one meeting leaves every other meeting, and what has been, untouched.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Meeting, Membership, Participant, Seat
from networks.rules.eligibility import normalise_email
from networks.rules.seats import ExtraPer, SeatOffer
from networks.services import extras, meeting_seats, seats
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from networks.services.extras import PriceToAccept
from networks.services.notices import seats as notices
from networks.services.participant_rights import active, changeable, check_may_come
from networks.services.transitions import locked


@transaction.atomic
def name(
    membership_id: UUID | str,
    entry: ParticipantEntry,
    *,
    actor: Actor,
    reason: str = "",
    as_extra: bool = False,
    accepted_net: int = 0,
) -> Participant:
    """Name a colleague for the entry's meetings, or standing where it names none; whoever is named
    already is known by the address.

    Raises NotPossible, and PriceToAccept for what costs: call again with ``accepted_net`` (øre
    excl. VAT; not below the price), and ``as_extra`` beyond the membership's own seats.
    """
    membership = active(membership_id)
    participant = participant_on(membership, entry, actor)
    if entry.meeting_ids:
        meetings = changeable(membership, entry.meeting_ids, actor, reason)
        taken = _seats_at(
            membership, participant, meetings, as_extra=as_extra, accepted_net=accepted_net
        )
    else:
        _become_standing(participant)
        taken = _seats_everywhere(membership, participant, as_extra, accepted_net)
    audit.record(
        actor=actor,
        action="participant.named",
        subject=membership,
        reason=reason,
        participant=participant.pk,
        meetings=sorted(seat.meeting_id for seat in taken),
    )
    if seats.may_be_told(membership):
        notices.invited(participant, taken)
    return participant


@transaction.atomic
def swap(
    membership_id: UUID | str,
    meeting_id: int,
    *,
    leaving: int,
    entry: ParticipantEntry,
    actor: Actor,
    reason: str = "",
) -> Participant:
    """Send another (named already, or new) in place of the participant ``leaving`` at one meeting,
    on the same seat and the same charge. Raises NotPossible."""
    membership = active(membership_id)
    (meeting,) = changeable(membership, (meeting_id,), actor, reason)
    given = _seat(membership, meeting, leaving)
    participant = participant_on(membership, entry, actor)
    if Seat.objects.current().filter(participant=participant, meeting=meeting).exists():
        raise NotPossible(_("%(name)s comes already.") % {"name": participant.name})
    offer = SeatOffer(number=given.number, is_extra=given.is_extra)
    key = given.charge_key
    # The charge goes on with the seat: nothing is given back.
    given.released_at, given.charge_key = timezone.now(), ""
    given.save(update_fields=["released_at", "charge_key"])
    seat = seats.take(participant, meeting, offer, charge_key=key)
    audit.record(
        actor=actor,
        action="seats.swapped",
        subject=membership,
        reason=reason,
        meetings=[meeting.pk],
        participants=[given.participant_id, participant.pk],
    )
    if seats.may_be_told(membership):
        notices.uninvited(membership, given.participant, [given])
        notices.invited(participant, [seat])
    return participant


@transaction.atomic
def give_back(
    membership_id: UUID | str,
    meeting_id: int,
    *,
    participant_id: int,
    actor: Actor,
    reason: str = "",
) -> None:
    """The participant does not come to that meeting: the seat is free again, and what was charged
    for it is credited. Raises NotPossible."""
    membership = active(membership_id)
    (meeting,) = changeable(membership, (meeting_id,), actor, reason)
    seats.release([_seat(membership, meeting, participant_id)], actor=actor, reason=reason)


@transaction.atomic
def take_off(
    membership_id: UUID | str, participant_id: int, *, actor: Actor, reason: str = ""
) -> Participant:
    """The colleague is no longer sent: the coming seats are given back, past ones stay. A charge
    for one whose deadline is over stands. Raises NotPossible."""
    membership = locked(membership_id)
    participant = _known(membership, participant_id)
    own = [
        seat
        for seat in meeting_seats.coming_seats(membership)
        if seat.participant_id == participant.pk
    ]
    seats.release(own, actor=actor, reason=reason)
    participant.seats.filter(by_cancellation=True).update(by_cancellation=False)
    participant.left_at = timezone.now()
    participant.save(update_fields=["left_at"])
    audit.record(
        actor=actor,
        action="participant.taken_off",
        subject=membership,
        reason=reason,
        participant=participant.pk,
    )
    return participant


@transaction.atomic
def correct(
    membership_id: UUID | str, participant_id: int, *, name: str, job_title: str, actor: Actor
) -> Participant:
    """Correct a participant's name and job title; another address is another person, who is named
    instead. The history tells which fields changed."""
    membership = locked(membership_id)
    participant = _known(membership, participant_id)
    new = {"name": name, "job_title": job_title}
    changed = [field for field, value in new.items() if getattr(participant, field) != value]
    for field in changed:
        setattr(participant, field, new[field])
    if changed:
        participant.save(update_fields=changed)
        audit.record(
            actor=actor, action="participant.corrected", subject=membership, fields=changed
        )
    return participant


# Whom and which seat ------------------------------------------------------------------------------


def _known(membership: Membership, participant_id: int) -> Participant:
    found: Participant | None = membership.participants.filter(
        pk=participant_id, left_at__isnull=True
    ).first()
    if found is None:
        raise NotPossible(_("The participant is taken off already."))
    return found


def _seat(membership: Membership, meeting: Meeting, participant_id: int) -> Seat:
    found = Seat.objects.current().filter(
        membership=membership, meeting=meeting, participant_id=participant_id
    )
    seat = found.select_related(*meeting_seats.SEAT_RELATIONS).first()
    if seat is None:
        raise NotPossible(_("The participant does not come to that meeting."))
    return seat


def participant_on(membership: Membership, entry: ParticipantEntry, actor: Actor) -> Participant:
    """Whoever has that address on the locked membership, or a new one who may come."""
    address = normalise_email(entry.email)
    participant = membership.participants.filter(email__iexact=address).first()
    if participant is None or participant.left_at:
        check_may_come(membership, address, actor)
    if participant is None:
        participant = Participant(membership=membership, email=address, standing=False)
    if participant.pk and participant.left_at is None:
        return participant
    participant.name, participant.job_title = entry.name, entry.job_title
    participant.left_at, participant.standing = None, False
    participant.save()
    return participant


# Taking the seats ---------------------------------------------------------------------------------


def _seats_at(
    membership: Membership,
    participant: Participant,
    meetings: Sequence[Meeting],
    *,
    as_extra: bool,
    accepted_net: int,
) -> list[Seat]:
    """New seats at the meetings; one that the participant has already is left as it is."""
    held = Seat.objects.current().filter(participant=participant).values_list("meeting", flat=True)
    missing = [meeting for meeting in meetings if meeting.pk not in set(held)]
    planned = [extras.plan_seat(membership, participant, meeting) for meeting in missing]
    extras.check_yes(planned, as_extra=as_extra, accepted_net=accepted_net)
    return [
        seats.take(
            participant,
            plan.meeting,
            plan.offer,
            charge_key=extras.charge_for(membership, participant, plan),
        )
        for plan in planned
    ]


def _become_standing(participant: Participant) -> None:
    if not participant.standing:
        participant.standing = True
        participant.save(update_fields=["standing"])


def _seats_everywhere(
    membership: Membership, participant: Participant, as_extra: bool, accepted_net: int
) -> list[Seat]:
    """Seats at every coming meeting that has one free. Where none has, there is the price of a
    whole season, or a refusal."""
    meetings = _standing_meetings(membership)
    taken = seats.take_for(participant, meetings)
    held = Seat.objects.current().filter(participant=participant, meeting__in=meetings)
    if not meetings or held.exists():
        return taken
    priced = [meeting for meeting in meetings if _is_sold_by_season(meeting)]
    if not priced:
        raise NotPossible(
            _("All seats at the coming meetings are taken. Take somebody off, or swap at one.")
        )
    return _seats_for_season(membership, participant, priced, as_extra, accepted_net)


def _standing_meetings(membership: Membership) -> list[Meeting]:
    keys = [meeting.pk for meeting in meeting_seats.coming_meetings(membership)]
    return [
        meeting
        for meeting in meeting_seats.lock_meetings(keys)
        if meeting_seats.seat_terms(meeting.season).has_standing_seats
    ]


def _is_sold_by_season(meeting: Meeting) -> bool:
    terms = meeting_seats.seat_terms(meeting.season)
    is_open = not meeting_seats.venue_is_full(meeting)
    return is_open and terms.extra_per == ExtraPer.SEASON and terms.extra_price is not None


def _seats_for_season(
    membership: Membership,
    participant: Participant,
    meetings: Sequence[Meeting],
    as_extra: bool,
    accepted_net: int,
) -> list[Seat]:
    """One charge a season, for all its coming meetings."""
    seasons = {meeting.season_id: meeting.season for meeting in meetings}
    net = sum(season.extra_price or 0 for season in seasons.values())
    if net and (not as_extra or accepted_net < net):
        raise PriceToAccept(net, next(iter(seasons.values())), is_extra=True)
    keys = {
        key: extras.charge_for_season(membership, participant, season)
        for key, season in seasons.items()
    }
    offer = SeatOffer(is_extra=True)
    return [
        seats.take(participant, meeting, offer, charge_key=keys[meeting.season_id])
        for meeting in meetings
    ]
