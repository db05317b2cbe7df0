"""Meetings as calendar files; public facts only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from networks.models import Meeting, NetworkPage
from networks.services import calendar


def _response(filename: str, content: str) -> HttpResponse:
    response = HttpResponse(content, content_type=calendar.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


@require_safe
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """One dated meeting of a published network."""
    row = get_object_or_404(
        Meeting.objects.select_related("season__page", "host", "record"),
        pk=meeting_id,
        starts_at__isnull=False,
        season__page__live=True,
    )
    network = row.season.page
    return _response(f"moede-{row.pk}.ics", calendar.calendar_of(network, [row]))


@require_safe
def network(request: HttpRequest, page_id: int) -> HttpResponse:
    """All coming meetings of a published network."""
    page = get_object_or_404(NetworkPage.objects.live(), pk=page_id)
    meetings = calendar.coming_meetings(page)
    return _response(f"{page.slug}.ics", calendar.calendar_of(page, meetings))
