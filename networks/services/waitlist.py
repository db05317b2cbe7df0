"""The waiting list: freed places are offered in order, and administrators may move one up."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import SYSTEM, Actor
from networks.models import Membership, NetworkPage
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import ordered_seats, terms
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

#: The least that two stand apart in line.
MOMENT = timedelta(microseconds=1)


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
    ordered_seats.give_up_without_room(membership)
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
    """Give one on the waiting list another place in line (1: the first), with a reason.

    Raises NotPossible without a reason, or when it does not wait.
    """
    membership = locked(membership_id)
    if membership.state != Status.WAITLISTED:
        raise NotPossible(_("Only who is on the waiting list can be moved in it."))
    if not reason.strip():
        raise NotPossible(_("Another place in line needs a reason."))
    others = list(line_of(membership.network_id).exclude(pk=membership.pk))
    _stand_before(membership, others[: max(position, 1) - 1], others[max(position, 1) - 1 :])
    audit.record(
        actor=actor,
        action="membership.moved_in_line",
        subject=membership,
        reason=reason,
        position=position,
    )
    return membership


def _stand_before(
    membership: Membership, ahead: list[Membership], behind: list[Membership]
) -> None:
    """Put it between the two parts of its line, whose order stays. The time in line is the order:
    where two stand closer than a moment, those ahead step forward."""
    if not behind:
        if ahead:
            _stand_at(membership, _time_in_line(ahead[-1]) + MOMENT)
        return
    limit = _time_in_line(behind[0])
    for row in [membership, *reversed(ahead)]:
        if row is not membership and _time_in_line(row) < limit:
            return
        limit -= MOMENT
        _stand_at(row, limit)


def _stand_at(membership: Membership, moment: datetime) -> None:
    membership.queued_at = moment
    membership.save(update_fields=["queued_at"])


def _time_in_line(membership: Membership) -> datetime:
    assert membership.queued_at is not None, "The database says: waitlisted is in line."
    return membership.queued_at


def line_of(network_id: int) -> QuerySet[Membership]:
    """The network's waiting list in its order, whoever of it may be offered a place now."""
    waiting: QuerySet[Membership] = Membership.objects.filter(
        network_id=network_id, status=Status.WAITLISTED
    )
    return waiting.order_by("queued_at", "signed_up_at", "pk")


def keeps_nobody_out(membership: Membership) -> bool:
    """One that only waits, with an address that nobody has proved: anyone can have made it in a
    municipality's name, so it does not stand in the way of a colleague who proves theirs."""
    return membership.state == Status.WAITLISTED and membership.address_confirmed_at is None


def give_way(membership_id: UUID | str, *, actor: Actor) -> None:
    """Withdraw one that keeps nobody out, for another of its unit that has been proved. That one
    stands in line by its own time: a stranger's earlier form wins nobody a place."""
    membership = locked(membership_id)
    if keeps_nobody_out(membership):
        transition(
            membership,
            Status.WITHDRAWN,
            actor=actor,
            reason=_("The address was never confirmed; another of the unit has confirmed theirs."),
        )
