"""What erasing a person would do: what stands in the way, what goes, and what stays and why."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.audit import AuditEntry
from cms.links import Link
from cms.messages.models import Message
from networks.models import (
    Answer,
    ConsentGiven,
    Guest,
    Handover,
    JoinRequest,
    Membership,
    Offer,
    Participant,
    Person,
    Seat,
    Topic,
)
from networks.rules.states import FINAL
from networks.services.erasure import blocked_many, imports_naming
from networks.services.identity import Identity, identity_of
from payments.services import privacy as kept_by_law


@dataclass(frozen=True)
class Line:
    """Rows of a kind. ``why``: of those that stay."""

    label: str
    number: int
    why: str = ""


@dataclass(frozen=True)
class Outlook:
    blocked: list[str]
    goes: list[Line]
    stays: list[Line]
    #: Titles of published pages that say the name or the address: an editor's to correct.
    pages: list[tuple[int, str]]


def what_follows(person: Person) -> Outlook:
    """In advance; changes nothing."""
    identity = identity_of(person.email)
    why = blocked_many([person]).get(person.pk)
    return Outlook(
        blocked=[why] if why else [],
        goes=[line for line in _goes(identity) if line.number],
        stays=[line for line in _stays(identity) if line.number],
        pages=_pages(identity),
    )


def _goes(identity: Identity) -> list[Line]:
    email = identity.email
    answered = Answer.objects.filter(membership__contact__email=email)
    named = Q(buyer_email__iexact=email) | Q(buyer_contact__in=identity.names)
    counted: list[tuple[str, Any]] = [
        (_("Name, address, title and phone"), Person.objects.filter(email=email)),
        (_("Named as participant"), Participant.objects.filter(email__iexact=email)),
        (_("Invited as guest"), Guest.objects.filter(email__iexact=email)),
        (_("Requests to join"), JoinRequest.objects.filter(email__iexact=email)),
        (_("Handovers"), Handover.objects.filter(email__iexact=email)),
        (_("Author of topics"), Topic.objects.filter(author_email__iexact=email)),
        (_("Author of offers"), Offer.objects.filter(author_email__iexact=email)),
        (_("Answers to questions"), answered.filter(membership__status__in=FINAL)),
        (_("Contact for invoices to come"), Membership.objects.filter(named)),
        (_("Consents, withdrawn"), ConsentGiven.objects.filter(person__email=email)),
        (_("Mails to the person"), Message.objects.filter(to_email__iexact=email)),
        (_("Lists of members waiting to be imported"), imports_naming(email)),
        (_("Personal links"), Link.objects.filter(address__iexact=email)),
    ]
    return [Line(label, rows.count()) for label, rows in counted]


def _stays(identity: Identity) -> list[Line]:
    law = _("The bookkeeping law: five years from the end of the accounting year.")
    nameless = _("Without the name: it is counted who came, and that something was done.")
    email, references = identity.email, identity.memberships
    seats = Seat.objects.filter(participant__email__iexact=email)
    history = AuditEntry.objects.filter(subject__in=identity.references)
    invoices = kept_by_law.invoices_naming(email, references)
    return [
        Line(_("Invoices and credit notes"), invoices.count(), law),
        Line(_("Charges"), kept_by_law.charges_naming(email, references).count(), law),
        Line(
            _("Bank transfers with the name in their text"),
            kept_by_law.transfers_naming(identity.full_names).count(),
            law,
        ),
        Line(_("Seats at meetings"), seats.count(), nameless),
        Line(_("Entries of the history"), history.count(), nameless),
    ]


def _pages(identity: Identity) -> list[tuple[int, str]]:
    """Where an editor has written the address on a page: contact persons of networks."""
    named = Q(networkpage__contact_people__email__iexact=identity.email)
    for name in identity.full_names:
        named |= Q(networkpage__contact_people__name__iexact=name)
    return list(Page.objects.filter(named).distinct().values_list("pk", "title"))
