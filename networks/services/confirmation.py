"""Following the mailed links: confirming an address, accepting an offer or a risen price."""

from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import VISITOR
from networks.models import Membership
from networks.rules.pricing import applies
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import ordered_seats, settlement, waitlist
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices
from networks.services.requests import request_to_join
from networks.services.seats import tell_participants
from networks.services.transitions import (
    CARD_DEADLINE,
    CARD_DEADLINE_AFTER_APPROVAL,
    has_room_for,
    locked,
    transition,
    wake_waiting_list,
)


class Confirmed(StrEnum):
    """What became of a confirmation, for the screen."""

    ACTIVE = "active"
    PAY = "pay"
    WAITLISTED = "waitlisted"
    #: A place is offered; it is still to be accepted.
    OFFERED = "offered"
    PENDING_APPROVAL = "pending_approval"
    JOIN_REQUESTED = "join_requested"
    PRICE_ROSE = "price_rose"


#: What a confirmation finds that changes no state.
STANDING = {
    Status.WAITLISTED: Confirmed.WAITLISTED,
    Status.OFFERED: Confirmed.OFFERED,
    Status.PENDING_APPROVAL: Confirmed.PENDING_APPROVAL,
    Status.AWAITING_PAYMENT: Confirmed.PAY,
    Status.ACTIVE: Confirmed.ACTIVE,
}


@transaction.atomic
def confirm(membership_id: UUID | str, *, accepted_net: int) -> tuple[Confirmed, Membership]:
    """Whoever holds the mailed link has proved the address; the sign-up goes on from there.

    The first confirmation wins: when the unit has become a member meanwhile, this one asks to
    join; an unproved one of the unit that only stands in line gives way to it. ``accepted_net``
    (øre): the price that the page showed beside the button; when a higher one applies by now the
    address is confirmed all the same, and the new price is to be shown.
    """
    membership = locked(membership_id)
    first_time = membership.address_confirmed_at is None
    if first_time:
        _stamp(membership)
    if membership.state == Status.UNCONFIRMED:
        return _place(membership, accepted_net), membership
    if membership.state not in STANDING:
        raise NotPossible(_("This sign-up is no longer open. Please sign up again."))
    if membership.state == Status.WAITLISTED:
        wake_waiting_list(membership.network)
    if membership.state == Status.ACTIVE and first_time:
        notices.address_proved(membership)
        tell_participants(membership)
    return STANDING[membership.state], membership


def _stamp(membership: Membership) -> None:
    membership.address_confirmed_at = timezone.now()
    membership.save(update_fields=["address_confirmed_at"])
    contact = membership.contact
    if contact.confirmed_at is None:
        contact.confirmed_at = membership.address_confirmed_at
        contact.save(update_fields=["confirmed_at"])
    audit.record(actor=VISITOR, action="membership.address_confirmed", subject=membership)


def _place(membership: Membership, accepted_net: int) -> Confirmed:
    """The first state after confirmation, decided under the lock."""
    others = Membership.objects.filter(network=membership.network, unit_key=membership.unit_key)
    member = others.open().select_related("contact", "network").first()
    if member is not None and not waitlist.keeps_nobody_out(member):
        return _join_instead(membership, member)
    if member is not None:
        waitlist.give_way(member.pk, actor=VISITOR)
    if not has_room_for(membership):
        transition(
            membership,
            Status.WAITLISTED,
            actor=VISITOR,
            queued_at=membership.signed_up_at,
            holds_until=None,
        )
        wake_waiting_list(membership.network)
        return Confirmed.WAITLISTED
    ordered_seats.give_up_without_room(membership)
    if not applies(accepted_net, settlement.current_quote(membership).net):
        return Confirmed.PRICE_ROSE
    if membership.needs_approval:
        # The price that was just said yes to is the one that the approval goes by.
        transition(
            membership,
            Status.PENDING_APPROVAL,
            actor=VISITOR,
            holds_until=None,
            accepted_net=accepted_net,
        )
        notices.awaits_approval(membership)
        return Confirmed.PENDING_APPROVAL
    settlement.proceed(
        membership, actor=VISITOR, accepted_net=accepted_net, card_deadline=CARD_DEADLINE
    )
    return _gone_on(membership)


def _join_instead(membership: Membership, member: Membership) -> Confirmed:
    contact = membership.contact
    transition(
        membership,
        Status.WITHDRAWN,
        actor=VISITOR,
        reason=_("The unit was a member already; asked to join instead."),
    )
    if member.contact_id == contact.pk:
        notices.already_member(member)
    else:
        request_to_join(
            member,
            name=contact.name,
            email=contact.email,
            job_title=contact.job_title,
            phone=contact.phone,
        )
    return Confirmed.JOIN_REQUESTED


@transaction.atomic
def accept(membership_id: UUID | str, *, accepted_net: int) -> tuple[Confirmed, Membership]:
    """Say yes to an offered place, or to a price that had risen when approval came."""
    membership = locked(membership_id)
    approved = membership.state == Status.PENDING_APPROVAL and not membership.needs_approval
    if membership.state in (Status.ACTIVE, Status.AWAITING_PAYMENT):
        return _gone_on(membership), membership
    if membership.state != Status.OFFERED and not approved:
        raise TransitionNotAllowed(membership.state, Status.ACTIVE)
    if membership.deadline and membership.deadline < timezone.now():
        raise NotPossible(_("The time to accept the place is over."))
    if not applies(accepted_net, settlement.current_quote(membership).net):
        return Confirmed.PRICE_ROSE, membership
    settlement.proceed(
        membership,
        actor=VISITOR,
        accepted_net=accepted_net,
        card_deadline=CARD_DEADLINE_AFTER_APPROVAL,
    )
    return _gone_on(membership), membership


def _gone_on(membership: Membership) -> Confirmed:
    """Where ``settlement.proceed`` has taken it."""
    return Confirmed.ACTIVE if membership.state == Status.ACTIVE else Confirmed.PAY
