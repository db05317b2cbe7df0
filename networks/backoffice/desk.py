"""What members, meetings and mails have waiting for whoever looks after a network."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext_lazy
from wagtail.admin.ui.components import Component

from cms.backoffice.admin import RowAdmin
from cms.backoffice.desk import ALWAYS, Area, ListEntry
from networks.backoffice.attendance import AttendanceView, when_held
from networks.backoffice.participant_lists import PrintListView
from networks.models import Meeting
from networks.policies import FOLLOW, HANDLE, meeting_policy
from networks.services import attendance, calendar
from networks.services.hosts import hosted_meetings

WEEK = timedelta(days=7)
#: A request to be erased is answered within a month (GDPR article 12, paragraph 3).
ERASURE_IS_URGENT = timedelta(days=20)
AT_MOST_HOSTED = 3


def entries(
    *,
    memberships: RowAdmin,
    join_requests: RowAdmin,
    handovers: RowAdmin,
    erasure_requests: RowAdmin,
    topics: RowAdmin,
    offers: RowAdmin,
    messages: RowAdmin,
) -> list[ListEntry]:
    """The tasks, in the order in which they are shown where none is urgent."""
    return [
        *_of_memberships(memberships),
        _of_the_year_change(memberships),
        _of_names(memberships),
        *_of_requests(join_requests, handovers, erasure_requests),
        *_of_contributions(topics, offers),
        *_of_messages(messages),
    ]


def _of_requests(
    join_requests: RowAdmin, handovers: RowAdmin, erasure_requests: RowAdmin
) -> list[ListEntry]:
    """What people ask for."""
    return [
        ListEntry(
            "joining",
            Area.MEMBERS,
            ngettext_lazy("request to join a membership", "requests to join a membership"),
            join_requests,
            FOLLOW,
            {"state": "waiting"},
            "created_at",
            urgent_after=WEEK,
        ),
        ListEntry(
            "taking_over",
            Area.MEMBERS,
            ngettext_lazy("handover awaits a decision", "handovers await a decision"),
            handovers,
            FOLLOW,
            {"task": "decision"},
            "created_at",
            urgent_after=WEEK,
        ),
        ListEntry(
            "erasure",
            Area.MEMBERS,
            ngettext_lazy("person asks to be erased", "people ask to be erased"),
            erasure_requests,
            "change",
            {"state": "waiting"},
            "created_at",
            urgent_after=ERASURE_IS_URGENT,
        ),
    ]


def _of_memberships(memberships: RowAdmin) -> list[ListEntry]:
    """Approvals, offers, addresses without proof."""
    return [
        ListEntry(
            "approval",
            Area.MEMBERS,
            ngettext_lazy("sign-up awaits approval", "sign-ups await approval"),
            memberships,
            HANDLE,
            {"task": "approval"},
            "signed_up_at",
            urgent_after=WEEK,
        ),
        ListEntry(
            "offers",
            Area.MEMBERS,
            ngettext_lazy("offered place is not answered", "offered places are not answered"),
            memberships,
            HANDLE,
            {"status": "offered"},
            "deadline",
            is_deadline=True,
            urgent_after=timedelta(days=1),
        ),
        ListEntry(
            "paid_unconfirmed",
            Area.MEMBERS,
            ngettext_lazy(
                "member has paid, but the address is not confirmed",
                "members have paid, but the address is not confirmed",
            ),
            memberships,
            HANDLE,
            {"task": "paid_unconfirmed"},
            "activated_at",
            urgent_after=timedelta(days=2),
        ),
    ]


def _of_the_year_change(memberships: RowAdmin) -> ListEntry:
    return ListEntry(
        "held",
        Area.MEMBERS,
        ngettext_lazy(
            "membership is held back at the year change",
            "memberships are held back at the year change",
        ),
        memberships,
        HANDLE,
        {"task": "held"},
        "",
        urgent_after=ALWAYS,
    )


def _of_names(memberships: RowAdmin) -> ListEntry:
    return ListEntry(
        "names",
        Area.MEETINGS,
        ngettext_lazy(
            "membership has seats without names at the next meeting",
            "memberships have seats without names at the next meeting",
        ),
        memberships,
        HANDLE,
        {"task": "names_missing"},
        "",
    )


def _of_contributions(topics: RowAdmin, offers: RowAdmin) -> list[ListEntry]:
    labels = (
        ngettext_lazy("topic has no answer", "topics have no answer"),
        ngettext_lazy("offer from a member has no answer", "offers from members have no answer"),
    )
    return [
        ListEntry(
            key,
            Area.MEETINGS,
            label,
            admin,
            "change",
            {"state": "proposed"},
            "created_at",
            urgent_after=2 * WEEK,
        )
        for key, label, admin in zip(("topics", "talks"), labels, (topics, offers), strict=True)
    ]


def _of_messages(messages: RowAdmin) -> list[ListEntry]:
    return [
        ListEntry(
            "failed",
            Area.MESSAGES,
            ngettext_lazy("mail could not be sent", "mails could not be sent"),
            messages,
            "change",
            {"state": "failed", "handled": "no"},
            "created_at",
            urgent_after=ALWAYS,
        ),
        ListEntry(
            "returning",
            Area.MESSAGES,
            ngettext_lazy(
                "mail came back, and nothing has reached the address since",
                "mails came back, and nothing has reached the address since",
            ),
            messages,
            "change",
            {"task": "returning", "handled": "no"},
            "created_at",
            urgent_after=WEEK,
        ),
    ]


class HostedMeetingsPanel(Component):
    """The meetings that the user hosts: today's and the next ones, with what is needed there."""

    name = "hosted_meetings"
    order = 5
    template_name = "networks/backoffice/hosted_meetings.html"

    def __init__(self, request: HttpRequest, meetings: RowAdmin) -> None:
        self.request = request
        self.meetings = meetings

    def render_html(self, parent_context: Mapping[str, Any] | None = None) -> Any:
        return super().render_html(parent_context) if self.hosted else ""

    @property
    def hosted(self) -> list[Meeting]:
        user = self.request.user
        if not meeting_policy.user_has_permission(user, "view"):
            return []
        if not hasattr(self, "_hosted"):
            coming = hosted_meetings(user.pk or 0, timezone.now())
            self._hosted = list(coming[:AT_MOST_HOSTED])
        return self._hosted

    def get_context_data(self, parent_context: Mapping[str, Any] | None) -> dict[str, Any]:
        return {"meetings": [self._shown(meeting) for meeting in self.hosted]}

    def _shown(self, meeting: Meeting) -> dict[str, Any]:
        assert meeting.starts_at is not None
        is_noted = attendance.may_note(meeting)
        return {
            "meeting": meeting,
            "network": meeting.season.page.title,
            "is_today": timezone.localtime(meeting.starts_at).date() == timezone.localdate(),
            "when": when_held(meeting),
            "place": calendar.place_of(meeting),
            "url": self.meetings.row_url("inspect", meeting.pk),
            "attendance_url": self._address(AttendanceView.name, meeting) if is_noted else "",
            "list_url": self._address(PrintListView.name, meeting),
            "badges_url": self._address("badges", meeting),
        }

    @staticmethod
    def _address(name: str, meeting: Meeting) -> str:
        return reverse(f"networks_meeting_modeladmin_{name}", args=[meeting.pk])
