"""A new season from the old: names counted up, days a year later on the same weekday."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.rules import new_season

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("2026", "2027"),
        ("2026/2027", "2027/2028"),
        ("2026/27", "2027/28"),
        ("2099/00", "2100/01"),
        ("2026-27", "2027-28"),
        ("2026–2027", "2027–2028"),
        ("Sæson 2026", "Sæson 2027"),
        ("Sæson 9", "Sæson 10"),
        ("Hold 2, runde 3", "Hold 2, runde 4"),
        ("Efterår", "Efterår 2027"),
    ],
)
def test_the_name_is_counted_up(name, following):
    assert new_season.next_name(name, date(2027, 8, 1)) == following


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 1, 1), date(2027, 1, 1)),
        (date(2027, 2, 28), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 12, 31), date(2028, 12, 31)),
    ],
)
def test_a_year_later(day, later):
    assert new_season.a_year_later(day) == later


@given(DAYS, st.integers(0, 400))
def test_seasons_that_follow_each_other_do_so_a_year_later(begins, days):
    ends = begins + timedelta(days=days)
    after = ends + timedelta(days=1)
    assert new_season.a_year_later(ends) < new_season.a_year_later(after)


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 5, 20), date(2027, 5, 19)),
        (date(2027, 9, 15), date(2028, 9, 13)),  # over a 29 February
        (date(2026, 1, 1), date(2027, 1, 7)),  # 52 weeks would be before the season
        (date(2026, 12, 31), date(2027, 12, 30)),
    ],
)
def test_a_meeting_keeps_its_weekday_and_stays_within_its_season(day, later):
    begins = date(day.year + 1, 1, 1)
    ends = date(day.year + 1, 12, 31)
    assert new_season.same_weekday_later(day, begins, ends) == later


@given(DAYS)
def test_the_weekday_is_always_the_same_and_never_far_from_the_date(day):
    begins, ends = date(day.year + 1, 1, 1), date(day.year + 1, 12, 31)
    later = new_season.same_weekday_later(day, begins, ends)
    assert later.weekday() == day.weekday()
    assert begins <= later <= ends
    assert abs(later - new_season.a_year_later(day)) < timedelta(days=7)


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [
        (date(2027, 1, 1), date(2027, 12, 31), None),
        (date(2026, 12, 31), date(2027, 12, 30), 0),
        (date(2027, 6, 1), date(2028, 1, 1), 1),
    ],
)
def test_spans_that_share_a_day_overlap(begins, ends, found):
    others = [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2028, 1, 1), date(2028, 12, 31)),
    ]
    assert new_season.overlaps(begins, ends, others) == found
