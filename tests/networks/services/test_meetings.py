"""Cancelling a meeting: members are told, calendars take it out, later prices count it no more."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from cms.messages.models import Message
from networks.models import Guest, Meeting, MeetingRecord, Seat
from networks.services import calendar, changes, meetings, terms
from networks.services.errors import NotPossible
from tests.factories.meeting_day import SeatFactory
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


def test_a_contact_is_told_where_nobody_is_named_with_a_file_that_takes_it_out(network, meeting):
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


def test_participants_are_told_once_each_and_their_seats_are_given_back(network, meeting):
    seats = [SeatFactory(meeting=meeting) for _turn in range(2)]
    membership = seats[0].membership
    seats.append(SeatFactory(membership=membership, meeting=meeting))
    SeatFactory(membership=membership, meeting=meeting, released_at=timezone.now())
    others = network.seasons.get().meetings.exclude(pk=meeting.pk)
    elsewhere = SeatFactory(membership=membership, meeting=others.first())
    cancel(meeting)
    told = Message.objects.values_list("to_email", flat=True)
    assert sorted(told) == sorted(seat.participant.email for seat in seats)
    assert not Seat.objects.current().filter(meeting=meeting).exists()
    elsewhere.refresh_from_db()
    assert elsewhere.released_at is None


def test_guests_who_are_expected_are_told_and_only_who_accepted_has_it_in_the_calendar(
    network, meeting
):
    states = ["invited", "accepted", "declined", "withdrawn"]
    for state in states:
        Guest.objects.create(
            meeting=meeting, name="Taler", email=f"{state}@taler.example", state=state
        )
    cancel(meeting)
    told = {row.to_email: len(row.attachments) for row in Message.objects.all()}
    assert told == {"invited@taler.example": 0, "accepted@taler.example": 1}
    assert set(Message.objects.values_list("template", flat=True)) == {"guest_meeting_cancelled"}


def test_cancelled_with_a_change_nobody_was_told_of_yet_it_is_the_highest_number(network, meeting):
    MembershipFactory(network=network)
    changes.tell_changes(network.pk)
    Meeting.objects.filter(pk=meeting.pk).update(venue="Et andet sted")
    cancel(meeting)
    assert MeetingRecord.objects.get(meeting=meeting).sequence == 2
    assert changes.tell_changes(network.pk) == 0


def test_one_that_lost_its_date_leaves_the_calendars_that_still_show_it(network, meeting):
    MembershipFactory(network=network)
    changes.tell_changes(network.pk)
    starts_at = meeting.starts_at
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=None, ends_at=None, date_text="Senere")
    cancel(meeting)
    event = Calendar.from_ical(Message.objects.get().attachments[0]["content"]).events[0]
    assert (event["dtstart"].dt, event["sequence"]) == (starts_at, 2)


def test_before_it_is_cancelled_one_sees_what_follows(network, meeting):
    SeatFactory(meeting=meeting)
    found = meetings.outlook(
        Meeting.objects.select_related("season__page", "record").get(pk=meeting.pk)
    )
    assert (found.participants, found.notices) == (1, 1)
    assert (found.fee_before, found.fee_after) == (LADDER[3], LADDER[2])
    assert found.reminder_on == timezone.localdate(meeting.starts_at) - timedelta(days=7)


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
    assert not message.attachments


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
