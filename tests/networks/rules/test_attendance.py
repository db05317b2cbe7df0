"""When attendance may be noted, which note holds, and its rate."""

from datetime import UTC, date, datetime, timedelta

import pytest

from networks.rules import attendance

FIRST, LAST = date(2027, 3, 4), date(2027, 3, 5)
NOON = datetime(2027, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "late", "allowed"),
    [
        (date(2027, 3, 2), False, False),
        (date(2027, 3, 3), False, True),
        (date(2027, 3, 4), False, True),
        (date(2027, 4, 4), False, True),
        (date(2027, 4, 5), False, False),
        (date(2027, 4, 5), True, True),
        (date(2027, 3, 2), True, False),
    ],
)
def test_from_the_day_before_until_thirty_days_after_the_last_day(today, late, allowed):
    assert attendance.may_note(FIRST, LAST, today, late=late) is allowed


@pytest.mark.parametrize("wrong_by", [timedelta(0), timedelta(hours=2), timedelta(hours=-2)])
def test_a_phones_clock_may_be_wrong(wrong_by):
    noted = NOON + wrong_by
    sent = noted + timedelta(minutes=20)
    received = NOON + timedelta(minutes=20)
    assert attendance.noted_at(noted, sent, received) == NOON


def test_a_note_from_the_future_is_from_now():
    assert attendance.noted_at(NOON + timedelta(days=1), NOON, NOON) == NOON


def test_the_later_note_holds_and_the_same_one_changes_nothing():
    assert attendance.holds(NOON, None)
    assert attendance.holds(NOON, NOON - timedelta(seconds=1))
    assert not attendance.holds(NOON, NOON)
    assert not attendance.holds(NOON, NOON + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("came", "stayed_away", "percent"),
    [(0, 0, None), (0, 3, 0), (3, 0, 100), (1, 2, 33), (2, 1, 67), (1, 1, 50), (1, 7, 13)],
)
def test_the_rate_counts_those_who_were_noted(came, stayed_away, percent):
    assert attendance.rate(came, stayed_away) == percent
