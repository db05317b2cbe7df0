"""Turnout per meeting, and what each municipality used of its seats."""

from datetime import timedelta

import pytest
from django.utils import timezone

from networks.models import GuestState, MeetingRecord
from networks.services.participation import participation_in
from tests.factories.meeting_day import GuestFactory, SeatFactory, network_with
from tests.factories.networks import MembershipFactory, MunicipalityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    """Two meetings held, one to come; two seats at each."""
    now = timezone.now()
    return network_with(*(now + timedelta(days=days) for days in (-20, -10, 10)))


@pytest.fixture
def season(network):
    return network.seasons.get()


@pytest.fixture
def meetings(season):
    return list(season.meetings.order_by("starts_at"))


def member(network, name, *, since=100, **facts):
    facts.setdefault("activated_at", timezone.now() - timedelta(days=since))
    municipality = MunicipalityFactory(name=name)
    return MembershipFactory(network=network, municipality=municipality, **facts)


def seat(membership, meeting, came=None, **facts):
    return SeatFactory(membership=membership, meeting=meeting, came=came, **facts)


def test_a_meeting_counts_named_came_stayed_away_and_its_guests(network, season, meetings):
    membership = member(network, "Vejle")
    for came in (True, True, False, None):
        seat(membership, meetings[0], came)
    seat(membership, meetings[0], True, released_at=timezone.now())
    for state, came in (
        (GuestState.ACCEPTED, True),
        (GuestState.ACCEPTED, None),
        (GuestState.INVITED, True),
        (GuestState.INVITED, None),
        (GuestState.DECLINED, None),
    ):
        GuestFactory(meeting=meetings[0], state=state, came=came)
    turnout = participation_in(season).meetings[0]
    assert (turnout.named, turnout.came, turnout.stayed_away, turnout.not_noted) == (4, 2, 1, 1)
    assert (turnout.rate, turnout.guests, turnout.guests_came) == (67, 3, 2)


def test_a_municipality_counts_meetings_people_and_unused_seats(network, season, meetings):
    vejle, aarhus = member(network, "Vejle"), member(network, "Aarhus")
    seat(vejle, meetings[0], True)
    seat(vejle, meetings[0], True)
    seat(vejle, meetings[0], True, is_extra=True)
    seat(vejle, meetings[1], False)
    seat(vejle, meetings[2])
    rows = participation_in(season).organisations
    assert [row.organisation for row in rows] == ["Vejle", "Aarhus"]
    first, second = rows
    assert (first.meetings, first.named, first.came, first.stayed_away) == (1, 4, 3, 1)
    assert (first.unused, second.unused, second.meetings) == (1, 4, 0)
    assert aarhus.municipality.name == second.organisation


def test_seats_are_owed_while_the_membership_runs(network, season, meetings):
    member(network, "Nyby", since=15)
    today = timezone.localdate()
    member(
        network,
        "Gammelby",
        status="ended",
        cancelled_at=timezone.now(),
        ends_on=today - timedelta(days=15),
    )
    member(network, "Ventelev", status="waitlisted", activated_at=None)
    unused = {row.organisation: row.unused for row in participation_in(season).organisations}
    assert unused == {"Nyby": 2, "Gammelby": 2}


def test_without_a_number_of_seats_none_is_unused(network, season, meetings):
    season.seats_per_meeting = None
    season.save()
    seat(member(network, "Vejle"), meetings[0], True)
    participation = participation_in(season)
    assert participation.organisations[0].unused is None
    assert participation.organisations_total["unused"] is None


def test_cancelled_meetings_are_left_out(network, season, meetings):
    seat(member(network, "Vejle"), meetings[0], True)
    MeetingRecord.objects.create(meeting=meetings[0], cancelled_at=timezone.now())
    participation = participation_in(season)
    assert [turnout.meeting for turnout in participation.meetings] == meetings[1:]
    assert participation.total["came"] == 0
    assert participation.organisations[0].unused == 2


def test_both_tables_have_the_same_people_in_total(network, season, meetings):
    for name, came in (("Vejle", True), ("Vejle", False), ("Aarhus", True)):
        seat(member(network, name), meetings[1], came)
    late = member(network, "Sentved", since=1)
    seat(late, meetings[0], True)
    participation = participation_in(season)
    for name in ("named", "came", "stayed_away"):
        assert participation.total[name] == participation.organisations_total[name]
    assert participation.total["rate"] == 75


def test_it_takes_the_same_few_queries_whatever_the_number(
    network, season, meetings, django_assert_num_queries
):
    for number in range(6):
        membership = member(network, f"By {number}")
        for meeting in meetings:
            seat(membership, meeting, True)
    with django_assert_num_queries(4):
        participation = participation_in(season)
        assert participation.total["named"] == 18
        assert [turnout.meeting.label for turnout in participation.meetings]
        assert participation.organisations_total["meetings"] == 12
