"""Checking in by personal link on the meeting's day."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from cms import audit
from cms.audit import reference
from networks.models import GuestState, MeetingRecord
from networks.services import check_in
from networks.services.check_in import CheckInState
from tests.factories.meeting_day import (
    GuestFactory,
    SeatFactory,
    meeting_at,
    meeting_today,
    network_with,
)
from tests.factories.networks import MembershipFactory

pytestmark = pytest.mark.django_db


def state(attendee):
    return check_in.find(reference(attendee)).state


def test_a_participant_checks_in_once():
    seat = SeatFactory()
    assert state(seat) == CheckInState.OPEN
    for _turn in range(2):
        assert check_in.check_in(reference(seat)).state == CheckInState.DONE
    seat.refresh_from_db()
    assert seat.came is True
    assert audit.history(seat).get().action == "attendance.checked_in"


def test_who_was_noted_as_missing_and_comes_late_checks_in():
    seat = SeatFactory(came=False, came_noted_at=timezone.now() - timedelta(minutes=5))
    assert check_in.check_in(reference(seat)).state == CheckInState.DONE


def test_guests_who_accepted_check_in_too():
    guest = GuestFactory()
    assert check_in.check_in(reference(guest)).state == CheckInState.DONE
    invited = GuestFactory(state=GuestState.INVITED)
    assert check_in.check_in(reference(invited)).state == CheckInState.NOT_COMING


@pytest.mark.parametrize(
    ("until_start", "expected"),
    [
        (timedelta(hours=3, minutes=5), CheckInState.TOO_EARLY),
        (timedelta(hours=2, minutes=55), CheckInState.OPEN),
        (timedelta(days=-2), CheckInState.OVER),
    ],
)
def test_it_opens_three_hours_before_the_start(until_start, expected):
    seat = SeatFactory(meeting=meeting_at(timezone.now() + until_start))
    found = check_in.find(reference(seat))
    assert found.state == expected
    assert found.opens_at == seat.meeting.starts_at - timedelta(hours=3)
    check_in.check_in(reference(seat))
    seat.refresh_from_db()
    assert seat.came is (True if expected == CheckInState.OPEN else None)


def test_it_stays_open_until_the_end_of_the_day():
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time(0, 1)))
    meeting = meeting_at(midnight)
    meeting.ends_at = midnight + timedelta(minutes=1)
    meeting.save()
    assert state(SeatFactory(meeting=meeting)) == CheckInState.OPEN


def test_without_a_date_there_is_nothing_to_check_in_to():
    meeting = meeting_today()
    meeting.starts_at = meeting.ends_at = None
    meeting.save()
    seat = SeatFactory(meeting=meeting)
    assert check_in.check_in(reference(seat)).state == CheckInState.UNDATED
    assert check_in.check_in_link(seat).days > 300


def test_a_cancelled_meeting_and_a_seat_given_back_say_so():
    cancelled = SeatFactory()
    MeetingRecord.objects.create(meeting=cancelled.meeting, cancelled_at=timezone.now())
    released = SeatFactory(released_at=timezone.now())
    meeting = meeting_today()
    ended = SeatFactory(
        meeting=meeting,
        membership=MembershipFactory(network=meeting.season.page, status="ended"),
    )
    assert check_in.check_in(reference(cancelled)).state == CheckInState.CANCELLED
    assert check_in.check_in(reference(released)).state == CheckInState.NOT_COMING
    assert check_in.check_in(reference(ended)).state == CheckInState.NOT_COMING


def test_a_row_that_is_gone_is_not_found():
    seat = SeatFactory()
    subject = reference(seat)
    seat.delete()
    for gone in (subject, "", "networks.seat:x", "networks.membership:1"):
        assert check_in.find(gone) is None
        assert check_in.check_in(gone) is None


def test_the_link_works_until_the_meeting_is_over():
    seat = SeatFactory(meeting=meeting_at(timezone.now() + timedelta(days=10)))
    link = check_in.check_in_link(seat)
    assert link.qr
    assert 10 < link.days < 15
    assert link.subject == reference(seat)


class TestOneCodeForAllMeetings:
    """The invitation's code is the participant's: on each meeting's day it is that meeting's."""

    def two_seats(self):
        now = timezone.now().replace(microsecond=0)
        network = network_with(now - timedelta(days=30), now, now + timedelta(days=30))
        past, today, later = network.seasons.get().meetings.order_by("starts_at")
        first = SeatFactory(meeting=past)
        person, membership = first.participant, first.membership
        today_seat, later_seat = (
            SeatFactory(meeting=meeting, membership=membership, participant=person)
            for meeting in (today, later)
        )
        return first, today_seat, later_seat

    def test_it_checks_in_at_todays(self):
        past, today, later = self.two_seats()
        assert check_in.check_in(reference(today.participant)).state == CheckInState.DONE
        came = [self.fresh(seat).came for seat in (past, today, later)]
        assert came == [None, True, None]

    def test_a_cancelled_one_gives_way_to_the_next(self):
        _past, today, later = self.two_seats()
        MeetingRecord.objects.create(meeting=today.meeting, cancelled_at=timezone.now())
        found = check_in.find(reference(today.participant))
        assert (found.attendee, found.state) == (later, CheckInState.TOO_EARLY)

    def test_without_any_seat_there_is_nothing(self):
        past, today, later = self.two_seats()
        type(past).objects.update(released_at=timezone.now())
        assert check_in.find(reference(today.participant)) is None

    def fresh(self, seat):
        seat.refresh_from_db()
        return seat
