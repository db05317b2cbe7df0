"""Requests to join: colleagues who signed up where the municipality is a member already."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import DayColumn, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import ActionView, InspectView
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.actions import OptionalReasonForm, ServicePage
from networks.backoffice.bulk_requests import TakeInManyView, TurnDownManyView
from networks.backoffice.filters import JoinRequestFilters
from networks.backoffice.membership_page import when
from networks.backoffice.request_rows import (
    TurnDownForm,
    membership_link,
    state_tone,
    waiting_first,
)
from networks.models import JoinRequest, RequestState
from networks.policies import join_request_policy
from networks.services import requests


class JoinRequestIndexView(RowIndexView):
    title_column = ("name", _("Name"))
    title_sort_key = "name"
    #: Waiting ones first, the newest of each first.
    default_ordering = ("is_answered", "-created_at")
    related = ("membership__network", "membership__municipality", "membership__contact")
    search_fields = ("name", "email", "membership__municipality__name")
    filterset_class = JoinRequestFilters
    export_filename = "anmodninger"
    standing_views = (StandingView(_("Waiting"), "state=waiting"),)
    row_columns = (
        Column("email", label=_("E-mail"), sort_key="email"),
        Column("member", label=_("Membership"), accessor="membership.party_name"),
        Column("network", label=_("Network"), accessor="membership.network.title"),
        StatusColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            sort_key="is_answered",
            tone=state_tone,
        ),
        DayColumn("created_at", label=_("Received"), sort_key="created_at"),
    )

    def get_base_queryset(self) -> QuerySet[Any]:
        return waiting_first(super().get_base_queryset())

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Name")), lambda row: row.name),
            ExportColumn(str(_("E-mail")), lambda row: row.email),
            ExportColumn(str(_("Job title")), lambda row: row.job_title),
            ExportColumn(str(_("Phone")), lambda row: row.phone),
            ExportColumn(str(_("Membership")), lambda row: row.membership.party_name),
            ExportColumn(str(_("Network")), lambda row: row.membership.network.title),
            ExportColumn(str(_("State")), lambda row: row.get_state_display()),
            ExportColumn(str(_("Received")), lambda row: row.created_at),
            ExportColumn(str(_("Handled")), lambda row: row.handled_at),
        ]


class JoinRequestInspectView(InspectView):
    template_name = "cms/backoffice/inspect.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*JoinRequestIndexView.related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.instance
        facts = [
            (_("Work e-mail"), row.email),
            (_("Job title"), row.job_title),
            (_("Phone"), row.phone),
            (_("Membership"), membership_link(row.membership)),
            (_("Network"), row.membership.network.title),
            (_("Contact"), f"{row.membership.contact.name}, {row.membership.contact.email}"),
            (_("Received"), when(row.created_at)),
            (_("Handled"), when(row.handled_at)),
        ]
        status = status_tag(row.get_state_display(), state_tone(row))
        shown = [(label, value) for label, value in facts if value]
        return super().get_context_data(**{"facts": shown, "status": status, **kwargs})


class JoinRequestAction(ServicePage, ActionView):
    """The contact is asked first; an administrator can answer in their place."""

    instance: JoinRequest

    @classmethod
    def fits(cls, instance: JoinRequest) -> bool:
        return instance.state == RequestState.WAITING

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*JoinRequestIndexView.related)


class TakeInView(JoinRequestAction):
    name = "take_in"
    label = _("Take in")
    icon_name = "check"
    form_class = OptionalReasonForm
    success_message = _("Taken in; the colleague is told by e-mail.")

    def explanation(self) -> str:
        return _t(
            "%(name)s becomes a participant of %(membership)s, with the seats that are free at the "
            "coming meetings."
        ) % {"name": self.instance.name, "membership": self.instance.membership.party_name}

    def perform(self, data: dict[str, Any]) -> None:
        requests.take_in(self.instance.pk, actor=self.actor, **data)


class TurnDownView(JoinRequestAction):
    name = "turn_down"
    label = _("Turn down")
    icon_name = "cross"
    form_class = TurnDownForm
    is_serious = True
    success_message = _("Turned down; the colleague is told by e-mail.")

    def perform(self, data: dict[str, Any]) -> None:
        requests.turn_down(self.instance.pk, actor=self.actor, **data)


class JoinRequestAdmin(RowAdmin):
    model = JoinRequest
    shows_people = True
    policy = join_request_policy
    menu_label = _("Requests to join")
    menu_icon = "mail"
    index_view_class = JoinRequestIndexView
    inspect_view_class = JoinRequestInspectView
    actions = (TakeInView, TurnDownView)
    bulk_actions = (TakeInManyView, TurnDownManyView)
