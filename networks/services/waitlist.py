"""The waiting list: freed places are offered in order, and administrators may move one up."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import SYSTEM, Actor
from networks.models import Membership, NetworkPage
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import terms
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices
from networks.services.transitions import (
    OFFER_DEADLINE,
    first_in_line,
    lock_places,
    locked,
    may_be_offered,
    transition,
)


def networks_in_line() -> list[int]:
    """Networks where somebody waits for a place. Time frees places too (an unconfirmed sign-up
    holds its own for some hours only), and so does an editor who raises the capacity."""
    rows = may_be_offered().order_by("network_id")
    return list(rows.values_list("network_id", flat=True).distinct())


@transaction.atomic
def fill_places(network_id: int) -> int:
    """Offer every free place to the next in line; returns how many were offered.

    Offers hold the place, so no place is promised twice.
    """
    network = NetworkPage.objects.get(pk=network_id)
    lock_places(network)
    offered = 0
    for waiting in list(first_in_line(network)):
        if not terms.places_of(network).has_room:
            break
        membership = locked(waiting.pk)
        if _can_join(membership):
            _offer(membership, actor=SYSTEM)
            offered += 1
    return offered


def _can_join(membership: Membership) -> bool:
    """Whether there is a season to offer: its own, or the one that can be joined by now, whose
    price is asked about with the offer."""
    network = membership.network
    open_now = terms.open_seasons(terms.terms_of(network))
    if any(season.key == membership.first_season_id for season in open_now):
        return True
    if not open_now:
        return network.free_of_charge
    membership.first_season_id = open_now[0].key
    membership.save(update_fields=["first_season"])
    audit.record(actor=SYSTEM, action="membership.season_moved", subject=membership)
    return True


def _offer(membership: Membership, *, actor: Actor, reason: str = "") -> None:
    transition(
        membership,
        Status.OFFERED,
        actor=actor,
        reason=reason,
        deadline=timezone.now() + OFFER_DEADLINE,
    )
    notices.offered(membership)


@transaction.atomic
def offer_place(
    membership_id: UUID | str, *, actor: Actor, reason: str = "", above_capacity: bool = False
) -> Membership:
    """Move one up from the waiting list out of turn: it is offered a place now.

    Raises NotPossible when no place is left and it is not to be above capacity, or when the
    address was never confirmed: no offer goes to an unconfirmed one.
    """
    membership = locked(membership_id)
    if membership.state != Status.WAITLISTED:
        raise TransitionNotAllowed(membership.state, Status.OFFERED)
    if membership.address_confirmed_at is None:
        raise NotPossible(_("The address has not been confirmed yet."))
    if not above_capacity and not terms.places_of(membership.network).has_room:
        raise NotPossible(_("No place is left. Accept above capacity, with a reason."))
    if above_capacity and not reason:
        raise NotPossible(_("Going above capacity needs a reason."))
    if membership.needs_approval:
        membership.approved_at = timezone.now()
        membership.save(update_fields=["approved_at"])
    _offer(membership, actor=actor, reason=reason)
    return membership


@transaction.atomic
def move_in_queue(
    membership_id: UUID | str, *, position: int, actor: Actor, reason: str
) -> Membership:
    """Give one on the waiting list another place in line (1: the first), with a reason."""
    membership = locked(membership_id)
    if membership.state != Status.WAITLISTED:
        raise NotPossible(_("Only who is on the waiting list can be moved in it."))
    waiting = Membership.objects.filter(network=membership.network, status=Status.WAITLISTED)
    others = list(waiting.exclude(pk=membership.pk).order_by("queued_at", "signed_up_at", "pk"))
    times = [other.queued_at for other in others if other.queued_at]
    if times:
        is_last = position > len(times)
        moment = timedelta(microseconds=1)
        place = times[-1] + moment if is_last else times[max(position, 1) - 1] - moment
        membership.queued_at = place
        membership.save(update_fields=["queued_at"])
    audit.record(
        actor=actor,
        action="membership.moved_in_line",
        subject=membership,
        reason=reason,
        position=position,
    )
    return membership
