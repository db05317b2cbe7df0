"""Moving a membership from state to state, under its locks. The only writer of
``Membership.status``.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cms import audit, links, queue
from cms.audit import Actor
from networks.models import Membership, NetworkPage, PlaceLock
from networks.rules.states import FINAL, HOLDS_PLACE, Status, check_transition
from networks.services import terms
from networks.services.seats import release_coming
from payments.services.charging import lock_charges

FILL_PLACES = queue.Job("networks.fill_places")

#: Hours that an unconfirmed sign-up from a known mail domain holds its place.
UNCONFIRMED_HOLDS = timedelta(hours=24)
#: After that the mailed link is no longer good, and the sign-up has lapsed.
CONFIRMATION_LIFETIME = timedelta(days=7)
#: To pay by card, counted from the form …
CARD_DEADLINE = timedelta(minutes=60)
#: … and after an approval or an accepted offer.
CARD_DEADLINE_AFTER_APPROVAL = timedelta(days=3)
#: To accept an offered place.
OFFER_DEADLINE = timedelta(days=3)


def lock_places(network: NetworkPage) -> None:
    """Serialise decisions about a network's places until the transaction ends."""
    assert transaction.get_connection().in_atomic_block, "A lock needs a transaction."
    PlaceLock.objects.get_or_create(network=network)
    PlaceLock.objects.select_for_update().get(network=network)


def locked(membership_id: UUID | str) -> Membership:
    """The membership, read again under the locks of its charges, its network and itself.

    Charges first: a payment locks its charge and then, through the handler, the membership.
    """
    membership = Membership.objects.select_related("network").get(pk=membership_id)
    lock_charges(audit.reference(membership))
    lock_places(membership.network)
    return (
        Membership.objects.select_for_update(of=("self",))
        .select_related("network", "municipality", "contact", "first_season")
        .get(pk=membership_id)
    )


def transition(
    membership: Membership,
    target: Status,
    *,
    actor: Actor,
    reason: str = "",
    **fields: Any,
) -> None:
    """Move a locked membership to another state, with what goes with it, and write history.

    A freed place wakes the waiting list. Raises TransitionNotAllowed.
    """
    before = membership.state
    check_transition(before, target)
    membership.status = target
    if target in FINAL:
        fields.setdefault("closed_at", timezone.now())
        fields.setdefault("deadline", None)
    for name, value in fields.items():
        setattr(membership, name, value)
    membership.save(update_fields=["status", *fields])
    audit.record(
        actor=actor,
        action=f"membership.{target}",
        subject=membership,
        reason=reason,
        before=before,
    )
    if target in FINAL:
        release_coming(membership, actor=actor)
        for purpose in ("confirm", "accept", "pay"):
            links.revoke(subject=audit.reference(membership), purpose=purpose)
    if before in HOLDS_PLACE | {Status.UNCONFIRMED} and target not in HOLDS_PLACE:
        wake_waiting_list(membership.network)


def wake_waiting_list(network: NetworkPage) -> None:
    FILL_PLACES.enqueue(key=f"fill-places-{network.pk}", network_id=network.pk)


def has_room_for(membership: Membership) -> bool:
    """Whether the unit can have a place, counted under the lock: one is left that nobody in
    line before it is due, or the unit holds one already."""
    network = membership.network
    if network.capacity is None:
        return True
    now = timezone.now()
    holding = Membership.objects.filter(network=network).holding(now)
    if holding.filter(unit_key=membership.unit_key).exists():
        return True
    taken = terms.places_of(network).taken
    return taken + first_in_line(network).count() < network.capacity


def may_be_offered() -> Any:
    """Those on waiting lists whom a freed place may be offered to: the address confirmed, and no
    approval missing."""
    waiting = Membership.objects.filter(
        status=Status.WAITLISTED, address_confirmed_at__isnull=False
    )
    return waiting.exclude(address_at_domain=False, approved_at__isnull=True)


def first_in_line(network: NetworkPage) -> Any:
    """Those whom a freed place of the network may be offered to, in their order."""
    return may_be_offered().filter(network=network).order_by("queued_at", "signed_up_at", "pk")
