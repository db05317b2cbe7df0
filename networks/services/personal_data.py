"""Everything that is kept about an address, for the person to read and to take along (GDPR
articles 15 and 20)."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from networks.models import (
    Answer,
    ErasureRequest,
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
from networks.rules.eligibility import normalise_email
from networks.services import personal_records as records
from networks.services.capacities import CAPACITY_LABELS, Capacity, capacities_of
from networks.services.identity import identity_of
from networks.services.personal_facts import Fact, Section, facts
from payments.models import Buyer

MONEY = {Capacity.CONTACT, Capacity.INVOICE_CONTACT}


def sections_about(address: str, *, for_staff: bool = False) -> list[Section]:
    """What is kept about the address, by kind; kinds of which there is nothing are left out.

    ``for_staff``: with what other people are protected from in the person's own copy (article
    15(4)): who of the staff did or read what.
    """
    email = normalise_email(address)
    identity = identity_of(email)
    known = Membership.objects.filter(pk__in=identity.membership_keys).order_by("-signed_up_at")
    related = known.select_related("network", "municipality", "contact", "invoice_contact")
    memberships = [row for row in related if capacities_of(row, email)]
    paid_by = [row for row in memberships if capacities_of(row, email) & MONEY]
    found = [
        Section("person", _("You"), _person(email)),
        Section("memberships", _("Memberships"), [_membership(row, email) for row in memberships]),
        Section("answers", _("Answers to questions"), _answers(memberships, email)),
        Section("participations", _("Participation"), _participations(email)),
        Section("guest_invitations", _("Invitations as a guest"), _guests(email)),
        Section("contributions", _("Topics and offers"), _contributions(email)),
        Section("requests", _("Requests"), _requests(email)),
        Section("consents", _("Consents"), records.consents(email)),
        Section("programme", _("On a meeting's programme"), records.programme(identity)),
        Section("charges", _("Charges"), records.charges(identity, paid_by)),
        Section("invoices", _("Invoices and credit notes"), records.invoices(identity, paid_by)),
        Section("transfers", _("Bank transfers"), records.transfers(identity)),
        Section("messages", _("Mails to you"), records.messages(email)),
        Section("mentions", _("Mails to others that mention you"), records.mentions(identity)),
        Section("links", _("Personal links"), records.links(email)),
        Section("jobs", _("Work that the system has in hand"), records.jobs(email)),
        Section("pages", _("Named on the networks' pages"), records.pages(identity)),
        Section("bulk_actions", _("Bulk actions"), records.bulk_actions(identity)),
        Section("imports", _("Lists of members waiting to be imported"), records.imports(email)),
        Section("history", _("History"), records.history(identity, for_staff=for_staff)),
        Section("readings", _("Who has read it"), records.readings(identity, for_staff=for_staff)),
    ]
    return [section for section in found if section.rows]


def as_json(address: str, *, for_staff: bool = False) -> dict[str, Any]:
    """The same, for a machine: ``{"address", "made_at", <kind>: [{column: value}]}``; amounts are
    whole øre, times ISO 8601."""
    return {
        "address": normalise_email(address),
        "made_at": timezone.now(),
        **{
            section.key: [{fact.key: fact.value for fact in row} for row in section.rows]
            for section in sections_about(address, for_staff=for_staff)
        },
    }


def _person(email: str) -> list[list[Fact]]:
    rows = Person.objects.filter(email=email).select_related("municipality")
    names = (
        "name",
        "email",
        "job_title",
        "phone",
        "municipality",
        "confirmed_at",
        "created_at",
    )
    return [facts(row, *names) for row in rows]


def _membership(row: Membership, email: str) -> list[Fact]:
    held = capacities_of(row, email)
    names = ["network", "municipality", "organisation_name", "status", "signed_up_at"]
    names += ["address_confirmed_at", "approved_at", "activated_at", "cancelled_at", "ends_on"]
    names += ["closed_at", "language"]
    if Capacity.CONTACT in held:
        names += ["leaving_reason"]
    if held & MONEY:
        names += ["method", *Buyer.buyer_fields()]
    roles = sorted(str(CAPACITY_LABELS[capacity]) for capacity in held)
    return facts(row, *names, capacities=(_("You are"), ", ".join(roles)))


def _answers(memberships: Iterable[Membership], email: str) -> list[list[Fact]]:
    mine = [row.pk for row in memberships if row.contact.email == email]
    rows = Answer.objects.filter(membership__in=mine).select_related("question")
    return [facts(row, "value", question=(_("Question"), row.question.label)) for row in rows]


def _participations(email: str) -> list[list[Fact]]:
    rows = Participant.objects.filter(email__iexact=email).select_related("membership__network")
    named = [
        facts(
            row,
            *("name", "email", "job_title", "standing", "shown_to_members", "left_at"),
            network=(_("Network"), row.membership.network.title),
        )
        for row in rows
    ]
    seats = Seat.objects.filter(participant__email__iexact=email)
    return named + [
        facts(
            seat,
            *("is_extra", "released_at", "came"),
            meeting=(_("Meeting"), str(seat.meeting)),
            network=(_("Network"), seat.membership.network.title),
        )
        for seat in seats.select_related("meeting", "membership__network").order_by("pk")
    ]


def _guests(email: str) -> list[list[Fact]]:
    rows = Guest.objects.filter(email__iexact=email).select_related("meeting")
    names = ("meeting", "name", "email", "organisation", "purpose", "state", "answered_at", "came")
    return [facts(row, *names) for row in rows]


def _contributions(email: str) -> list[list[Fact]]:
    names = ("title", "text", "state", "answer", "created_at")
    return [
        facts(row, *names, network=(_("Network"), row.network.title))
        for model in (Topic, Offer)
        for row in model.objects.filter(author_email__iexact=email).select_related("network")
    ]


def _requests(email: str) -> list[list[Fact]]:
    joins = JoinRequest.objects.filter(email=email).select_related("membership__network")
    handovers = Handover.objects.filter(email=email).select_related("membership__network")
    erasures = ErasureRequest.objects.filter(person__email=email)
    asked = [
        facts(
            row,
            *("name", "email", "job_title", "phone", "state", "created_at", "handled_at"),
            network=(_("Network"), row.membership.network.title),
        )
        for row in joins
    ]
    handed = [
        facts(
            row,
            *("kind", "name", "email", "job_title", "phone", "text", "state", "created_at"),
            network=(_("Network"), row.membership.network.title),
        )
        for row in handovers
    ]
    return asked + handed + [facts(row, "created_at", "handled_at", "outcome") for row in erasures]
