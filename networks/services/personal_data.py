"""Everything that is kept about an address, for the person to read and to take along (GDPR
articles 15 and 20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import AuditEntry
from cms.links import Link
from cms.messages.models import Message
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
from networks.services.capacities import CAPACITY_LABELS, Capacity, capacities_of, memberships_of
from payments import money
from payments.models import Buyer, Charge

#: Whole øre.
AMOUNTS = frozenset({"net", "vat", "gross", "credited"})
MONEY = {Capacity.CONTACT, Capacity.INVOICE_CONTACT}


@dataclass(frozen=True)
class Fact:
    """``value`` for machines, ``text`` for readers."""

    key: str
    label: str
    value: Any
    text: Any

    @property
    def shown(self) -> str:
        """For readers: local times, kroner, yes and no."""
        if isinstance(self.text, bool):
            return _("Yes") if self.text else _("No")
        if isinstance(self.text, datetime):
            return date_format(timezone.localtime(self.text), "DATETIME_FORMAT")
        if isinstance(self.text, date):
            return date_format(self.text, "DATE_FORMAT")
        if self.key in AMOUNTS:
            return money.format_kroner(self.text)
        return str(self.text)


@dataclass(frozen=True)
class Section:
    """What is kept of one kind: a row a list of facts."""

    key: str
    title: str
    rows: list[list[Fact]]


def _fact(row: Model, name: str) -> Fact:
    value = getattr(row, name)
    display = getattr(row, f"get_{name}_display", None)
    label = row._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    text = display() if display else value
    if isinstance(value, Model):
        value = text = str(value)
    return Fact(name, capfirst(str(label)), value, text)


def _facts(row: Model, *names: str, **more: tuple[str, Any]) -> list[Fact]:
    """The named columns, and ``key=(label, value)`` beside them; without what is empty."""
    others = [Fact(key, str(label), value, value) for key, (label, value) in more.items()]
    facts = [*(_fact(row, name) for name in names), *others]
    return [fact for fact in facts if fact.value not in (None, "", [])]


def sections_about(address: str) -> list[Section]:
    """What is kept about the address, by kind; kinds of which there is nothing are left out."""
    email = normalise_email(address)
    memberships = list(memberships_of(email).select_related("first_season"))
    paid_by = [row for row in memberships if capacities_of(row, email) & MONEY]
    found = [
        Section("person", _("You"), _person(email)),
        Section("memberships", _("Memberships"), [_membership(row, email) for row in memberships]),
        Section("answers", _("Answers to questions"), _answers(memberships, email)),
        Section("participations", _("Participation"), _participations(email)),
        Section("guest_invitations", _("Invitations as a guest"), _guests(email)),
        Section("contributions", _("Topics and offers"), _contributions(email)),
        Section("requests", _("Requests"), _requests(email)),
        Section("charges", _("Charges"), _charges(paid_by)),
        Section("messages", _("Mails to you"), _messages(email)),
        Section("links", _("Personal links"), _links(email)),
        Section("history", _("History of the memberships"), _history(memberships, email)),
    ]
    return [section for section in found if section.rows]


def as_json(address: str) -> dict[str, Any]:
    """The same, for a machine: ``{"address", "made_at", <kind>: [{column: value}]}``; amounts are
    whole øre, times ISO 8601."""
    return {
        "address": normalise_email(address),
        "made_at": timezone.now(),
        **{
            section.key: [{fact.key: fact.value for fact in row} for row in section.rows]
            for section in sections_about(address)
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
    return [_facts(row, *names) for row in rows]


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
    return _facts(row, *names, capacities=(_("You are"), ", ".join(roles)))


def _answers(memberships: Iterable[Membership], email: str) -> list[list[Fact]]:
    mine = [row.pk for row in memberships if row.contact.email == email]
    rows = Answer.objects.filter(membership__in=mine).select_related("question")
    return [_facts(row, "value", question=(_("Question"), row.question.label)) for row in rows]


def _participations(email: str) -> list[list[Fact]]:
    rows = Participant.objects.filter(email__iexact=email).select_related("membership__network")
    named = [
        _facts(
            row,
            *("name", "email", "job_title", "standing", "shown_to_members", "left_at"),
            network=(_("Network"), row.membership.network.title),
        )
        for row in rows
    ]
    seats = Seat.objects.filter(participant__email__iexact=email)
    return named + [
        _facts(
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
    return [_facts(row, *names) for row in rows]


def _contributions(email: str) -> list[list[Fact]]:
    names = ("title", "text", "state", "answer", "created_at")
    return [
        _facts(row, *names, network=(_("Network"), row.network.title))
        for model in (Topic, Offer)
        for row in model.objects.filter(author_email__iexact=email).select_related("network")
    ]


def _requests(email: str) -> list[list[Fact]]:
    joins = JoinRequest.objects.filter(email=email).select_related("membership__network")
    handovers = Handover.objects.filter(email=email).select_related("membership__network")
    erasures = ErasureRequest.objects.filter(person__email=email)
    asked = [
        _facts(
            row,
            *("name", "email", "job_title", "phone", "state", "created_at", "handled_at"),
            network=(_("Network"), row.membership.network.title),
        )
        for row in joins
    ]
    handed = [
        _facts(
            row,
            *("kind", "name", "email", "job_title", "phone", "text", "state", "created_at"),
            network=(_("Network"), row.membership.network.title),
        )
        for row in handovers
    ]
    return asked + handed + [_facts(row, "created_at", "handled_at", "outcome") for row in erasures]


def _charges(memberships: list[Membership]) -> list[list[Fact]]:
    references = [audit.reference(row) for row in memberships]
    names = (
        *("scope_label", "description", "method", "net", "vat", "gross", "credited"),
        *("period_start", "period_end", "state", "created_at", "paid_at"),
    )
    charges = Charge.objects.filter(reference__in=references)
    return [_facts(row, *names, *Buyer.buyer_fields()) for row in charges]


def _messages(email: str) -> list[list[Fact]]:
    rows = Message.objects.filter(to_email__iexact=email)
    names = ("to_name", "to_email", "subject", "body", "state", "created_at", "sent_at")
    return [_facts(row, *names) for row in rows]


def _links(email: str) -> list[list[Fact]]:
    rows = Link.objects.filter(address__iexact=email).order_by("created_at")
    return [
        _facts(
            row,
            "purpose",
            created_at=(_("Created"), row.created_at),
            expires_at=(_("Works until"), row.expires_at),
        )
        for row in rows
    ]


def _history(memberships: Iterable[Membership], email: str) -> list[list[Fact]]:
    """What happened to the memberships that the person is contact of, without the staff's names."""
    subjects = [audit.reference(row) for row in memberships if row.contact.email == email]
    rows = AuditEntry.objects.filter(subject__in=subjects).order_by("at", "pk")
    return [_facts(row, "at", "action", "actor_kind") for row in rows]
