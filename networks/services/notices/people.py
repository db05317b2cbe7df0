"""What people are told about their links, their address and their data."""

from collections.abc import Sequence

from django.utils import timezone

from cms.audit import reference
from cms.messages.outbox import LinkRequest
from networks.models import ErasureRequest, Membership, Participant, Person
from networks.services.notices.letters import moment_key, notify

#: Days that a link to confirm another address works.
ADDRESS_DAYS = 7


def name_of(membership: Membership, address: str) -> str:
    """How the address is spoken to."""
    for person in (membership.contact, membership.invoice_contact):
        if person and person.email == address:
            return person.name
    named = membership.participants.filter(email__iexact=address).first()
    return named.name if named else ""


def link_asked_for(
    membership: Membership, address: str, purpose: str, others: Sequence[Membership]
) -> None:
    """The personal link that the address asked for; at most one a minute."""
    notify(
        membership,
        "new_link",
        purpose,
        key=f"{timezone.now():%Y%m%d%H%M}:{address}"[:120],
        to=(name_of(membership, address), address),
        context={"others": others},
    )


def address_to_confirm(membership: Membership, row: Person | Participant, new: str) -> None:
    """To the new address: a link that proves it."""
    request = LinkRequest(
        "address", "address", reference(row), "/ny-adresse/{token}/", ADDRESS_DAYS
    )
    notify(
        membership,
        "address_to_confirm",
        key=moment_key(timezone.now()),
        to=(row.name, new),
        context={"person": row},
        requests=(request,),
    )


def address_changed(membership: Membership, name: str, old: str) -> None:
    """To the old address, so that nobody's is changed unseen."""
    notify(membership, "address_changed", key=moment_key(timezone.now()), to=(name, old))


def erasure_asked_for(membership: Membership, request: ErasureRequest) -> None:
    """Received; what is kept, and why."""
    person = request.person
    notify(
        membership,
        "erasure_received",
        key=str(request.pk),
        to=(person.name, person.email),
        context={"person": person},
    )


def erasure_handled(membership: Membership, request: ErasureRequest) -> None:
    """What was done about it."""
    person = request.person
    notify(
        membership,
        "erasure_handled",
        key=str(request.pk),
        to=(person.name, person.email),
        context={"person": person, "outcome": request.outcome},
    )
