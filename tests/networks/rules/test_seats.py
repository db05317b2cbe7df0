"""Seats at a meeting: which is the next one, what it costs, and until when it can be changed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from networks.rules.eligibility import Policy, participant_may_come
from networks.rules.pricing import TariffKind
from networks.rules.seats import (
    SeatOffer,
    SeatTerms,
    can_be_changed,
    change_deadline,
    extra_seat,
    has_started,
    is_within,
    usual_seat,
)

START = datetime(2027, 3, 4, 8, 30, tzinfo=UTC)
FEE = TariffKind.SEASON_FEE
SOLD = TariffKind.PER_PERSON_PER_MEETING


@pytest.mark.parametrize(
    ("taken", "number"),
    [([], 1), ([1], 2), ([2], 1), ([1, 2], None), ([None, None], None), ([None], 1)],
)
def test_the_smallest_free_number_of_two_is_next(taken, number):
    offer = usual_seat(SeatTerms(FEE, limit=2), taken)
    assert offer == (None if number is None else SeatOffer(number=number))


def test_more_than_the_limit_from_before_there_was_one_leave_none():
    assert usual_seat(SeatTerms(FEE, limit=2), [None, None, None]) is None


def test_without_a_limit_there_is_always_one_without_a_number():
    assert usual_seat(SeatTerms(FEE), [None] * 50) == SeatOffer()


def test_sold_one_by_one_a_seat_has_the_price_of_a_person():
    terms = SeatTerms(SOLD, limit=2, price_per_person=150_000)
    assert usual_seat(terms, [1]) == SeatOffer(number=2, price=150_000)
    assert terms.seats_are_sold
    assert not terms.has_standing_seats


def test_an_extra_has_the_seasons_price_or_is_not_to_be_had():
    assert extra_seat(SeatTerms(FEE, limit=2)) is None
    terms = SeatTerms(FEE, limit=2, extra_price=150_000)
    assert extra_seat(terms) == SeatOffer(is_extra=True, price=150_000)


@pytest.mark.parametrize(
    ("before", "open_"),
    [(timedelta(hours=24, seconds=1), True), (timedelta(hours=24), False), (timedelta(0), False)],
)
def test_changes_are_open_until_the_deadline(before, open_):
    assert can_be_changed(START, 24, START - before) is open_


def test_without_a_date_there_is_no_deadline_and_no_start():
    assert change_deadline(None, 24) is None
    assert can_be_changed(None, 24, START)
    assert not has_started(None, START)


def test_a_meeting_has_started_from_its_first_moment():
    assert has_started(START, START)
    assert not has_started(START, START - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("day", "season", "last", "within"),
    [
        (date(2027, 3, 4), date(2027, 1, 1), None, True),
        (date(2027, 3, 4), date(2027, 1, 1), date(2027, 3, 4), True),
        (date(2027, 3, 4), date(2027, 1, 1), date(2027, 3, 3), False),
        (None, date(2027, 1, 1), date(2027, 3, 3), True),
        (None, date(2028, 1, 1), date(2027, 12, 31), False),
    ],
)
def test_a_membership_has_the_meetings_until_its_last_day(day, season, last, within):
    assert is_within(day, season, last) is within


@pytest.mark.parametrize(
    ("policy", "address", "domains", "may"),
    [
        (Policy.MUNICIPALITIES, "bo@aarup.dk", ["aarup.dk"], True),
        (Policy.MUNICIPALITIES, "bo@skole.aarup.dk", ["aarup.dk"], True),
        (Policy.MUNICIPALITIES, "bo@museum.example", ["aarup.dk"], False),
        (Policy.MUNICIPALITIES, "bo@museum.example", ["aarup.dk", "museum.example"], True),
        (Policy.MUNICIPALITIES, "ANNE@museum.example", ["aarup.dk"], True),
        (Policy.INVITATION, "bo@museum.example", ["aarup.dk"], False),
        (Policy.INVITATION, "bo@museum.example", None, True),
        (Policy.INVITATION, "bo@gmail.example", None, False),
        (Policy.OPEN, "bo@gmail.example", ["aarup.dk"], True),
    ],
)
def test_a_participant_passes_the_same_eligibility_as_a_member(policy, address, domains, may):
    """The contact is Anne at a museum, whom an administrator approved."""
    assert (
        participant_may_come(
            policy=policy, address=address, contact_address="anne@museum.example", domains=domains
        )
        is may
    )
