"""Correcting who is behind a membership, and sending the personal link anew."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cms import audit, links
from cms.audit import Actor
from networks.models import Membership, Person
from networks.rules.eligibility import normalise_email
from networks.rules.states import OPEN, Status
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices
from networks.services.transitions import locked


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
        links.revoke(subject=audit.reference(membership), purpose=purpose)
    audit.record(actor=actor, action="membership.link_sent", subject=membership)
    notices.new_link(membership)
    return membership


@transaction.atomic
def request_links(address: str) -> None:
    """ "Send me a new link": one mail for each open membership of that address, or none at all.
    The asker is told the same either way."""
    email = normalise_email(address)
    memberships = Membership.objects.filter(
        Q(contact__email=email) | Q(invoice_contact__email=email),
        status__in=[*OPEN, Status.UNCONFIRMED],
    ).select_related("contact", "invoice_contact", "network")
    for membership in memberships:
        if membership.contact.email == email:
            notices.new_link(membership)
        elif membership.address_confirmed_at and membership.invoice_contact:
            person = membership.invoice_contact
            notices.new_link_to(membership, person.name, person.email)
