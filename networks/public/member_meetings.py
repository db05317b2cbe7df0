"""Meetings and materials of "my membership", and the calendar to subscribe to."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cms.audit import VISITOR
from networks.models import Material, Meeting, Membership, Seat
from networks.public.member_page import Visit, member_page, member_view
from networks.public.seasons import MeetingView
from networks.rules.states import Status
from networks.services import materials, subscriptions
from networks.services.entries import seasons_of


@dataclass(frozen=True)
class MemberMeeting(MeetingView):
    """A meeting as members see it. ``ours``: whom the membership sends."""

    ours: list[Seat] = field(default_factory=list)

    @property
    def materials(self) -> list[Material]:
        return list(self.meeting.materials.all())


@dataclass(frozen=True)
class MemberSeason:
    name: str
    coming: list[MemberMeeting]
    held: list[MemberMeeting]


def seasons_for(membership: Membership) -> list[MemberSeason]:
    """The seasons that the membership has entered, the newest first, in few queries. Of the coming
    meetings the next one is first, of those held the last one."""
    seasons = list(seasons_of(membership))
    rows = Meeting.objects.filter(season__in=seasons).select_related("host", "record")
    ours: dict[int, list[Seat]] = defaultdict(list)
    own = Seat.objects.current().filter(membership=membership).order_by("is_extra", "number", "pk")
    for seat in own.select_related("participant"):
        ours[seat.meeting_id].append(seat)
    now = timezone.now()
    views: dict[int, list[MemberMeeting]] = defaultdict(list)
    by_date = rows.prefetch_related("programme", "materials").order_by(
        F("starts_at").asc(nulls_last=True), "sort_order", "pk"
    )
    for row in by_date:
        is_past = row.starts_at is not None and row.starts_at <= now
        views[row.season_id].append(MemberMeeting(row, is_past, ours[row.pk]))
    return [
        MemberSeason(
            season.name,
            [view for view in views[season.pk] if not view.is_past],
            [view for view in reversed(views[season.pk]) if view.is_past],
        )
        for season in reversed(seasons)
    ]


@member_view()
def meetings(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The meetings of the seasons entered, with what is for members only."""
    return _meetings_page(request, visit)


def _meetings_page(request: HttpRequest, visit: Visit, new_token: str = "") -> HttpResponse:
    if visit.membership.state != Status.ACTIVE:
        return redirect("membership", token=visit.token)
    context: dict[str, Any] = {
        "seasons": seasons_for(visit.membership),
        "has_calendar": subscriptions.has_address(visit.membership, visit.address),
    }
    if new_token:
        path = reverse("membership_calendar", args=[new_token])
        context["calendar_address"] = request.build_absolute_uri(path)
        context["webcal_address"] = f"webcal://{request.get_host()}{path}"
    return member_page(request, visit, "networks/my/meetings.html", context)


@member_view()
@require_POST
def make_calendar(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A new calendar address, shown this once: it is kept only as a hash."""
    token = subscriptions.make_address(visit.membership.pk, address=visit.address, actor=VISITOR)
    return _meetings_page(request, visit, new_token=token)


@member_view()
@require_safe
def material(request: HttpRequest, visit: Visit, key: int) -> HttpResponseBase:
    """A file of the network's, for its active members; there is no other way to it."""
    row = get_object_or_404(
        Material.objects.exclude(file=""),
        pk=key,
        meeting__season__page=visit.membership.network_id,
    )
    if visit.membership.state != Status.ACTIVE:
        raise Http404
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, as_attachment=True, filename=materials.download_name(row))
    response["X-Content-Type-Options"] = "nosniff"
    return response
