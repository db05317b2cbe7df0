"""In which capacity a person stands to a membership, by address."""

from enum import StrEnum

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from networks.models import Membership, Participant
from networks.rules.eligibility import normalise_email
from networks.rules.states import OPEN, Status


class Capacity(StrEnum):
    #: Speaks for the membership and names its participants.
    CONTACT = "contact"
    #: Gets its invoices.
    INVOICE_CONTACT = "invoice_contact"
    #: Comes to meetings on it.
    PARTICIPANT = "participant"


CAPACITY_LABELS = {
    Capacity.CONTACT: _("Contact"),
    Capacity.INVOICE_CONTACT: _("Invoice contact"),
    Capacity.PARTICIPANT: _("Participant"),
}


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


def memberships_of(address: str) -> QuerySet[Membership]:
    """Those on which the address has a capacity, the most alive first.

    Whom a sign-up names beside its contact has none before the contact's address is confirmed.
    """
    email = normalise_email(address)
    named = Participant.objects.filter(email__iexact=email, left_at__isnull=True)
    beside = Q(invoice_contact__email=email) | Q(pk__in=named.values("membership_id"))
    rank = Case(
        When(status=Status.ACTIVE, then=Value(0)),
        When(status__in=OPEN, then=Value(1)),
        When(status=Status.UNCONFIRMED, then=Value(2)),
        When(status=Status.ENDED, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return (
        Membership.objects.filter(
            Q(contact__email=email) | (beside & Q(address_confirmed_at__isnull=False))
        )
        .select_related("network", "municipality", "contact", "invoice_contact")
        .order_by(rank, "-signed_up_at")
    )
