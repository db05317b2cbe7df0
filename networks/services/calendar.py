"""Meetings as iCalendar (RFC 5545): UID fixed, SEQUENCE rising, cancellations told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vUri

from cms.messages.outbox import Attachment
from networks.models import Guest, Meeting, MeetingRecord, NetworkPage, Participant, Person

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=6)
#: To whom a personal file may go: name and address are what it says of them.
Attendee = Participant | Guest | Person


def place_of(meeting: Meeting) -> str:
    """Venue and host municipality in one line. The online link is for members only."""
    host = meeting.host.official_name if meeting.host else ""
    return ", ".join(part for part in (meeting.venue, host) if part)


@dataclass(frozen=True)
class Said:
    """What a calendar says of a meeting as far as people arrange themselves by it.

    ``place``: ``place_of``. Titles and agendas change without anybody being told.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    place: str
    online_link: str


def said_of(meeting: Meeting) -> Said:
    """What the published meeting says now."""
    return Said(meeting.starts_at, meeting.ends_at, place_of(meeting), meeting.online_link)


def told_of(meeting: Meeting) -> Said | None:
    """What people were last told of it; None: nothing yet."""
    record: MeetingRecord | None = getattr(meeting, "record", None)
    if record is None or record.told_at is None:
        return None
    return Said(
        record.told_starts_at, record.told_ends_at, record.told_place, record.told_online_link
    )


def sequence_of(meeting: Meeting) -> int:
    """The SEQUENCE of what the meeting says now. A change that is published and not told yet
    counts already: whoever fetches the calendar meanwhile and is mailed later gets one number."""
    record: MeetingRecord | None = getattr(meeting, "record", None)
    if record is None:
        return 0
    is_news = not meeting.is_cancelled and told_of(meeting) not in (None, said_of(meeting))
    return record.sequence + int(is_news)


def note_told(meetings: Iterable[Meeting]) -> None:
    """What goes into somebody's calendar for the first time is what people were told."""
    new = [meeting for meeting in meetings if told_of(meeting) is None]
    keys = [meeting.pk for meeting in new]
    MeetingRecord.objects.bulk_create(
        [MeetingRecord(meeting_id=key) for key in sorted(keys)], ignore_conflicts=True
    )
    for meeting in sorted(new, key=lambda row: row.pk):
        untold = MeetingRecord.objects.filter(meeting=meeting, told_at__isnull=True)
        untold.update(**told_fields(said_of(meeting)))


def told_fields(said: Said) -> dict[str, Any]:
    """The columns of ``MeetingRecord`` that keep it as told now."""
    return {
        "told_starts_at": said.starts_at,
        "told_ends_at": said.ends_at,
        "told_place": said.place,
        "told_online_link": said.online_link,
        "told_at": timezone.now(),
    }


def _event(
    meeting: Meeting, network: NetworkPage, dates: tuple[datetime, datetime] | None = None
) -> Event:
    starts_at, ends_at = dates or (meeting.starts_at, meeting.ends_at)
    event = Event()
    event.add("uid", meeting.uid)
    event.add("dtstamp", timezone.now())
    event.add("summary", f"{network.title}: {meeting.title or meeting.get_kind_display()}")
    event.add("dtstart", timezone.localtime(starts_at))
    event.add("dtend", timezone.localtime(ends_at))
    event.add("sequence", sequence_of(meeting))
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    if place_of(meeting):
        event.add("location", place_of(meeting))
    description = strip_tags(str(meeting.agenda)).strip()
    if description:
        event.add("description", description)
    event.add("url", network.full_url or settings.WAGTAILADMIN_BASE_URL)
    return event


def calendar_of(
    network: NetworkPage,
    meetings: list[Meeting],
    method: str = "PUBLISH",
    *,
    for_members: bool = False,
) -> str:
    """A calendar of the dated meetings, as text. ``for_members``: with the online links."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kommunenetvaerk//DA")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add("x-wr-calname", network.title)
    # How often a program that subscribes should ask (RFC 7986; the other is what most read).
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for meeting in meetings:
        if meeting.starts_at:
            event = _event(meeting, network)
            if for_members:
                _add_online_link(event, meeting)
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode())


def _add_online_link(event: Event, meeting: Meeting) -> None:
    """How to take part from afar; as a CONFERENCE too (RFC 7986)."""
    link = meeting.online_link
    if not link or meeting.is_cancelled:
        return
    text = _("Take part online: %(link)s") % {"link": link}
    described = event.pop("description", None)
    event.add("description", f"{described}\n\n{text}" if described else text)
    event.add("conference", vUri(link), parameters={"VALUE": "URI"})
    if "location" not in event:
        event.add("location", link)


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
    note_told(meetings)
    return Attachment("moeder.ics", CONTENT_TYPE, calendar_of(network, meetings))


# To one participant (RFC 5546) --------------------------------------------------------------------


def organiser_of(network: NetworkPage) -> vCalAddress:
    """Who invites: the network's first contact person, or the sender of the site's mails."""
    contact = network.facts.contact_people.first()
    if contact:
        return _calendar_address(contact.name, contact.email)
    return _calendar_address(*parseaddr(settings.DEFAULT_FROM_EMAIL))


def _calendar_address(name: str, address: str, **parameters: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params.update({"CN": " ".join(name.split()), **parameters})
    return person


def invitation(meeting: Meeting, participant: Attendee) -> Attachment:
    """Asks one participant to a dated meeting (METHOD:REQUEST), with its online link.

    One meeting a file: the events of a request all have one UID (RFC 5546 § 3.2.2).
    """
    note_told([meeting])
    event = _event(meeting, meeting.season.page)
    if meeting.online_link:
        description = str(event.pop("description", ""))
        event.add("description", f"{description}\n\n{meeting.online_link}".strip())
    return _personal(event, meeting, participant, "REQUEST", f"moede-{meeting.pk}.ics")


def withdrawal(
    meeting: Meeting, participant: Attendee, dates: tuple[datetime, datetime] | None = None
) -> Attachment:
    """Takes a meeting out of one participant's calendar (METHOD:CANCEL): it is cancelled, or held
    without them. ``dates``: of one that has none any more, those that the calendar has."""
    event = _event(meeting, meeting.season.page, dates)
    event["status"] = "CANCELLED"
    return _personal(event, meeting, participant, "CANCEL", f"afbud-{meeting.pk}.ics")


def _personal(
    event: Event, meeting: Meeting, participant: Attendee, method: str, filename: str
) -> Attachment:
    event["organizer"] = organiser_of(meeting.season.page)
    event.add(
        "attendee",
        _calendar_address(
            participant.name,
            participant.email,
            ROLE="REQ-PARTICIPANT",
            PARTSTAT="DECLINED" if method == "CANCEL" else "ACCEPTED",
            RSVP="FALSE",
        ),
        encode=False,
    )
    calendar = Calendar()
    calendar.add("prodid", "-//Kommunenetvaerk//DA")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    content_type = f"{CONTENT_TYPE}; method={method}"
    return Attachment(filename, content_type, str(calendar.to_ical().decode()))
