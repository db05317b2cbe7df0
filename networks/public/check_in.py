"""Checking in by personal link, mostly from a QR code: shows; the button (POST) notes who came."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from cms import links
from networks.public.guest_invitation import private
from networks.public.seasons import MeetingView
from networks.services import check_in as services


@never_cache
def check_in(request: HttpRequest, token: str) -> HttpResponse:
    """Works whoever holds the phone; the link says who came."""
    link = links.resolve(token, services.PURPOSE)
    found = services.find(link.subject) if link else None
    if link and found and request.method == "POST":
        found = services.check_in(link.subject)
    if found is None:
        return render(request, "networks/guest/link_expired.html", status=410)
    meeting = found.attendee.meeting
    context = {
        "check_in": found,
        "network": meeting.season.page,
        "meeting": MeetingView(meeting, is_past=False),
    }
    return private(render(request, "networks/guest/check_in.html", context))
