"""Meetings as calendar files, and calendars to subscribe to.

Public ones hold public facts only; a membership's own is opened by a secret address.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from networks.models import Meeting, NetworkPage
from networks.public.personal_link import kept_private
from networks.services import calendar, subscriptions
from networks.services.subscriptions import Feed


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


def _conditional(request: HttpRequest, feed: Feed, filename: str) -> HttpResponseBase:
    """The calendar, or 304 where the program has it already (RFC 9110)."""
    response = _response(filename, feed.text)
    response["ETag"] = feed.etag
    modified = int(feed.changed_at.timestamp()) if feed.changed_at else None
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    return (
        get_conditional_response(request, etag=feed.etag, last_modified=modified, response=response)
        or response
    )


@require_safe
def network(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """All coming meetings of a published network, as a file or to subscribe to."""
    page = get_object_or_404(NetworkPage.objects.live(), pk=page_id)
    return _conditional(request, subscriptions.feed_of_network(page), f"{page.slug}.ics")


@require_safe
def membership(request: HttpRequest, token: str) -> HttpResponseBase:
    """The meetings of one membership, with their online links, for a calendar program."""
    feed = subscriptions.feed_of_membership(token)
    if feed is None:
        gone = HttpResponse(
            _("This calendar address can't be used any more."),
            status=410,
            content_type="text/plain; charset=utf-8",
        )
        return kept_private(gone)
    response = _conditional(request, feed, "mine-moeder.ics")
    patch_cache_control(response, private=True, no_cache=True)
    return kept_private(response)
