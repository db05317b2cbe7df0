"""Cancelling a meeting: members are told, calendars take it out, later prices count it no more."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from cms.messages.models import Message
from networks.models import Meeting, MeetingRecord
from networks.services import calendar, meetings, terms
from networks.services.errors import NotPossible
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    coming_meetings,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db


def cancel(meeting, **changes):
    arguments = {"actor": audit.SYSTEM, "reason": "Sygdom", **changes}
    return meetings.cancel_meeting(meeting.pk, **arguments)


@pytest.fixture
def network():
    return make_network()


@pytest.fixture
def meeting(network) -> Meeting:
    return network.seasons.get().meetings.first()


def test_members_are_told_with_a_file_that_takes_it_out_of_their_calendar(network, meeting):
    member = MembershipFactory(network=network)
    for status in ("ended", "waitlisted", "unconfirmed"):
        MembershipFactory(network=network, status=status)
    MembershipFactory()
    cancel(meeting)
    message = Message.objects.get()
    assert (message.template, message.to_email) == ("meeting_cancelled", member.contact.email)
    entry = Calendar.from_ical(message.attachments[0]["content"])
    event = entry.events[0]
    assert entry["method"] == "CANCEL"
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)
    assert event["uid"] == meeting.uid


def test_who_joins_later_pays_for_one_meeting_less(network, meeting):
    cancel(meeting)
    row = network.seasons.get()
    assert terms.quote_for(network, terms.terms_of(network), row.pk).net == LADDER[2]


def test_the_history_says_who_and_why(network, meeting):
    user = make_user(superuser=True)
    cancel(meeting, actor=audit.Actor.by(user), reason="Værten er syg")
    entry = audit.history(meeting).get()
    assert (entry.action, entry.user, entry.reason) == ("meeting.cancelled", user, "Værten er syg")


def test_not_twice(network, meeting):
    MembershipFactory(network=network)
    cancel(meeting)
    with pytest.raises(NotPossible):
        cancel(meeting)
    assert Message.objects.count() == 1
    assert MeetingRecord.objects.get().sequence == 1


def test_not_once_it_has_started():
    yesterday = timezone.now() - timedelta(days=1)
    network = make_network(seasons=[season(meetings=coming_meetings(1, first=yesterday))])
    with pytest.raises(NotPossible):
        cancel(network.seasons.get().meetings.get())


def test_one_whose_date_is_to_be_announced_can_be_cancelled_too():
    later = Meeting(title="Studietur", date_text="September")
    network = make_network(seasons=[season(meetings=[later], ladder={1: 1000})])
    MembershipFactory(network=network)
    cancel(network.seasons.get().meetings.get())
    message = Message.objects.get()
    assert "Studietur September" in message.body
    assert not Calendar.from_ical(message.attachments[0]["content"]).events


def test_the_calendar_keeps_the_uid_when_a_meeting_moves(network, meeting):
    before = Calendar.from_ical(calendar.calendar_of(network, [meeting])).events[0]
    meeting.starts_at += timedelta(days=7)
    meeting.ends_at += timedelta(days=7)
    meeting.save()
    after = Calendar.from_ical(calendar.calendar_of(network, [meeting])).events[0]
    assert before["uid"] == after["uid"]
    assert after["dtstart"].dt - before["dtstart"].dt == timedelta(days=7)


def test_times_in_the_calendar_are_local_with_their_zone(network, meeting):
    event = Calendar.from_ical(calendar.calendar_of(network, [meeting])).events[0]
    assert event["dtstart"].params["tzid"] == "Europe/Copenhagen"
    assert event["dtstart"].dt == meeting.starts_at


def test_the_online_link_is_for_members_and_stands_in_no_public_calendar(network, meeting):
    meeting.online_link = "https://video.example/hemmelig"
    meeting.save()
    assert "hemmelig" not in calendar.calendar_of(network, [meeting])
