"""The list of memberships, and its export with the answers to the extra questions."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.backoffice.listing import RowIndexView, StatusColumn
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.filters import MembershipFilters
from networks.backoffice.wording import status_tone
from networks.models import (
    Answer,
    Membership,
    Municipality,
    NetworkPage,
    Participant,
    Person,
    Question,
)
from payments import money
from payments.policies import charge_policy


def price_text(membership: Membership) -> str:
    net = membership.price_net
    return "" if net is None else money.format_kroner(net)


def participants_text(membership: Membership) -> str:
    return "; ".join(f"{person.name} <{person.email}>" for person in membership.participants.all())


def answer_to(question: Question) -> Callable[[Membership], str]:
    def answer(membership: Membership) -> str:
        values = {each.question_id: each.value for each in membership.answers.all()}
        return values.get(question.pk, "")

    return answer


class ContactColumn(Column):
    """The contact's name, and below it the address."""

    cell_template_name = "networks/backoffice/contact_cell.html"


class MembershipIndexView(RowIndexView):
    title_column = ("party_name", _("Member"))
    title_sort_key = "municipality__sort_key"
    default_ordering = "-signed_up_at"
    related = ("network", "municipality", "contact")
    search_fields = ("contact", "participants", "municipality", "network", "organisation_name")
    filterset_class = MembershipFilters
    export_filename = "medlemskaber"

    @cached_property
    def sees_money(self) -> bool:
        return bool(charge_policy.user_has_permission(self.request.user, "view"))

    @cached_property
    def columns(self) -> list[BaseColumn]:
        columns = [
            *super().columns,
            Column("network", label=_("Network"), accessor="network.title"),
            StatusColumn(
                "status",
                label=_("State"),
                accessor="get_status_display",
                sort_key="status",
                tone=status_tone,
            ),
            ContactColumn("contact", label=_("Contact"), sort_key="contact__name"),
        ]
        if self.sees_money:
            columns.append(Column("price", label=_("Price excl. VAT"), accessor=price_text))
        signed_up = DateColumn("signed_up_at", label=_("Signed up"), sort_key="signed_up_at")
        return [*columns, signed_up]

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By contact, participant, party and network, each looked for in its own table: one
        condition over the joined tables could use no index."""
        if not self.is_searching:
            return queryset
        words = self.search_query
        people = Q(name__icontains=words) | Q(email__icontains=words)
        participants = Participant.objects.filter(people)
        return queryset.filter(
            Q(contact__in=Person.objects.filter(people).values("pk"))
            | Q(pk__in=participants.values("membership_id"))
            | Q(municipality__in=Municipality.objects.filter(name__icontains=words).values("pk"))
            | Q(network__in=NetworkPage.objects.filter(title__icontains=words).values("pk"))
            | Q(organisation_name__icontains=words)
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        lines = self.model_admin.row_url("waiting_lists")
        waiting = HeaderButton(_("Waiting lists"), url=lines, icon_name="list-ol")
        if not self.user_has_permission("add"):
            return [waiting]
        create = self.model_admin.row_url("create")
        return [HeaderButton(_("Sign a municipality up"), url=create, icon_name="plus"), waiting]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if not self.user_has_permission("add"):
            return buttons
        invite = self.model_admin.row_url("invite")
        return [Button(_("Invite to a network"), url=invite, icon_name="mail"), *buttons]

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        columns = [
            ExportColumn(str(_("Member")), lambda row: row.party_name),
            ExportColumn(str(_("Network")), lambda row: row.network.title),
            ExportColumn(str(_("State")), lambda row: row.get_status_display()),
            ExportColumn(str(_("Organisation")), lambda row: row.organisation),
            ExportColumn(
                str(_("Kind of organisation")), lambda row: row.get_organisation_kind_display()
            ),
            ExportColumn(str(_("Contact")), lambda row: row.contact.name),
            ExportColumn(str(_("E-mail")), lambda row: row.contact.email),
            ExportColumn(str(_("Job title")), lambda row: row.contact.job_title),
            ExportColumn(str(_("Phone")), lambda row: row.contact.phone),
            ExportColumn(str(_("Participants")), participants_text),
            ExportColumn(str(_("First season")), lambda row: str(row.first_season or "")),
            ExportColumn(str(_("Signed up")), lambda row: row.signed_up_at),
            ExportColumn(str(_("Active since")), lambda row: row.activated_at),
            ExportColumn(str(_("Ends on")), lambda row: row.ends_on),
            *(self._money_columns() if self.sees_money else []),
        ]
        networks = rows.order_by().values("network_id")
        questions = Question.objects.filter(page__in=networks).order_by("page_id", "sort_order")
        return columns + [ExportColumn(each.label, answer_to(each)) for each in questions]

    def _money_columns(self) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Payment method")), lambda row: row.get_method_display()),
            ExportColumn(
                str(_("Price excl. VAT")),
                lambda row: None if row.price_net is None else row.price_net / 100,
            ),
            ExportColumn(str(_("EAN/GLN number")), lambda row: row.buyer_gln),
            ExportColumn(str(_("CVR number")), lambda row: row.buyer_cvr),
            ExportColumn(str(_("Order number")), lambda row: row.order_number),
        ]

    def with_export_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        answers = Prefetch("answers", queryset=Answer.objects.all())
        return rows.select_related("first_season").prefetch_related("participants", answers)
