"""A membership's own page: what it is, who it is about, money, mails, requests and history."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cms import audit
from cms.backoffice.history import history_of
from cms.backoffice.listing import status_tag
from cms.backoffice.rows import InspectView
from cms.messages import outbox
from networks.backoffice.membership_list import price_text
from networks.backoffice.wording import ACTION_LABELS, message_tone, shown_body, status_tone
from networks.models import Membership
from networks.policies import message_policy
from networks.rules.states import Status
from networks.services.entries import seasons_of
from networks.services.seat_overview import overview
from payments import money
from payments.backoffice.wording import charge_tone, payment_tone
from payments.policies import charge_policy

Fact = tuple[Any, Any]


def when(moment: Any) -> str:
    """An aware datetime as local date and time."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""


def day(value: Any) -> str:
    return date_format(value, "DATE_FORMAT") if value else ""


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
        (_("Network"), membership.network.title),
        (_("Organisation"), membership.organisation),
        (_("Kind of organisation"), membership.get_organisation_kind_display()),
        (_("Who is the member?"), membership.get_unit_display()),
        (_("Seasons"), ", ".join(season.name for season in seasons_of(membership))),
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
        said.append((_("Invoice contact"), str(membership.invoice_contact)))
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


class MembershipInspectView(InspectView):
    template_name = "networks/backoffice/membership.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(
            "network", "municipality", "contact", "invoice_contact", "first_season"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        membership = self.instance
        return super().get_context_data(
            **{
                "status": status_tag(membership.get_status_display(), status_tone(membership)),
                "is_unconfirmed_member": membership.state == Status.ACTIVE
                and not membership.address_confirmed_at,
                "facts": facts(membership),
                "contact_facts": contact_facts(membership),
                "participants": membership.participants.order_by("left_at", "name"),
                "seats": overview(membership) if membership.state == Status.ACTIVE else [],
                "answers": membership.answers.select_related("question").order_by(
                    "question__sort_order"
                ),
                "join_requests": membership.join_requests.all(),
                "messages_sent": self.messages_sent(),
                "returned_from": self.returned_from(),
                "history": history_of(membership, ACTION_LABELS),
                **self.money(),
                **kwargs,
            }
        )

    def returned_from(self) -> dict[str, int]:
        """The addresses of the membership's people from which mail comes back: how many did."""
        membership = self.instance
        people = [membership.contact, membership.invoice_contact]
        addresses = {person.email for person in people if person}
        named = membership.participants.filter(left_at__isnull=True)
        return outbox.returned_from(addresses | set(named.values_list("email", flat=True)))

    def messages_sent(self) -> list[dict[str, Any]]:
        """Those about this membership, newest first."""
        messages = message_policy.instances_user_has_permission_for(self.request.user, "view")
        return [
            {
                "message": message,
                "state": status_tag(message.get_state_display(), message_tone(message)),
                "body": shown_body(message),
                "url": reverse("cms_message_modeladmin_inspect", args=[quote(message.pk)]),
            }
            for message in messages.filter(about=audit.reference(self.instance))
        ]

    def money(self) -> dict[str, Any]:
        """Prices, invoice details and charges, for those who may see money."""
        user = self.request.user
        if not charge_policy.user_has_permission(user, "view"):
            return {}
        charges = charge_policy.instances_user_has_permission_for(user, "view").filter(
            reference=audit.reference(self.instance)
        )
        return {
            "buyer_facts": buyer_facts(self.instance),
            "charges": [self._charge(charge) for charge in charges.prefetch_related("payments")],
        }

    def _charge(self, charge: Any) -> dict[str, Any]:
        return {
            "charge": charge,
            "gross": money.format_kroner(charge.gross),
            "url": reverse("payments_charge_modeladmin_inspect", args=[quote(charge.pk)]),
            "state": status_tag(charge.get_state_display(), charge_tone(charge)),
            "payments": [
                {
                    "payment": payment,
                    "url": reverse("payments_payment_modeladmin_inspect", args=[quote(payment.pk)]),
                    "state": status_tag(payment.get_state_display(), payment_tone(payment)),
                }
                for payment in charge.payments.all()
            ],
        }
