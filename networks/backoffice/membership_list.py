"""The list of memberships, and its export with the answers to the extra questions."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.backoffice.listing import DayColumn, RowIndexView, StatusColumn
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from cms.searching import Search
from networks.backoffice.filters import MembershipFilters
from networks.backoffice.membership_search import memberships_matching, memberships_walked
from networks.backoffice.wording import status_label, status_tone
from networks.models import (
    Answer,
    Membership,
    Question,
)
from networks.rules.states import Status
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


#: From the form to the first day as a member.
NOT_YET_ACTIVE = (
    Status.UNCONFIRMED,
    Status.PENDING_APPROVAL,
    Status.WAITLISTED,
    Status.OFFERED,
    Status.AWAITING_PAYMENT,
)


class ContactColumn(Column):
    """The contact's name, which writes to the address."""

    cell_template_name = "networks/backoffice/contact_cell.html"


class MembershipIndexView(RowIndexView):
    title_column = ("party_name", _("Member"))
    title_sort_key = "municipality__sort_key"
    default_ordering = "-signed_up_at"
    related = ("network", "municipality", "contact")
    search_fields = ("contact", "participants", "municipality", "network", "organisation_name")
    filterset_class = MembershipFilters
    export_filename = "medlemskaber"
    #: What was searched for, row by row: for the paginator.
    walked: QuerySet[Any] | None = None
    standing_views = (
        StandingView(_("Sign-ups"), "&".join(f"status={state}" for state in NOT_YET_ACTIVE)),
        StandingView(_("To be approved"), "task=approval"),
        StandingView(_("Waiting list"), "task=waiting"),
        StandingView(_("Active"), "status=active"),
        StandingView(_("Leaving"), "task=leaving"),
    )

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
                accessor=status_label,
                sort_key="status",
                tone=status_tone,
            ),
            ContactColumn("contact", label=_("Contact"), sort_key="contact__name"),
        ]
        if self.sees_money:
            columns.append(
                Column(
                    "price",
                    classname="backoffice-number",
                    label=_("Price excl. VAT"),
                    accessor=price_text,
                )
            )
        signed_up = DayColumn("signed_up_at", label=_("Signed up"), sort_key="signed_up_at")
        return [*columns, signed_up]

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """As the search over everything finds them."""
        search = Search(self.search_query or "")
        if not search:
            return queryset
        if not search.reference:
            self.walked = memberships_walked(queryset, search, self.request.user)
        return memberships_matching(queryset, search, self.request.user)

    def get_paginator(self, *args: Any, **kwargs: Any) -> Any:
        paginator = super().get_paginator(*args, **kwargs)
        paginator.walked = self.walked
        return paginator

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
        if self.user_has_permission("import"):
            members = self.model_admin.row_url("import")
            buttons = [Button(_("Import members"), url=members, icon_name="upload"), *buttons]
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
