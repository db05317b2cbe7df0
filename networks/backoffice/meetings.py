"""Meetings in the administration: they are edited on the network's page, and cancelled here."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import (
    CRITICAL,
    NEUTRAL,
    POSITIVE,
    RowIndexView,
    StatusColumn,
    status_tag,
)
from cms.backoffice.rows import InspectView
from networks.backoffice.attendance import PRESENCE_LABELS, AttendanceView, came_label
from networks.backoffice.cancel_meeting import CancelMeetingView
from networks.backoffice.filters import MeetingFilters
from networks.backoffice.guests import InviteGuestView, guest_tone
from networks.backoffice.meeting_hosts import HostsView, hosts_of
from networks.backoffice.membership_page import when
from networks.backoffice.participant_lists import BadgesView, ExportView, PrintListView
from networks.backoffice.participation import ParticipationView
from networks.backoffice.taking_part import meeting_sections
from networks.backoffice.walk_in import WalkInView
from networks.backoffice.wording import ACTION_LABELS
from networks.models import Guest, GuestState, Meeting
from networks.policies import SEE_MEMBERS, meeting_policy
from networks.services import attendance
from networks.services.attendance import Expected, by_organisation


def starts(meeting: Meeting) -> str:
    """When it begins, or the text in place of a date."""
    return when(meeting.starts_at) or meeting.date_text


def has_started(meeting: Meeting) -> bool:
    return meeting.starts_at is not None and meeting.starts_at <= timezone.now()


def state_label(meeting: Meeting) -> Any:
    if meeting.is_cancelled:
        return _("Cancelled")
    return _("Held") if has_started(meeting) else _("Planned")


def state_tone(meeting: Meeting) -> str:
    if meeting.is_cancelled:
        return CRITICAL
    return NEUTRAL if has_started(meeting) else POSITIVE


class MeetingIndexView(RowIndexView):
    title_column = ("label", _("Meeting"))
    default_ordering = "-starts_at"
    related = ("season__page", "host", "record")
    search_fields = ("title", "venue", "date_text", "season__page__title", "host__name")
    filterset_class = MeetingFilters
    row_columns = (
        Column("network", label=_("Network"), accessor="season.page.title"),
        Column("season", label=_("Season"), accessor="season.name"),
        Column("starts_at", label=_("Start"), accessor=starts, sort_key="starts_at"),
        Column("venue", label=_("Venue")),
        Column("host", label=_("Host municipality"), accessor="host.name"),
        StatusColumn("state", label=_("State"), accessor=state_label, tone=state_tone),
    )


class MeetingInspectView(InspectView):
    template_name = "networks/backoffice/meeting.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "host", "record")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting = self.instance
        facts = [
            (_("Network"), meeting.season.page.title),
            (_("Season"), meeting.season.name),
            (_("Kind"), meeting.get_kind_display()),
            (_("Start"), starts(meeting)),
            (_("End"), when(meeting.ends_at)),
            (_("Venue"), meeting.venue),
            (_("Host municipality"), meeting.host),
            (_("Room for"), meeting.capacity),
            (_("Included in the fee"), _("Yes") if meeting.included else _("No")),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "status": status_tag(state_label(meeting), state_tone(meeting)),
                **self.people(),
                "hosts": hosts_of(meeting),
                "history": history_of(meeting, ACTION_LABELS),
                **meeting_sections(self.request.user, meeting),
                **kwargs,
            }
        )

    def people(self) -> dict[str, Any]:
        """Who comes. Addresses and links are for those who look after the network's members;
        a host sees the guests who are expected, others every invitation."""
        sees_members = meeting_policy.user_has_permission_for_instance(
            self.request.user, SEE_MEMBERS, self.instance
        )
        expected = attendance.expected_at(self.instance)
        seats = sorted((each for each in expected if not each.is_guest), key=by_organisation)
        guests = self.instance.guests.order_by("name")
        if not sees_members:
            guests = guests.filter(state__in=attendance.EXPECTED_GUESTS)
        return {
            "participants": [self.participant(seat, sees_members) for seat in seats],
            "guests": [self.guest(guest, sees_members) for guest in guests],
            "sees_members": sees_members,
        }

    def participant(self, person: Expected, sees_members: bool) -> dict[str, Any]:
        address = "networks_membership_modeladmin_inspect"
        membership = person.membership
        return {
            "person": person,
            "presence": PRESENCE_LABELS[person.presence],
            "came": came_label(person.came),
            "url": reverse(address, args=[quote(membership.pk)])
            if sees_members and membership
            else "",
        }

    def guest(self, guest: Guest, sees_members: bool) -> dict[str, Any]:
        address = "networks_guest_modeladmin_inspect"
        return {
            "guest": guest,
            "state": status_tag(guest.get_state_display(), guest_tone(guest)),
            "came": came_label(guest.came) if guest.state != GuestState.WITHDRAWN else "",
            "url": reverse(address, args=[quote(guest.pk)]) if sees_members else "",
        }


class MeetingAdmin(RowAdmin):
    model = Meeting
    policy = meeting_policy
    menu_label = _("Meetings")
    menu_icon = "date"
    index_view_class = MeetingIndexView
    inspect_view_class = MeetingInspectView
    pages = (ParticipationView,)
    actions = (
        AttendanceView,
        WalkInView,
        PrintListView,
        BadgesView,
        ExportView,
        InviteGuestView,
        HostsView,
        CancelMeetingView,
    )
