"""Signing up: from a filled-in form to a membership in its first state.

The form asks the rules for its messages; here they are asked again under the lock that
serialises decisions about the network's places.
"""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import VISITOR, Actor
from networks.models import Answer, Membership, Participant, Person, Unit
from networks.rules.eligibility import Verdict, at_domain, normalise_email
from networks.rules.pricing import Quote, applies
from networks.rules.states import Status
from networks.services import consents, municipalities, ordered_seats, seats, settlement, waitlist
from networks.services.application import (
    Application,
    Outcome,
    ParticipantEntry,
    SignUpResult,
    quote_for,
    strangers_among,
    verdict_on,
)
from networks.services.errors import NotPossible
from networks.services.extras import ordered_seat
from networks.services.meeting_seats import lock_meetings
from networks.services.notices import membership as notices
from networks.services.requests import request_to_join
from networks.services.transitions import (
    CARD_DEADLINE,
    CARD_DEADLINE_AFTER_APPROVAL,
    UNCONFIRMED_HOLDS,
    has_room_for,
    lock_places,
    transition,
)
from payments.models import PaymentMethod


@transaction.atomic
def sign_up(application: Application) -> SignUpResult:
    """A visitor's sign-up. A repetition gets the same answer and does nothing twice.

    Refused, closed, full or risen in price: nothing is stored. Raises NotPossible for a named
    colleague who may not come.
    """
    verdict = verdict_on(application)
    if verdict.is_refusal:
        return SignUpResult(Outcome.REFUSED, verdict=verdict)
    if strangers_among(application):
        raise NotPossible(_("Only colleagues with an address at the municipality can be named."))
    network = application.network
    lock_places(network)
    application = _of_today(application)
    verdict = verdict_on(application)
    quote = quote_for(application)
    if quote is None or not network.signup_is_open():
        return SignUpResult(Outcome.CLOSED)
    if not applies(application.accepted_net, quote.net):
        return SignUpResult(Outcome.PRICE_ROSE)
    repeated = _earlier_answer(application)
    if repeated:
        return repeated
    if not ordered_seats.have_room(application.attendance):
        return SignUpResult(Outcome.MEETING_FULL)
    membership = _create(application, verdict)
    consents.give(membership, application.consents, actor=VISITOR)
    return _first_state(membership, quote)


def _of_today(application: Application) -> Application:
    """For the municipality that it is by now: it may have been merged since the form was read."""
    if application.municipality is None:
        return application
    return replace(application, municipality=municipalities.of_today(application.municipality))


def _unit_key(application: Application, person: Person | None) -> str:
    """Names the unit; "" for a person not known yet."""
    if application.network.unit == Unit.PERSON:
        return f"person:{person.pk}" if person else ""
    if application.municipality:
        return f"municipality:{application.municipality.pk}"
    return f"organisation:{application.organisation_name.strip().lower()}"


def _earlier_answer(application: Application) -> SignUpResult | None:
    """What was answered before: the unit is a member already, or this is a repetition."""
    person = Person.objects.filter(email=application.address).first()
    unit_key = _unit_key(application, person)
    mine = Membership.objects.filter(network=application.network, unit_key=unit_key)
    existing = mine.open().select_related("contact", "network").first()
    if existing and existing.contact.email != application.address:
        if not waitlist.keeps_nobody_out(existing):
            return _ask_to_join(existing, application)
        existing = None
    if existing is None:
        waiting = mine.filter(
            contact__email=application.address,
            status=Status.UNCONFIRMED,
            first_season_id=application.season_id,
            accepted_net=application.accepted_net,
            method=application.method,
        ).first()
        return SignUpResult(Outcome.CONFIRM_ADDRESS, waiting) if waiting else None
    match existing.state:
        case Status.AWAITING_PAYMENT if existing.address_confirmed_at is None:
            return SignUpResult(Outcome.PAY, existing)
        case Status.AWAITING_PAYMENT:
            # By now the place belongs to whoever reads that address's mail.
            notices.new_link(existing)
            return SignUpResult(Outcome.CONFIRM_ADDRESS, existing)
        case Status.WAITLISTED:
            return SignUpResult(Outcome.WAITLISTED, existing)
        case _:
            notices.already_member(existing)
            return SignUpResult(Outcome.JOIN_REQUESTED, existing)


def _ask_to_join(membership: Membership, application: Application) -> SignUpResult:
    request_to_join(
        membership,
        name=application.name,
        email=application.address,
        job_title=application.job_title,
        phone=application.phone,
    )
    return SignUpResult(Outcome.JOIN_REQUESTED, membership)


def _register_person(application: Application) -> Person:
    """The person of that address. Data of a confirmed one is not overwritten by a form that
    anyone can fill in; of an unconfirmed one the last word counts."""
    person, created = Person.objects.get_or_create(
        email=application.address,
        defaults={
            "name": application.name,
            "job_title": application.job_title,
            "phone": application.phone,
            "municipality": application.municipality,
        },
    )
    if not created and person.confirmed_at is None:
        person.name = application.name
        person.job_title = application.job_title
        person.phone = application.phone
        person.municipality = application.municipality
        person.save(update_fields=["name", "job_title", "phone", "municipality"])
    return person


def _create(application: Application, verdict: Verdict) -> Membership:
    """The membership as an unconfirmed one, with its participants and answers."""
    person = _register_person(application)
    known = at_domain(application.address, application.domains)
    by_policy = verdict == Verdict.ACCEPTED and not known
    membership = Membership.objects.create(
        network=application.network,
        unit=application.network.unit,
        unit_key=_unit_key(application, person),
        municipality=application.municipality,
        organisation_kind=application.organisation,
        organisation_name=application.organisation_name,
        contact=person,
        invoice_contact=person,
        first_season_id=application.season_id,
        method=application.method,
        accepted_net=application.accepted_net,
        address_at_domain=known,
        # An open network, or an invitation, is the yes that an unknown domain needs.
        approved_at=timezone.now() if by_policy else None,
        **application.buyer,
    )
    _name_participants(membership, application.participants)
    Answer.objects.bulk_create(
        Answer(membership=membership, question_id=question, value=value)
        for question, value in application.answers.items()
    )
    return membership


def _name_participants(membership: Membership, entries: tuple[ParticipantEntry, ...]) -> None:
    """Those named in the form, with the seats that were ordered one by one. Raises NotPossible
    for more than a membership may send."""
    meetings = {
        meeting.pk: meeting
        for meeting in lock_meetings({key for entry in entries for key in entry.meeting_ids})
    }
    for entry in entries:
        participant, _created = Participant.objects.get_or_create(
            membership=membership,
            email=normalise_email(entry.email),
            defaults={
                "name": entry.name,
                "job_title": entry.job_title,
                "standing": not entry.meeting_ids,
            },
        )
        for key in entry.meeting_ids:
            seats.take(participant, meetings[key], ordered_seat(membership, meetings[key]))


def _first_state(membership: Membership, quote: Quote) -> SignUpResult:
    """Places and the order of the line are decided here, under the lock.

    Where an unproved one of the unit stands in line, this one goes no further before it is
    proved itself: a unit has one open membership.
    """
    now = timezone.now()
    audit.record(actor=VISITOR, action="membership.signed_up", subject=membership)
    unit = Membership.objects.filter(network=membership.network, unit_key=membership.unit_key)
    is_only_one = not unit.open().exists()
    has_room = has_room_for(membership)
    if is_only_one and not has_room:
        transition(membership, Status.WAITLISTED, actor=VISITOR, queued_at=now)
        notices.waitlisted(membership)
        return SignUpResult(Outcome.WAITLISTED, membership)
    by_card = membership.method == PaymentMethod.CARD and quote.net > 0
    if is_only_one and by_card and membership.address_at_domain:
        settlement.proceed(membership, actor=VISITOR, card_deadline=CARD_DEADLINE)
        notices.payment_begun(membership)
        return SignUpResult(Outcome.PAY, membership)
    if has_room and membership.address_at_domain:
        membership.holds_until = now + UNCONFIRMED_HOLDS
        membership.save(update_fields=["holds_until"])
    notices.confirm_address(membership)
    return SignUpResult(Outcome.CONFIRM_ADDRESS, membership)


@transaction.atomic
def sign_up_on_behalf(
    application: Application, *, actor: Actor, reason: str, above_capacity: bool = False
) -> SignUpResult:
    """An administrator acts for a unit, with a reason: accepted without confirmation or approval.

    Also above capacity when asked for, which the system never does by itself. Raises NotPossible
    when no reason is given, the network is not for such an organisation, the unit is a member
    already, the season can't be joined, or no place is left.
    """
    network = application.network
    if not reason.strip():
        raise NotPossible(_("Acting for somebody needs a reason."))
    # The administrator's word is the invitation.
    if verdict_on(replace(application, invited=True)).is_refusal:
        raise NotPossible(_("Only municipalities can be members."))
    lock_places(network)
    application = _of_today(application)
    quote = quote_for(application)
    if quote is None:
        raise NotPossible(_("The season can't be joined: no meetings are left, or no price."))
    _clear_the_way(application, actor)
    if not above_capacity and not ordered_seats.have_room(application.attendance):
        raise NotPossible(_("There is no room for so many at one of the meetings chosen."))
    membership = _create(application, Verdict.ACCEPTED)
    if not above_capacity and not has_room_for(membership):
        raise NotPossible(_("No place is left. Accept above capacity, or use the waiting list."))
    _vouch_for(membership, quote)
    audit.record(
        actor=actor,
        action="membership.signed_up_on_behalf",
        subject=membership,
        reason=reason,
        above_capacity=above_capacity,
    )
    settlement.proceed(
        membership, actor=actor, reason=reason, card_deadline=CARD_DEADLINE_AFTER_APPROVAL
    )
    return SignUpResult(Outcome.ACCEPTED, membership)


def _clear_the_way(application: Application, actor: Actor) -> None:
    """Raises NotPossible when the unit is a member, or on the way to be one. One that keeps nobody
    out gives way."""
    person = Person.objects.filter(email=application.address).first()
    unit_key = _unit_key(application, person)
    unit = Membership.objects.filter(network=application.network, unit_key=unit_key)
    existing = unit.open().first()
    if existing is None:
        return
    if not waitlist.keeps_nobody_out(existing):
        raise NotPossible(_("There is a membership already."))
    waitlist.give_way(existing.pk, actor=actor)


def _vouch_for(membership: Membership, quote: Quote) -> None:
    """The administrator's word stands for address, approval and price."""
    membership.approved_at = membership.address_confirmed_at = timezone.now()
    membership.accepted_net = quote.net
    membership.save(update_fields=["approved_at", "address_confirmed_at", "accepted_net"])
