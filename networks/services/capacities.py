"""In which capacity a person stands to a membership, by address."""

from enum import StrEnum

from networks.models import Membership
from networks.rules.eligibility import normalise_email


class Capacity(StrEnum):
    #: Speaks for the membership and names its participants.
    CONTACT = "contact"
    #: Gets its invoices.
    INVOICE_CONTACT = "invoice_contact"
    #: Comes to meetings on it.
    PARTICIPANT = "participant"


def capacities_of(membership: Membership, address: str) -> frozenset[Capacity]:
    """Every capacity of that address on the membership; empty for a stranger's."""
    email = normalise_email(address)
    held = set()
    if membership.contact.email == email:
        held.add(Capacity.CONTACT)
    invoice_contact = membership.invoice_contact
    if invoice_contact and invoice_contact.email == email:
        held.add(Capacity.INVOICE_CONTACT)
    if membership.participants.filter(email__iexact=email, left_at__isnull=True).exists():
        held.add(Capacity.PARTICIPANT)
    return frozenset(held)
