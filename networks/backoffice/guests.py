"""Guests in the administration: invited from the meeting's page, and listed over all meetings."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import (
    CRITICAL,
    NEUTRAL,
    POSITIVE,
    WAITING,
    DayColumn,
    RowIndexView,
    StatusColumn,
    status_tag,
)
from cms.backoffice.rows import ActionView, InspectView
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.actions import OptionalReasonForm, ServicePage
from networks.backoffice.attendance import came_label, when_held
from networks.backoffice.filters import NetworkFilter
from networks.backoffice.membership_page import when
from networks.backoffice.wording import ACTION_LABELS
from networks.models import Guest, GuestState, Meeting
from networks.policies import INVITE_GUESTS, guest_policy
from networks.services import guests

TONES = {
    GuestState.INVITED: WAITING,
    GuestState.ACCEPTED: POSITIVE,
    GuestState.DECLINED: CRITICAL,
    GuestState.WITHDRAWN: NEUTRAL,
}
MEETING = "meeting__season__page"


def guest_tone(guest: Guest) -> str:
    return TONES[GuestState(guest.state)]


class GuestForm(forms.Form):
    """Whom to invite, and what for."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    organisation = forms.CharField(label=_("Organisation"), max_length=200, required=False)
    purpose = forms.CharField(
        label=_("Invited to"),
        max_length=200,
        required=False,
        help_text=_("For example: give a talk. Stands in the invitation."),
    )


class InviteGuestView(ServicePage, ActionView):
    """On a meeting: an invitation by mail, with a link to accept or decline."""

    name = "invite-guest"
    permission = INVITE_GUESTS
    label = _("Invite a guest")
    submit_label = _("Send the invitation")
    icon_name = "mail"
    form_class = GuestForm

    @classmethod
    def fits(cls, instance: Meeting) -> bool:
        return guests.can_invite(instance)

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "record")

    def explanation(self) -> str:
        return _t(
            "A speaker or expert for this meeting. A guest is no member, takes no place and is "
            "not charged. The invitation says what is kept about the guest, and how long."
        )

    def perform(self, data: dict[str, Any]) -> str:
        guest = guests.invite(self.instance.pk, actor=self.actor, **data)
        return _t("The invitation to %(name)s is on its way.") % {"name": guest.name}


class GuestFilters(WagtailFilterSet):
    network = NetworkFilter(field_name="meeting__season__page")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=GuestState.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )

    class Meta:
        model = Guest
        fields: list[str] = []


class GuestIndexView(RowIndexView):
    title_column = ("name", _("Name"))
    title_sort_key = "name"
    default_ordering = "-invited_at"
    # The record says whether the meeting is cancelled, which the row menu depends on.
    related = (MEETING, "meeting__record")
    search_fields = ("name", "email", "organisation", "purpose", "meeting__title")
    filterset_class = GuestFilters
    export_filename = "gaester"
    row_columns = (
        Column("organisation", label=_("Organisation"), sort_key="organisation"),
        Column("purpose", label=_("Invited to")),
        Column("meeting", label=_("Meeting"), accessor="meeting.label"),
        Column("network", label=_("Network"), accessor="meeting.season.page.title"),
        StatusColumn("state", label=_("State"), accessor="get_state_display", tone=guest_tone),
        DayColumn("invited_at", label=_("Invited"), sort_key="invited_at"),
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Name")), lambda row: row.name),
            ExportColumn(str(_("E-mail")), lambda row: row.email),
            ExportColumn(str(_("Organisation")), lambda row: row.organisation),
            ExportColumn(str(_("Invited to")), lambda row: row.purpose),
            ExportColumn(str(_("Network")), lambda row: row.meeting.season.page.title),
            ExportColumn(str(_("Meeting")), lambda row: row.meeting.label),
            ExportColumn(str(_("State")), lambda row: row.get_state_display()),
            ExportColumn(str(_("Invited")), lambda row: row.invited_at),
            ExportColumn(str(_("Answered")), lambda row: row.answered_at),
            ExportColumn(str(_("Attendance")), lambda row: came_label(row.came)),
        ]


class GuestInspectView(InspectView):
    template_name = "networks/backoffice/guest.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(MEETING)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        guest = self.instance
        facts = [
            (_("E-mail"), guest.email),
            (_("Organisation"), guest.organisation),
            (_("Invited to"), guest.purpose),
            (_("Network"), guest.meeting.season.page.title),
            (_("When"), when_held(guest.meeting)),
            (_("Invited"), when(guest.invited_at)),
            (_("Answered"), when(guest.answered_at)),
            (_("Attendance"), came_label(guest.came)),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "status": status_tag(guest.get_state_display(), guest_tone(guest)),
                "meeting": guest.meeting,
                "meeting_url": reverse(
                    "networks_meeting_modeladmin_inspect", args=[quote(guest.meeting_id)]
                ),
                "history": history_of(guest, ACTION_LABELS),
                **kwargs,
            }
        )


class GuestAction(ServicePage, ActionView):
    permission = "add"
    instance: Guest

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("meeting__season__page", "meeting__record")


class ResendView(GuestAction):
    name = "resend"
    label = _("Send the invitation again")
    icon_name = "mail"
    success_message = _("The invitation is on its way again; the old link no longer works.")

    @classmethod
    def fits(cls, instance: Guest) -> bool:
        return WithdrawView.fits(instance) and guests.can_invite(instance.meeting)

    def explanation(self) -> str:
        return _t("A new mail to %(email)s, with a new link.") % {"email": self.instance.email}

    def perform(self, data: dict[str, Any]) -> None:
        guests.resend(self.instance.pk, actor=self.actor)


class WithdrawView(GuestAction):
    name = "withdraw"
    label = _("Withdraw the invitation")
    icon_name = "cross"
    form_class = OptionalReasonForm
    is_serious = True
    success_message = _("The invitation is withdrawn; the guest is told by e-mail.")

    @classmethod
    def fits(cls, instance: Guest) -> bool:
        return instance.state in (GuestState.INVITED, GuestState.ACCEPTED)

    def perform(self, data: dict[str, Any]) -> None:
        guests.withdraw(self.instance.pk, actor=self.actor, reason=data["reason"])


class GuestAdmin(RowAdmin):
    model = Guest
    shows_people = True
    policy = guest_policy
    menu_label = _("Guests")
    menu_icon = "user"
    index_view_class = GuestIndexView
    inspect_view_class = GuestInspectView
    actions = (ResendView, WithdrawView)
