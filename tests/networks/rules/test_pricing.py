"""The price by meetings left, at every boundary; two open seasons; the price per person."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from networks.rules import pricing
from networks.rules.pricing import MeetingFacts, Quote, QuoteLine, SeasonTerms, TariffKind
from payments.money import gross_of

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
SECOND = timedelta(seconds=1)
#: The leisure facilities' table, in øre excl. VAT.
LADDER = {3: 700_000, 2: 520_000, 1: 330_000}
FIRST = datetime(2027, 2, 4, 9, 30, tzinfo=COPENHAGEN)
SECOND_MEETING = datetime(2027, 5, 20, 9, 30, tzinfo=COPENHAGEN)
THIRD = datetime(2027, 10, 7, 9, 30, tzinfo=COPENHAGEN)
MEETINGS = (MeetingFacts(1, FIRST), MeetingFacts(2, SECOND_MEETING), MeetingFacts(3, THIRD))


def season(**changes) -> SeasonTerms:
    values = {
        "key": 2027,
        "starts_on": date(2027, 1, 1),
        "ends_on": date(2027, 12, 31),
        "tariff": TariffKind.SEASON_FEE,
        "ladder": LADDER,
        "meetings": MEETINGS,
    }
    return SeasonTerms(**{**values, **changes})


def next_season(**changes) -> SeasonTerms:
    later = [MeetingFacts(4 + number, THIRD.replace(year=2028)) for number in range(3)]
    values = {
        "key": 2028,
        "starts_on": date(2028, 1, 1),
        "ends_on": date(2028, 12, 31),
        "meetings": later,
    }
    return season(**{**values, **changes})


def per_person(**changes) -> SeasonTerms:
    return season(
        **{"tariff": TariffKind.PER_PERSON_PER_MEETING, "price_per_person": 150_000, **changes}
    )


def joinable(seasons: list[SeasonTerms], now: datetime) -> list[int]:
    return [
        found.key for found in pricing.open_seasons(seasons, now, now.astimezone(COPENHAGEN).date())
    ]


@pytest.mark.parametrize(
    ("now", "net"),
    [
        (datetime(2026, 11, 1, tzinfo=COPENHAGEN), 700_000),
        (FIRST - SECOND, 700_000),
        (FIRST, 520_000),
        (FIRST + SECOND, 520_000),
        (SECOND_MEETING - SECOND, 520_000),
        (SECOND_MEETING, 330_000),
        (THIRD - SECOND, 330_000),
        (THIRD, None),
        (THIRD + SECOND, None),
    ],
)
def test_the_fee_steps_down_at_the_second_a_meeting_starts(now, net):
    assert season().fee(now) == net
    found = pricing.quote(season(), now)
    assert (found and found.net) == net


def test_the_same_moment_in_another_time_zone_costs_the_same():
    assert season().fee(FIRST.astimezone(UTC)) == 520_000
    assert season().fee((FIRST - SECOND).astimezone(UTC)) == 700_000


def test_moving_a_meeting_that_has_not_started_keeps_the_price():
    moved = season(meetings=[MeetingFacts(1, FIRST + timedelta(days=7)), *MEETINGS[1:]])
    assert moved.fee(FIRST) == 700_000
    assert moved.fee(FIRST + timedelta(days=7)) == 520_000


def test_a_cancelled_meeting_does_not_count():
    cancelled = season(meetings=[MeetingFacts(1, FIRST, cancelled=True), *MEETINGS[1:]])
    assert cancelled.fee(FIRST - SECOND) == 520_000
    assert cancelled.full_fee() == 520_000


def test_a_meeting_without_a_date_counts_as_left():
    undated = season(meetings=[*MEETINGS[:2], MeetingFacts(3, None)])
    assert undated.fee(FIRST - SECOND) == 700_000
    assert undated.fee(datetime(2027, 12, 31, tzinfo=COPENHAGEN)) == 330_000


def test_a_meeting_that_is_not_included_does_not_count():
    trip = MeetingFacts(4, datetime(2027, 11, 1, tzinfo=COPENHAGEN), included=False)
    with_trip = season(meetings=[*MEETINGS, trip])
    assert with_trip.fee(FIRST - SECOND) == 700_000
    assert with_trip.fee(THIRD) is None
    assert joinable([with_trip], THIRD) == []


def test_without_the_ladders_row_there_is_no_price_and_no_joining():
    gap = season(ladder={3: 700_000, 1: 330_000})
    assert gap.missing_rows() == [2]
    assert gap.fee(FIRST) is None
    assert pricing.quote(gap, FIRST) is None
    assert joinable([gap], FIRST) == []
    assert joinable([gap], SECOND_MEETING) == [2027]


def test_a_complete_ladder_misses_nothing_and_more_rows_than_meetings_do_no_harm():
    assert season().missing_rows() == []
    assert season(ladder={**LADDER, 4: 900_000}).fee(FIRST - SECOND) == 700_000
    assert season(ladder={}, meetings=()).missing_rows() == []


def test_a_year_change_costs_the_row_of_all_meetings_whenever_it_runs():
    assert season().full_fee() == 700_000
    assert season(meetings=MEETINGS[:2]).full_fee() == 520_000
    assert season(ladder={2: 1}).full_fee() is None


def test_a_price_of_nothing_is_a_price():
    free_row = season(ladder={3: 0, 2: 0, 1: 0})
    assert pricing.quote(free_row, FIRST).net == 0
    assert joinable([free_row], FIRST) == [2027]


def test_the_later_steps_say_when_the_fee_falls():
    assert season().later_steps(FIRST - SECOND) == [(FIRST, 520_000), (SECOND_MEETING, 330_000)]
    assert season().later_steps(FIRST) == [(SECOND_MEETING, 330_000)]
    assert season().later_steps(SECOND_MEETING) == []


def test_a_meeting_without_a_date_has_no_later_step_and_keeps_the_row_below():
    undated = season(meetings=[MeetingFacts(1, None), *MEETINGS[1:]])
    assert undated.later_steps(FIRST) == [(SECOND_MEETING, 520_000), (THIRD, 330_000)]


# Which season ---------------------------------------------------------------------------------


def test_the_next_season_opens_when_no_meetings_are_left():
    seasons = [next_season(), season()]
    assert joinable(seasons, THIRD - SECOND) == [2027]
    assert joinable(seasons, THIRD) == [2028]


def test_the_next_season_without_a_price_is_not_offered():
    assert joinable([season(), next_season(ladder={})], THIRD) == []


def test_two_seasons_are_open_from_the_day_that_the_second_opens():
    seasons = [season(), next_season(opens_on=date(2027, 9, 1))]
    assert joinable(seasons, datetime(2027, 8, 31, 23, 59, 59, tzinfo=COPENHAGEN)) == [2027]
    assert joinable(seasons, datetime(2027, 9, 1, 0, 0, tzinfo=COPENHAGEN)) == [2027, 2028]
    assert joinable(seasons, THIRD) == [2028]


def test_a_season_that_is_over_is_not_open_whatever_meetings_it_has():
    undated = season(meetings=[MeetingFacts(1, None)])
    assert joinable([undated], datetime(2027, 12, 31, 23, 59, tzinfo=COPENHAGEN)) == [2027]
    assert joinable([undated], datetime(2028, 1, 1, tzinfo=COPENHAGEN)) == []


def test_a_free_season_needs_no_meetings():
    free = season(tariff=TariffKind.FREE, ladder={}, meetings=())
    assert joinable([free], THIRD) == [2027]
    assert pricing.quote(free, THIRD) == Quote(2027)
    assert pricing.quote(free, THIRD).net == 0
    assert pricing.FREE_WITHOUT_SEASON.net == 0


# Per person per meeting -----------------------------------------------------------------------


def test_people_times_meetings_are_lines_of_one_quote():
    quote = pricing.quote(per_person(), FIRST - SECOND, {3: 3, 1: 3})
    assert quote.lines == (QuoteLine(3, 150_000, 1), QuoteLine(3, 150_000, 3))
    assert quote.net == 900_000
    assert gross_of(quote.net, 2500) == 1_125_000


def test_a_meeting_chosen_for_nobody_is_no_line():
    assert pricing.quote(per_person(), FIRST - SECOND, {1: 0, 2: 1}).net == 150_000


@pytest.mark.parametrize("attendance", [None, {}, {1: 0}, {1: -1}, {99: 1}, {1: 1, 99: 1}])
def test_nobody_or_a_meeting_that_is_not_there_has_no_price(attendance):
    assert pricing.quote(per_person(), FIRST - SECOND, attendance) is None


def test_a_meeting_that_has_started_or_is_cancelled_cannot_be_bought():
    assert pricing.quote(per_person(), FIRST, {1: 1}) is None
    cancelled = per_person(meetings=[MeetingFacts(1, FIRST, cancelled=True)])
    assert pricing.quote(cancelled, FIRST - SECOND, {1: 1}) is None


def test_the_tariff_per_person_needs_a_price_and_a_meeting_included_or_not():
    trip = MeetingFacts(1, FIRST, included=False)
    assert joinable([per_person(meetings=[trip])], FIRST - SECOND) == [2027]
    assert joinable([per_person(meetings=[trip])], FIRST) == []
    assert joinable([per_person(price_per_person=None)], FIRST) == []
    assert pricing.quote(per_person(price_per_person=None), FIRST, {2: 1}) is None


@pytest.mark.parametrize(
    ("shown", "current", "taken"), [(100, 100, True), (100, 99, True), (100, 101, False)]
)
def test_a_lower_price_applies_and_a_higher_is_asked_about(shown, current, taken):
    assert pricing.applies(shown, current) is taken


# Cancelling -----------------------------------------------------------------------------------


def test_the_last_day_to_cancel_is_the_day_before_unless_set():
    assert season().last_cancellation == date(2026, 12, 31)
    assert season(last_cancellation_on=date(2026, 10, 1)).last_cancellation == date(2026, 10, 1)
