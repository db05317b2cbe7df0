"""Meetings in the administration: they are edited on the network's page, and cancelled here."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _t
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
from cms.backoffice.rows import ActionView, InspectView
from networks.backoffice.actions import ReasonForm, ServicePage
from networks.backoffice.filters import MeetingFilters
from networks.backoffice.membership_page import when
from networks.backoffice.wording import ACTION_LABELS
from networks.models import Meeting, Participant
from networks.policies import meeting_policy, membership_policy
from networks.rules.states import Status
from networks.services.meetings import cancel_meeting


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
            (_("Included in the fee"), _("Yes") if meeting.included else _("No")),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "status": status_tag(state_label(meeting), state_tone(meeting)),
                "participants": self.participants(),
                "history": history_of(meeting, ACTION_LABELS),
                **kwargs,
            }
        )

    def participants(self) -> QuerySet[Participant]:
        """Who comes: standing participants of active memberships, and those with a seat."""
        memberships = membership_policy.instances_user_has_permission_for(
            self.request.user, "view"
        ).filter(network=self.instance.season.page_id, status=Status.ACTIVE)
        return (
            Participant.objects.filter(membership__in=memberships)
            .filter(Q(standing=True) | Q(seats__meeting=self.instance))
            .select_related("membership__municipality", "membership__contact")
            .annotate(seat_count=Count("seats"))
            .order_by("membership__municipality__sort_key", "name")
        )


class CancelMeetingView(ServicePage, ActionView):
    name = "cancel"
    label = _("Cancel the meeting")
    icon_name = "calendar-alt"
    form_class = ReasonForm
    is_serious = True
    success_message = _("The meeting is cancelled; the members are told by e-mail.")

    @classmethod
    def fits(cls, instance: Meeting) -> bool:
        return not instance.is_cancelled and not has_started(instance)

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "record")

    def explanation(self) -> str:
        return _t(
            "Members are told, the meeting leaves their calendars, and it no longer counts for "
            "the price of those who join later. This can't be undone."
        )

    def perform(self, data: dict[str, Any]) -> None:
        cancel_meeting(self.instance.pk, actor=self.actor, reason=data["reason"])


class MeetingAdmin(RowAdmin):
    model = Meeting
    policy = meeting_policy
    menu_label = _("Meetings")
    menu_icon = "date"
    index_view_class = MeetingIndexView
    inspect_view_class = MeetingInspectView
    actions = (CancelMeetingView,)
