"""Who is expected at a meeting, and noting who came."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms import audit
from networks.models import GuestState, MeetingRecord, Seat
from networks.services import attendance
from networks.services.attendance import Mark, by_organisation
from networks.services.errors import NotPossible
from tests.factories.meeting_day import GuestFactory, SeatFactory, meeting_at, meeting_today
from tests.factories.networks import MembershipFactory, MunicipalityFactory, ParticipantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_today()


@pytest.fixture
def seat(meeting):
    return SeatFactory(meeting=meeting)


def note(meeting, key, came, *, ago=0, **changes):
    noted = timezone.now() - timedelta(minutes=ago)
    marks = [Mark(key, came, noted)]
    attendance.note(meeting.pk, marks, actor=audit.SYSTEM, **changes)


def came(row):
    row.refresh_from_db()
    return row.came


def test_whoever_has_a_seat_is_expected_and_guests_who_have_not_said_no(meeting, seat):
    SeatFactory(meeting=meeting, released_at=timezone.now())
    for status in ("waitlisted", "unconfirmed", "rejected"):
        membership = MembershipFactory(network=meeting.season.page, status=status)
        SeatFactory(meeting=meeting, membership=membership)
    left = MembershipFactory(network=meeting.season.page, status="ended")
    ended = SeatFactory(meeting=meeting, membership=left)
    guests = [GuestFactory(meeting=meeting, state=state) for state in GuestState]
    SeatFactory()
    keys = {person.key for person in attendance.expected_at(meeting)}
    assert keys == {
        f"seat:{seat.pk}",
        f"seat:{ended.pk}",
        f"guest:{guests[0].pk}",
        f"guest:{guests[1].pk}",
    }
    assert [guest.state for guest in guests[:2]] == ["invited", "accepted"]


def test_people_stand_in_danish_order(meeting):
    for name in ("Åse", "Anna", "Ære", "Øjvind", "Aage", "Zita"):
        membership = MembershipFactory(network=meeting.season.page)
        participant = ParticipantFactory(membership=membership, name=name)
        SeatFactory(meeting=meeting, membership=membership, participant=participant)
    names = [person.name for person in attendance.expected_at(meeting)]
    assert names == ["Anna", "Zita", "Ære", "Øjvind", "Aage", "Åse"]


def test_the_list_by_municipality_has_each_ones_people_by_name_and_guests_last(meeting):
    for place, name in (("Ærø", "Bo"), ("Aarhus", "Ib"), ("Vejle", "Ulla"), ("Vejle", "Eva")):
        municipality = MunicipalityFactory(name=place)
        membership = MembershipFactory(network=meeting.season.page, municipality=municipality)
        participant = ParticipantFactory(membership=membership, name=name)
        SeatFactory(meeting=meeting, membership=membership, participant=participant)
    GuestFactory(meeting=meeting, name="Anna", organisation="Arkitekterne")
    people = sorted(attendance.expected_at(meeting), key=by_organisation)
    assert [person.name for person in people] == ["Eva", "Ulla", "Bo", "Ib", "Anna"]


def test_the_later_mark_holds_whatever_the_order_they_arrive_in(meeting, seat):
    key = f"seat:{seat.pk}"
    note(meeting, key, True, ago=5)
    note(meeting, key, False, ago=9)
    assert came(seat) is True
    note(meeting, key, None, ago=1)
    assert came(seat) is None
    note(meeting, key, True, ago=2)
    assert came(seat) is None


def test_the_same_mark_sent_twice_is_noted_once(meeting, seat):
    mark = Mark(f"seat:{seat.pk}", True, timezone.now())
    for _turn in range(2):
        attendance.note(meeting.pk, [mark], actor=audit.SYSTEM)
    assert came(seat) is True
    assert audit.history(seat).count() == 1


def test_guests_are_noted_too(meeting):
    guest = GuestFactory(meeting=meeting)
    note(meeting, f"guest:{guest.pk}", True)
    assert came(guest) is True


@pytest.mark.parametrize(
    "key", ["", "seat:", "seat:x", "seat:²", "seat:" + "9" * 30, "x:1", "seat"]
)
def test_what_is_no_row_is_dropped(meeting, key):
    note(meeting, key, True)
    assert not Seat.objects.filter(came=True).exists()


def test_rows_of_another_meeting_and_seats_given_back_are_not_touched(meeting):
    other = SeatFactory()
    given_back = SeatFactory(meeting=meeting, released_at=timezone.now())
    declined = GuestFactory(meeting=meeting, state=GuestState.DECLINED)
    for key in (f"seat:{other.pk}", f"seat:{given_back.pk}", f"guest:{declined.pk}"):
        note(meeting, key, True)
    assert [came(row) for row in (other, given_back, declined)] == [None] * 3


@pytest.mark.parametrize(
    ("days", "late", "allowed"),
    [
        (3, False, False),
        (1, False, True),
        (-29, False, True),
        (-32, False, False),
        (-32, True, True),
    ],
)
def test_only_in_the_days_around_the_meeting(days, late, allowed):
    meeting = meeting_at(timezone.now() + timedelta(days=days))
    seat = SeatFactory(meeting=meeting)
    if allowed:
        note(meeting, f"seat:{seat.pk}", True, late=late)
    else:
        with pytest.raises(NotPossible):
            note(meeting, f"seat:{seat.pk}", True, late=late)
    assert came(seat) is (True if allowed else None)


def test_not_at_a_cancelled_meeting(meeting, seat):
    MeetingRecord.objects.create(meeting=meeting, cancelled_at=timezone.now())
    with pytest.raises(NotPossible):
        note(meeting, f"seat:{seat.pk}", True)


def test_noting_takes_few_queries_whatever_the_number(meeting, django_assert_max_num_queries):
    seats = [SeatFactory(meeting=meeting, came=True) for _turn in range(6)]
    marks = [Mark(f"seat:{seat.pk}", True, timezone.now()) for seat in seats]
    with django_assert_max_num_queries(5 + len(seats)):
        attendance.note(meeting.pk, marks, actor=audit.SYSTEM)
