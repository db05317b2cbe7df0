"""What holds for every ladder, every set of meetings and every moment."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from networks.rules import pricing
from networks.rules.pricing import MeetingFacts, SeasonTerms, TariffKind

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
PRICES = st.integers(0, 10_000_000)


@st.composite
def seasons(draw: st.DrawFn) -> SeasonTerms:
    meetings = [
        MeetingFacts(key, draw(st.none() | MOMENTS), draw(st.booleans()), draw(st.booleans()))
        for key in range(draw(st.integers(0, 6)))
    ]
    prices = sorted(draw(st.lists(PRICES, min_size=len(meetings), max_size=len(meetings))))
    return SeasonTerms(
        key=1,
        starts_on=date(2027, 1, 1),
        ends_on=date(2027, 12, 31),
        tariff=TariffKind.SEASON_FEE,
        ladder=dict(enumerate(prices, start=1)),
        price_per_person=draw(PRICES),
        meetings=meetings,
    )


@given(seasons(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_on_a_rising_ladder_waiting_never_makes_it_dearer(season, now, wait):
    earlier, later = season.fee(now), season.fee(now + wait)
    assert later is None or (earlier is not None and later <= earlier)


@given(seasons(), MOMENTS)
def test_a_complete_ladder_has_a_price_whenever_a_meeting_is_left(season, now):
    assert season.missing_rows() == []
    assert (season.fee(now) is not None) == bool(season.meetings_left(now))


@given(seasons(), MOMENTS)
def test_every_later_step_is_the_fee_from_that_moment_on(season, now):
    for moment, price in season.later_steps(now):
        assert moment > now
        # Of several meetings that start together the last step is the one that holds.
        same = [later for at, later in season.later_steps(now) if at == moment]
        assert price in same
        assert season.fee(moment) in (same[-1], None)


@given(seasons(), MOMENTS)
def test_what_can_be_joined_has_a_quote(season, now):
    if pricing.can_be_joined(season, now, now.date()):
        assert pricing.quote(season, now) is not None


@given(seasons(), MOMENTS, st.dictionaries(st.integers(0, 7), st.integers(-1, 20)))
def test_the_price_per_person_is_linear(season, now, attendance):
    per_person = SeasonTerms(
        key=1,
        starts_on=season.starts_on,
        ends_on=season.ends_on,
        tariff=TariffKind.PER_PERSON_PER_MEETING,
        price_per_person=season.price_per_person,
        meetings=season.meetings,
    )
    quote = pricing.quote(per_person, now, attendance)
    if quote is not None:
        people = sum(number for number in attendance.values() if number > 0)
        assert quote.net == people * season.price_per_person
        assert all(line.quantity > 0 for line in quote.lines)
