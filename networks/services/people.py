"""Correcting who is behind a membership, and sending the personal link anew."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cms import audit, links, queue
from cms.audit import Actor
from networks.models import Membership, Person
from networks.rules.eligibility import normalise_email
from networks.rules.states import OPEN, Status
from networks.services.capacities import memberships_of
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices
from networks.services.notices import people as people_notices
from networks.services.transitions import locked

MAIL_LINKS = queue.Job("networks.mail_links")

#: Of a link that is handed out on the screen, to somebody who has just proved the address.
LINK_ON_SCREEN = timedelta(days=30)


@transaction.atomic
def correct_contact(
    membership_id: UUID | str,
    *,
    actor: Actor,
    name: str,
    email: str,
    job_title: str,
    phone: str,
    reason: str = "",
) -> Membership:
    """Correct the contact's data; another address is another proof: until it is given, the
    person's memberships are unconfirmed and their old links don't work.

    The history tells which fields changed, never their values.
    """
    membership = locked(membership_id)
    person = Person.objects.select_for_update().get(pk=membership.contact_id)
    address = normalise_email(email)
    new = {"name": name, "email": address, "job_title": job_title, "phone": phone}
    changed = [field for field, value in new.items() if getattr(person, field) != value]
    if "email" in changed and Person.objects.filter(email=address).exists():
        raise NotPossible(_("Another person has this address already."))
    for field in changed:
        setattr(person, field, new[field])
    saved = list(changed)
    if "email" in changed:
        person.confirmed_at = None
        saved.append("confirmed_at")
        _ask_for_proof(person)
        membership.address_confirmed_at = None
    if saved:
        person.save(update_fields=saved)
        audit.record(
            actor=actor,
            action="membership.contact_corrected",
            subject=membership,
            reason=reason,
            fields=changed,
        )
    return membership


def _ask_for_proof(person: Person) -> None:
    """Every membership that the person is contact of awaits the new address's confirmation."""
    for membership in Membership.objects.filter(contact=person):
        for purpose in ("confirm", "membership", "pay", "accept"):
            links.revoke(subject=audit.reference(membership), purpose=purpose)
        membership.address_confirmed_at = None
        membership.save(update_fields=["address_confirmed_at"])


@transaction.atomic
def correct_buyer(
    membership_id: UUID | str, *, actor: Actor, buyer: dict[str, str], reason: str = ""
) -> Membership:
    """Correct what invoices to come will say of the buyer. Charges made keep what they froze."""
    membership = locked(membership_id)
    changed = [field for field, value in buyer.items() if getattr(membership, field) != value]
    for field in changed:
        setattr(membership, field, buyer[field])
    if changed:
        membership.save(update_fields=changed)
        audit.record(
            actor=actor,
            action="membership.buyer_corrected",
            subject=membership,
            reason=reason,
            fields=changed,
        )
    return membership


@transaction.atomic
def send_new_link(membership_id: UUID | str, *, actor: Actor) -> Membership:
    """Mail the contact a new personal link (or the link to confirm); the old ones stop working."""
    membership = locked(membership_id)
    if membership.state not in OPEN | {Status.UNCONFIRMED, Status.ENDED}:
        raise NotPossible(_("This membership is closed."))
    for purpose in ("confirm", "membership"):
        for address in ("", membership.contact.email):
            links.revoke(subject=audit.reference(membership), purpose=purpose, address=address)
    audit.record(actor=actor, action="membership.link_sent", subject=membership)
    notices.new_link(membership)
    return membership


def request_links(address: str) -> None:
    """ "Send me a new link": whether the address is known is found out by a job, so that the asker
    is told the same either way, and as fast."""
    MAIL_LINKS.enqueue(address=normalise_email(address))


@transaction.atomic
def mail_links(address: str) -> None:
    """Mail one link to the address, if it has a capacity on a membership: it opens the most alive
    one, and from there the others."""
    email = normalise_email(address)
    memberships = list(memberships_of(email))
    if memberships:
        first, *others = memberships
        people_notices.link_asked_for(first, email, purpose_for(first, email), others)


def purpose_for(membership: Membership, address: str) -> str:
    """What a link sent to that address is for: to confirm, where that is still to be done."""
    awaited = membership.state in OPEN | {Status.UNCONFIRMED}
    unproved = membership.address_confirmed_at is None
    is_contact = membership.contact.email == normalise_email(address)
    return "confirm" if awaited and unproved and is_contact else "membership"


def other_memberships(membership: Membership, address: str) -> list[Membership]:
    """The memberships, besides this one, on which the address has a capacity."""
    return [row for row in memberships_of(address) if row.pk != membership.pk]


def open_other(membership_id: UUID | str, address: str) -> tuple[str, str]:
    """A link to another membership of an address that was proved by a link: (purpose, token).

    Raises NotPossible when the address has no capacity on it.
    """
    membership = memberships_of(address).filter(pk=membership_id).first()
    if membership is None:
        raise NotPossible(_("This membership is not yours."))
    purpose = purpose_for(membership, address)
    return purpose, link_on_screen(membership, address, purpose)


def link_on_screen(membership: Membership, address: str, purpose: str = "membership") -> str:
    """The token of a link for somebody who has just proved the address, shown at once."""
    return links.issue(
        purpose=purpose,
        subject=audit.reference(membership),
        lifetime=LINK_ON_SCREEN,
        address=normalise_email(address),
    )
