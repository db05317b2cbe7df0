"""Meetings as iCalendar (RFC 5545): UID fixed, SEQUENCE rising, cancellations told."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags
from icalendar import Calendar, Event

from cms.messages.outbox import Attachment
from networks.models import Meeting, NetworkPage

CONTENT_TYPE = "text/calendar; charset=utf-8"


def place_of(meeting: Meeting) -> str:
    """Venue and host municipality in one line. The online link is for members only."""
    host = meeting.host.official_name if meeting.host else ""
    return ", ".join(part for part in (meeting.venue, host) if part)


def _event(meeting: Meeting, network: NetworkPage) -> Event:
    event = Event()
    event.add("uid", meeting.uid)
    event.add("dtstamp", timezone.now())
    event.add("summary", f"{network.title}: {meeting.title or meeting.get_kind_display()}")
    event.add("dtstart", timezone.localtime(meeting.starts_at))
    event.add("dtend", timezone.localtime(meeting.ends_at))
    record: Any = getattr(meeting, "record", None)
    event.add("sequence", record.sequence if record else 0)
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    if place_of(meeting):
        event.add("location", place_of(meeting))
    description = strip_tags(str(meeting.agenda)).strip()
    if description:
        event.add("description", description)
    event.add("url", network.full_url or settings.WAGTAILADMIN_BASE_URL)
    return event


def calendar_of(network: NetworkPage, meetings: list[Meeting], method: str = "PUBLISH") -> str:
    """A calendar of the dated meetings, as text."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kommunenetvaerk//DA")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add("x-wr-calname", network.title)
    for meeting in meetings:
        if meeting.starts_at:
            calendar.add_component(_event(meeting, network))
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode())


def coming_meetings(network: NetworkPage, now: datetime | None = None) -> list[Meeting]:
    """The network's dated meetings that have not ended, cancelled ones too, by date."""
    return list(
        Meeting.objects.filter(season__page=network, ends_at__gte=now or timezone.now())
        .select_related("host", "record")
        .order_by("starts_at")
    )


def attachment(network: NetworkPage) -> Attachment:
    """The network's coming meetings as an attachment of a mail."""
    meetings = [meeting for meeting in coming_meetings(network) if not meeting.is_cancelled]
    return Attachment("moeder.ics", CONTENT_TYPE, calendar_of(network, meetings))


def cancellation(meeting: Meeting) -> Attachment:
    """Takes one cancelled meeting out of the recipient's calendar."""
    network = meeting.season.page
    return Attachment("aflyst.ics", CONTENT_TYPE, calendar_of(network, [meeting], "CANCEL"))
