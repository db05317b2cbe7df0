"""Requests to join: colleagues who signed up where the municipality is a member already."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import POSITIVE, WAITING, RowIndexView, StatusColumn
from cms.backoffice.rows import InspectView
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.filters import JoinRequestFilters
from networks.models import JoinRequest
from networks.policies import join_request_policy


def state_label(request: JoinRequest) -> Any:
    return _("Handled") if request.handled_at else _("Waits for the contact")


def state_tone(request: JoinRequest) -> str:
    return POSITIVE if request.handled_at else WAITING


class JoinRequestIndexView(RowIndexView):
    title_column = ("name", _("Name"))
    title_sort_key = "name"
    default_ordering = "-created_at"
    related = ("membership__network", "membership__municipality", "membership__contact")
    search_fields = ("name", "email", "membership__municipality__name")
    filterset_class = JoinRequestFilters
    export_filename = "anmodninger"
    row_columns = (
        Column("email", label=_("E-mail"), sort_key="email"),
        Column("member", label=_("Membership"), accessor="membership.party_name"),
        Column("network", label=_("Network"), accessor="membership.network.title"),
        StatusColumn("state", label=_("State"), accessor=state_label, tone=state_tone),
        DateColumn("created_at", label=_("Received"), sort_key="created_at"),
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Name")), lambda row: row.name),
            ExportColumn(str(_("E-mail")), lambda row: row.email),
            ExportColumn(str(_("Job title")), lambda row: row.job_title),
            ExportColumn(str(_("Phone")), lambda row: row.phone),
            ExportColumn(str(_("Membership")), lambda row: row.membership.party_name),
            ExportColumn(str(_("Network")), lambda row: row.membership.network.title),
            ExportColumn(str(_("Received")), lambda row: row.created_at),
        ]


class JoinRequestInspectView(InspectView):
    """A request is shown on the page of its membership."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        key = quote(self.instance.membership_id)
        return redirect(reverse("networks_membership_modeladmin_inspect", args=[key]))


class JoinRequestAdmin(RowAdmin):
    model = JoinRequest
    policy = join_request_policy
    menu_label = _("Requests to join")
    menu_icon = "mail"
    index_view_class = JoinRequestIndexView
    inspect_view_class = JoinRequestInspectView
