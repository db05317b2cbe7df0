"""What administrators decide about a membership, how it is left, and what the clock ends."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import SYSTEM, Actor, ActorKind
from networks.models import Membership, Municipality
from networks.rules.eligibility import at_domain
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import (
    leaving,
    paying,
    returning_seats,
    season_fees,
    seats,
    settlement,
)
from networks.services.entries import enter_first_season
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices
from networks.services.notices import years
from networks.services.returning_seats import Returning
from networks.services.transitions import (
    CARD_DEADLINE_AFTER_APPROVAL,
    CONFIRMATION_LIFETIME,
    locked,
    transition,
    wake_waiting_list,
)


@transaction.atomic
def approve(
    membership_id: UUID | str,
    *,
    actor: Actor,
    reason: str = "",
    text: str = "",
    remember_domain: bool = False,
) -> Membership:
    """Say yes to a sign-up whose address is at no known domain of its municipality.

    It goes on to payment or becomes active; when the price has risen since it was accepted, the
    applicant is asked again and it waits. One on the waiting list stays in line, now entitled to
    an offer. ``text`` is mailed to the applicant, beside the usual mails. ``remember_domain``: the
    municipality's addresses there need no approval any more.
    """
    membership = locked(membership_id)
    if membership.state not in (Status.PENDING_APPROVAL, Status.WAITLISTED):
        raise TransitionNotAllowed(membership.state, Status.ACTIVE)
    if not membership.address_confirmed_at:
        raise NotPossible(_("The address has not been confirmed yet."))
    membership.approved_at = timezone.now()
    membership.save(update_fields=["approved_at"])
    audit.record(actor=actor, action="membership.approved", subject=membership, reason=reason)
    if remember_domain and membership.municipality:
        _remember_domain(membership.municipality, membership.contact.email, actor)
    if text:
        notices.approved(membership, text=text)
    if membership.state == Status.WAITLISTED:
        wake_waiting_list(membership.network)
        return membership
    settlement.proceed(
        membership, actor=actor, reason=reason, card_deadline=CARD_DEADLINE_AFTER_APPROVAL
    )
    return membership


def _remember_domain(municipality: Municipality, address: str, actor: Actor) -> None:
    municipality = Municipality.objects.select_for_update().get(pk=municipality.pk)
    domain = address.rpartition("@")[2].lower()
    if domain and not at_domain(address, municipality.domains):
        municipality.mail_domains = "\n".join([*municipality.domains, domain])
        municipality.save(update_fields=["mail_domains"])
        audit.record(
            actor=actor,
            action="municipality.domain_remembered",
            subject=municipality,
            domain=domain,
        )


@transaction.atomic
def reject(membership_id: UUID | str, *, actor: Actor, reason: str, text: str = "") -> Membership:
    """Refuse a sign-up that awaits approval. ``text`` is mailed to the applicant."""
    membership = locked(membership_id)
    transition(membership, Status.REJECTED, actor=actor, reason=reason)
    notices.rejected(membership, text=text)
    return membership


def withdraw(membership_id: UUID | str, *, actor: Actor, reason: str = "") -> Membership:
    """Take back what is not active yet: a sign-up, a place in line, an offer, an unpaid place.

    A payment page that is open is closed at Stripe first; when it turns out to be paid, the
    membership is active and can be cancelled instead (NotPossible says so).
    """
    if not paying.close_payment(membership_id):
        raise NotPossible(_("The payment has gone through meanwhile: the membership is active."))
    with transaction.atomic():
        membership = locked(membership_id)
        if paying.money_may_come(membership):
            raise NotPossible(_("A payment is being made at this moment. Try again shortly."))
        transition(membership, Status.WITHDRAWN, actor=actor, reason=reason)
        settlement.credit_open_charges(membership, reason=_("Withdrawn before payment"))
    return membership


def cancellation_date(membership: Membership) -> date:
    """The local date on which the membership ends when cancelled now: its last day."""
    return leaving.consequences(membership).last_day


def is_credited(membership: Membership) -> bool:
    """Cancelled now, a charge for a season that has not begun is taken off again."""
    return leaving.consequences(membership).credits_something


@transaction.atomic
def cancel(
    membership_id: UUID | str,
    *,
    actor: Actor,
    reason: str = "",
    leaving_reason: str = "",
    ends_on: date | None = None,
    credit: bool = False,
) -> Membership:
    """Receive a cancellation (udmeldelse); the membership ends with its last day.

    A season that has not begun, cancelled by its last day to cancel, is not owed: its charge is
    credited, and refunded if paid. ``leaving_reason``: the leaver's own words, kept on the
    membership and not in the history. ``ends_on``: another last day, which visitors choose in a
    network free of charge only; ``credit``, an administrator's: a credit though the season is
    owed. Raises NotPossible when the day can't be chosen, TransitionNotAllowed when the
    membership isn't active. Cancelled once more, the day that stands already stands; moved later,
    the seats come back that lie before it, as far as they can.
    """
    membership = locked(membership_id)
    if membership.state != Status.ACTIVE:
        raise TransitionNotAllowed(membership.state, Status.ENDED)
    if membership.cancelled_at and ends_on is None and not credit:
        return membership
    _check_last_day(membership, ends_on, actor)
    enter_first_season(membership, settlement.first_charge_key(membership))
    former = membership.ends_on
    left = leaving.consequences(membership, last_day=ends_on or former)
    _receive_cancellation(membership, left.last_day, actor, reason, leaving_reason)
    credited = leaving.settle(
        left, credit=credit, reason=reason or _("Cancelled before the season")
    )
    seats.release_after(membership, left.last_day, actor=actor)
    if former and former < left.last_day:
        returning_seats.restore(membership, actor=actor)
    if left.at_once:
        transition(membership, Status.ENDED, actor=actor, reason=reason)
    notices.cancelled(membership, credited=credited > 0)
    return membership


def _check_last_day(membership: Membership, ends_on: date | None, actor: Actor) -> None:
    if ends_on is None:
        return
    if ends_on < timezone.localdate():
        raise NotPossible(_("The last day can't lie in the past."))
    if actor.kind == ActorKind.VISITOR and not membership.network.free_of_charge:
        raise NotPossible(_("The last day can be chosen in a network free of charge only."))


def _receive_cancellation(
    membership: Membership, last_day: date, actor: Actor, reason: str, leaving_reason: str
) -> None:
    membership.ends_on = last_day
    membership.cancelled_at = timezone.now()
    membership.leaving_reason = leaving_reason[:500] or membership.leaving_reason
    membership.save(update_fields=["ends_on", "cancelled_at", "leaving_reason"])
    audit.record(
        actor=actor,
        action="membership.cancelled",
        subject=membership,
        reason=reason,
        ends_on=last_day.isoformat(),
    )


class Undone(NamedTuple):
    """``lost``: the seats that the cancellation took and that could not come back."""

    membership: Membership
    lost: list[Returning]


@transaction.atomic
def undo_cancellation(membership_id: UUID | str, *, actor: Actor, reason: str = "") -> Undone:
    """Let a cancelled membership go on, until its last day is over.

    The fee that the cancellation credited is charged again, at the same price; the seats that it
    took come back where there is room. Raises NotPossible when there is nothing to undo.
    """
    membership = locked(membership_id)
    if membership.state != Status.ACTIVE or membership.cancelled_at is None:
        raise NotPossible(_("The membership is not cancelled."))
    if membership.ends_on is not None and membership.ends_on < timezone.localdate():
        raise NotPossible(_("The membership has ended already."))
    occasion = membership.cancelled_at
    membership.ends_on = membership.cancelled_at = None
    membership.leaving_reason = ""
    membership.save(update_fields=["ends_on", "cancelled_at", "leaving_reason"])
    audit.record(
        actor=actor, action="membership.cancellation_undone", subject=membership, reason=reason
    )
    charges = season_fees.enter_again(membership, leaving.to_enter_again(membership))
    lost = returning_seats.restore(membership, actor=actor)
    years.cancellation_undone(membership, charges, lost, occasion=occasion)
    return Undone(membership, lost)


@transaction.atomic
def end_if_due(membership_id: UUID | str) -> None:
    """End a cancelled membership whose last day is over."""
    membership = locked(membership_id)
    due = membership.ends_on is not None and membership.ends_on < timezone.localdate()
    if membership.state == Status.ACTIVE and due:
        transition(membership, Status.ENDED, actor=SYSTEM)


def expire_if_due(membership_id: UUID | str) -> None:
    """Let an offer, an unpaid place or an unused confirmation lapse once its time is over.

    The payment page is closed at Stripe before the place is released, so that nobody pays for a
    place that is gone; if it was paid in that moment, the membership is active instead.
    """
    overdue = Membership.objects.filter(pk=membership_id, deadline__lt=timezone.now())
    if overdue.filter(status=Status.AWAITING_PAYMENT).exists() and not paying.close_payment(
        membership_id
    ):
        return
    with transaction.atomic():
        membership = locked(membership_id)
        if not _has_lapsed(membership) or paying.money_may_come(membership):
            return
        before = membership.state
        transition(membership, Status.EXPIRED, actor=SYSTEM)
        settlement.credit_open_charges(membership, reason=_("Not paid in time"))
        if before != Status.UNCONFIRMED:
            notices.expired(membership)


def _has_lapsed(membership: Membership) -> bool:
    now = timezone.now()
    if membership.state in (Status.OFFERED, Status.AWAITING_PAYMENT):
        return membership.deadline is not None and membership.deadline < now
    return (
        membership.state == Status.UNCONFIRMED
        and membership.signed_up_at + CONFIRMATION_LIFETIME < now
    )


def due_memberships() -> tuple[list[UUID], list[UUID]]:
    """(to lapse, to end): due and not yet done, however long ago."""
    now = timezone.now()
    lapsed = Membership.objects.filter(
        status__in=[Status.OFFERED, Status.AWAITING_PAYMENT], deadline__lt=now
    ).values_list("pk", flat=True)
    unconfirmed = Membership.objects.filter(
        status=Status.UNCONFIRMED, signed_up_at__lt=now - CONFIRMATION_LIFETIME
    ).values_list("pk", flat=True)
    ended = Membership.objects.filter(
        status=Status.ACTIVE, ends_on__lt=timezone.localdate()
    ).values_list("pk", flat=True)
    return [*lapsed, *unconfirmed], list(ended)
