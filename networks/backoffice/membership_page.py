"""A membership's own page: what can be done now, the facts, who comes, and all that happened."""

from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import reference
from cms.backoffice.action_bar import ActionBarView
from cms.backoffice.listing import status_tag
from cms.messages import outbox
from networks.backoffice.membership_list import price_text
from networks.backoffice.timeline import membership_timeline
from networks.backoffice.wording import status_label, status_tone
from networks.models import (
    Answer,
    ConsentGiven,
    JoinRequest,
    Membership,
    Participant,
    Person,
    RequestState,
    Season,
    SeasonEntry,
    SettledElsewhere,
)
from networks.policies import join_request_policy
from networks.rules.states import Status
from networks.services.seat_overview import MeetingSeats, overview
from payments import money
from payments.backoffice.story import charges_of, open_sum
from payments.models import Charge
from payments.policies import charge_policy

Fact = tuple[Any, Any]
#: Label, value, and where it leads; empty: nowhere.
Glance = tuple[Any, Any, str]
#: Told at a glance.
NEXT_MEETINGS = 3
MONEY_URL = "?kind=money#timeline"


def when(moment: Any) -> str:
    """An aware datetime as local date and time."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""


def day(value: Any) -> str:
    return date_format(value, "DATE_FORMAT") if value else ""


def person_url(person: Person) -> str:
    return reverse("networks_person_modeladmin_inspect", args=[quote(person.pk)])


def place_in_line(membership: Membership) -> int | None:
    """1 is the first of the network's waiting list."""
    if membership.state != Status.WAITLISTED:
        return None
    waiting = Membership.objects.filter(network=membership.network_id, status=Status.WAITLISTED)
    return waiting.filter(queued_at__lt=membership.queued_at).count() + 1


def facts(membership: Membership) -> list[Fact]:
    """What there is to say about the membership itself; what is empty is left out."""
    confirmed = when(membership.address_confirmed_at) or _("No")
    said: list[Fact] = [
        (_("Organisation"), membership.organisation),
        (_("Kind of organisation"), membership.get_organisation_kind_display()),
        (_("Who is the member?"), membership.get_unit_display()),
        (_("Signed up"), when(membership.signed_up_at)),
        (_("Address confirmed"), confirmed),
        (_("Approved"), when(membership.approved_at)),
        (_("Place in line"), place_in_line(membership)),
        (_("Deadline"), when(membership.deadline)),
        (_("Active since"), when(membership.activated_at)),
        (_("Cancellation received"), when(membership.cancelled_at)),
        (_("Ends on"), day(membership.ends_on)),
        (_("Reason for leaving"), membership.leaving_reason),
        (_("Closed"), when(membership.closed_at)),
    ]
    return [(label, value) for label, value in said if value]


def contact_facts(membership: Membership) -> list[Fact]:
    person = membership.contact
    said = [
        (_("Name"), person.name),
        (_("E-mail"), person.email),
        (_("Job title"), person.job_title),
        (_("Phone"), person.phone),
    ]
    if membership.invoice_contact and membership.invoice_contact_id != membership.contact_id:
        other = membership.invoice_contact
        said.append((_("Invoice contact"), f"{other.name} <{other.email}>"))
    return [(label, value) for label, value in said if value]


def buyer_facts(membership: Membership) -> list[Fact]:
    said: list[Fact] = [
        (_("Price excl. VAT"), price_text(membership)),
        (_("Accepted price excl. VAT"), money.format_kroner(membership.accepted_net)),
        (_("Payment method"), membership.get_method_display()),
    ]
    for name, value in membership.buyer().items():
        field = membership._meta.get_field(name)
        said.append((field.verbose_name, value))  # type: ignore[union-attr]
    return [(label, value) for label, value in said if value]


def settled_text(membership: Any) -> str:
    """What became outside the system of seasons that came in with an import."""
    return "; ".join(
        f"{row['season']}: {SettledElsewhere(row['settled']).label}"
        for row in membership.told_settled
    )


def seats_text(rows: list[MeetingSeats]) -> str:
    """Of the next meetings: how many of the membership's seats are taken."""
    told = []
    for row in rows[:NEXT_MEETINGS]:
        taken = len(row.own_seats)
        limit = "" if row.terms.limit is None else f"/{row.terms.limit}"
        starts = row.meeting.starts_at
        when_ = date_format(localtime(starts), "SHORT_DATE_FORMAT") if starts else _t("No date")
        told.append(f"{when_}: {taken}{limit}")
    return ", ".join(told)


def _told(rows: QuerySet[Any], **values: str) -> ArraySubquery:
    """The membership's rows as a column of it: name → expression."""
    told = JSONObject(**{name: F(path) for name, path in values.items()})
    mine = rows.filter(membership=OuterRef("pk"))
    return ArraySubquery(mine.annotate(told=told).values("told"))


def _seasons() -> QuerySet[Season]:
    """As ``entries.seasons_of``, of the membership around it."""
    entered = SeasonEntry.objects.filter(
        membership=OuterRef(OuterRef("pk")), entered_at__isnull=False
    )
    mine = Q(pk__in=entered.values("season")) | Q(pk=OuterRef("first_season"))
    return Season.objects.filter(mine).order_by("starts_on")


class MembershipInspectView(ActionBarView):
    template_name = "networks/backoffice/membership.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With the small things around it, in the same query."""
        return rows.select_related(
            "network", "municipality", "contact", "invoice_contact", "first_season"
        ).annotate(
            told_seasons=ArraySubquery(_seasons().values("name")),
            told_settled=_told(
                SeasonEntry.objects.exclude(settled="").order_by("season__starts_on"),
                season="season__name",
                settled="settled",
            ),
            told_answers=_told(
                Answer.objects.order_by("question__sort_order"),
                label="question__label",
                value="value",
            ),
            told_requests=_told(
                JoinRequest.objects.order_by("-created_at"),
                **{name: name for name in ("pk", "name", "email", "state", "created_at")},
            ),
            told_consents=_told(
                ConsentGiven.objects.order_by("given_at"),
                person="person__name",
                consent="text__consent__title",
                version="text__version",
                given="given_at",
                withdrawn="withdrawn_at",
            ),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        membership, user = self.instance, self.request.user
        participants = list(membership.participants.order_by("left_at", "name"))
        seats = overview(membership) if membership.state == Status.ACTIVE else []
        charges = charges_of(user, reference(membership))
        return super().get_context_data(
            **{
                "status": status_tag(status_label(membership), status_tone(membership)),
                "is_unconfirmed_member": membership.state == Status.ACTIVE
                and not membership.address_confirmed_at,
                "glance": self.glance(seats, charges),
                "facts": facts(membership),
                "contact_facts": contact_facts(membership),
                "buyer_facts": buyer_facts(membership) if self.sees_money else [],
                "participants": participants,
                "seats": seats,
                "answers": membership.told_answers,
                "returned_from": self.returned_from(participants),
                "timeline": membership_timeline(
                    membership, user, self.request.GET, charges=charges, participants=participants
                ),
                **self.requests(),
                **kwargs,
            }
        )

    @cached_property
    def sees_money(self) -> bool:
        return bool(charge_policy.user_has_permission(self.request.user, "view"))

    def glance(self, seats: list[MeetingSeats], charges: list[Charge]) -> list[Glance]:
        """What most questions are about; what is empty is left out."""
        membership = self.instance
        invoices = membership.invoice_contact or membership.contact
        said: list[Glance] = [
            (_("State"), status_label(membership), ""),
            (_("Network"), membership.network.title, ""),
            (_("Party"), membership.organisation, self.party_url),
            (_("Contact"), membership.contact.name, person_url(membership.contact)),
            (_("Invoice contact"), invoices.name, person_url(invoices)),
            (_("Season"), ", ".join(membership.told_seasons), ""),
            (_("Seats at the next meetings"), seats_text(seats), "#participants"),
            (_("Ends on"), day(membership.ends_on), ""),
            (_("Deadline"), when(membership.deadline), ""),
        ]
        if self.sees_money:
            said += [
                (_("Price excl. VAT"), price_text(membership), ""),
                (_("Before the import"), settled_text(membership), ""),
                (_("To be paid incl. VAT"), money.format_kroner(open_sum(charges)), MONEY_URL),
            ]
        return [fact for fact in said if fact[1]]

    @cached_property
    def party_url(self) -> str:
        place = self.instance.municipality_id
        may = self.request.user.has_perm("networks.view_municipality")
        return reverse("municipalities:inspect", args=[place]) if place and may else ""

    def returned_from(self, participants: list[Participant]) -> dict[str, int]:
        """The addresses of the membership's people from which mail comes back: how many did."""
        membership = self.instance
        people = [membership.contact, membership.invoice_contact]
        addresses = {person.email for person in people if person}
        named = {each.email for each in participants if each.left_at is None}
        return outbox.returned_from(addresses | named)

    def requests(self) -> dict[str, Any]:
        """Those to join, and those among them that wait for an answer."""
        if not join_request_policy.user_has_permission(self.request.user, "view"):
            return {}
        rows = [
            {
                **row,
                "received": day(parse_datetime(row["created_at"])),
                "url": reverse("networks_joinrequest_modeladmin_inspect", args=[row["pk"]]),
            }
            for row in self.instance.told_requests
        ]
        waiting = [row for row in rows if row["state"] == RequestState.WAITING]
        return {"join_requests": rows, "waiting_requests": waiting}
