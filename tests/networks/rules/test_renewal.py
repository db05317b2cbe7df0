"""When a membership enters a new season, what that costs, and what it owes when it leaves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.rules import renewal
from networks.rules.pricing import MeetingFacts, SeasonTerms, TariffKind
from networks.rules.renewal import Fate, Hold, Member, Plan, Step, Year, YearChange

DAY = timedelta(days=1)
LADDER = {3: 700_000, 2: 520_000, 1: 330_000}
BEGINS, ENDS = date(2027, 1, 1), date(2027, 12, 31)
#: 30 days before the season, and 30 before that.
CHARGED, ANNOUNCED = date(2026, 12, 2), date(2026, 11, 2)


def season(**facts) -> SeasonTerms:
    values = {
        "key": 2027,
        "starts_on": BEGINS,
        "ends_on": ENDS,
        "tariff": TariffKind.SEASON_FEE,
        "ladder": LADDER,
        "meetings": [MeetingFacts(number, None) for number in range(3)],
        **facts,
    }
    return SeasonTerms(**values)


def change(charge_days: int = 30, **facts) -> YearChange:
    flags = {
        name: facts.pop(name) for name in ("is_published", "prices_confirmed") if name in facts
    }
    return YearChange(season(**facts), charge_days, **flags)


TOLD = Member(announced_on=ANNOUNCED, announced_net=700_000)


class TestTheDates:
    def test_charged_thirty_days_before_the_season_and_announced_thirty_before_that(self):
        assert (change().charge_on, change().announce_on) == (CHARGED, ANNOUNCED)

    def test_the_days_are_the_networks(self):
        assert change(60).charge_on == date(2026, 11, 2)
        assert change(0).charge_on == BEGINS

    def test_announced_a_full_notice_before_an_earlier_last_day_to_cancel(self):
        early = change(last_cancellation_on=date(2026, 10, 1))
        assert early.announce_on == date(2026, 9, 1)
        assert early.charge_on == CHARGED

    @pytest.mark.parametrize(
        ("today", "step"),
        [
            (ANNOUNCED - DAY, Step.WAIT),
            (ANNOUNCED, Step.ANNOUNCE),
            (CHARGED - DAY, Step.ANNOUNCE),
            (ENDS, Step.ANNOUNCE),
        ],
    )
    def test_announced_on_its_day_or_whenever_that_was_missed(self, today, step):
        plan = renewal.plan(change(), Member(), today)
        assert plan.fate == Fate.CHARGED
        assert plan.step(today) == step

    @pytest.mark.parametrize(
        ("today", "step"),
        [(CHARGED - DAY, Step.WAIT), (CHARGED, Step.ENTER), (ENDS, Step.ENTER)],
    )
    def test_charged_on_its_day_or_whenever_that_was_missed(self, today, step):
        assert renewal.plan(change(), TOLD, today).step(today) == step

    @pytest.mark.parametrize("late", [1, 29, 30, 90])
    def test_nobody_is_charged_without_a_full_notice(self, late):
        told = ANNOUNCED + late * DAY
        member = Member(announced_on=told, announced_net=700_000)
        plan = renewal.plan(change(), member, told)
        assert plan.enter_on == told + 30 * DAY
        assert plan.step(told + 29 * DAY) == Step.WAIT
        assert plan.step(told + 30 * DAY) == Step.ENTER

    def test_something_is_due_from_the_announcement_to_the_end(self):
        due = [
            day for day in (ANNOUNCED - DAY, ANNOUNCED, ENDS, ENDS + DAY) if change().is_due(day)
        ]
        assert due == [ANNOUNCED, ENDS]


class TestThePrice:
    def test_it_is_the_row_of_all_meetings_whenever_it_is_asked(self):
        for today in (ANNOUNCED, CHARGED, ENDS):
            assert renewal.plan(change(), TOLD, today).net == 700_000

    def test_cancelled_and_not_included_meetings_do_not_count(self):
        meetings = [
            MeetingFacts(1, None),
            MeetingFacts(2, None, cancelled=True),
            MeetingFacts(3, None, included=False),
        ]
        assert change(meetings=meetings).fee == 330_000

    def test_lower_than_announced_the_lower_applies(self):
        fewer = change(meetings=[MeetingFacts(1, None), MeetingFacts(2, None)])
        plan = renewal.plan(fewer, TOLD, CHARGED)
        assert (plan.net, plan.step(CHARGED)) == (520_000, Step.ENTER)

    def test_higher_than_announced_it_is_announced_anew_and_the_charge_moves(self):
        dearer = change(ladder={3: 800_000})
        plan = renewal.plan(dearer, TOLD, CHARGED)
        assert plan.step(CHARGED) == Step.ANNOUNCE
        assert plan.enter_on == CHARGED + 30 * DAY

    @pytest.mark.parametrize(
        "free",
        [
            {"tariff": TariffKind.FREE},
            {"tariff": TariffKind.PER_PERSON_PER_MEETING, "price_per_person": 150_000},
            {"ladder": {3: 0}},
        ],
    )
    def test_where_nothing_is_charged_it_is_entered_without_an_announcement(self, free):
        plan = renewal.plan(change(**free), Member(), CHARGED)
        assert plan == Plan(Fate.FREE, enter_on=CHARGED)
        assert not change(**free).is_due(CHARGED - DAY)
        assert change(**free).is_due(CHARGED)


class TestWhoEnters:
    @pytest.mark.parametrize(
        ("facts", "hold"),
        [
            ({"is_published": False}, Hold.NOT_PUBLISHED),
            ({"prices_confirmed": False}, Hold.PRICES_NOT_CONFIRMED),
            ({"ladder": {2: 520_000}}, Hold.NO_PRICE),
            ({"meetings": []}, Hold.NO_PRICE),
        ],
    )
    def test_without_a_price_that_holds_everybody_is_held(self, facts, hold):
        plan = renewal.plan(change(**facts), TOLD, CHARGED)
        assert (plan.fate, plan.hold, plan.step(CHARGED)) == (Fate.HELD, hold, Step.WAIT)
        assert change(**facts).is_due(ANNOUNCED)

    def test_held_when_it_is_not_known_how_it_pays_unless_it_is_free(self):
        unknown = replace(TOLD, can_be_invoiced=False)
        assert renewal.plan(change(), unknown, CHARGED).hold == Hold.NO_INVOICE_DETAILS
        free = change(tariff=TariffKind.FREE)
        assert renewal.plan(free, unknown, CHARGED).fate == Fate.FREE

    @pytest.mark.parametrize(
        ("ends_on", "fate"), [(BEGINS - DAY, Fate.LEAVES), (BEGINS, Fate.CHARGED)]
    )
    def test_who_leaves_before_it_begins_does_not_enter(self, ends_on, fate):
        assert renewal.plan(change(), replace(TOLD, ends_on=ends_on), CHARGED).fate == fate

    @pytest.mark.parametrize(
        ("first", "fate"),
        [
            (BEGINS - DAY, Fate.CHARGED),
            (BEGINS, Fate.BEGINS),
            (BEGINS + 365 * DAY, Fate.BEGINS),
            (None, Fate.CHARGED),
        ],
    )
    def test_who_begins_with_it_or_later_is_not_renewed_into_it(self, first, fate):
        assert renewal.plan(change(), replace(TOLD, starts_with=first), CHARGED).fate == fate

    def test_who_has_entered_does_not_enter_again(self):
        plan = renewal.plan(change(), replace(TOLD, has_entered=True), ENDS)
        assert (plan.fate, plan.net, plan.step(ENDS)) == (Fate.ENTERED, 700_000, Step.WAIT)

    def test_early_the_dates_do_not_hold_but_the_notice_does(self):
        today = date(2026, 9, 1)
        assert renewal.plan(change(), Member(), today, early=True).step(today) == Step.ANNOUNCE
        told = replace(TOLD, announced_on=today - 29 * DAY)
        assert renewal.plan(change(), told, today, early=True).step(today) == Step.WAIT
        told = replace(TOLD, announced_on=today - 30 * DAY)
        assert renewal.plan(change(), told, today, early=True).step(today) == Step.ENTER


class TestLeaving:
    @pytest.mark.parametrize(
        ("today", "last_day"),
        [
            (date(2026, 12, 30), date(2026, 12, 30)),
            (date(2026, 12, 31), date(2026, 12, 31)),  # the last day to cancel
            (date(2027, 1, 1), ENDS),
            (ENDS, ENDS),
            (ENDS + DAY, ENDS + DAY),  # after the last season
        ],
    )
    def test_it_takes_effect_with_the_running_season(self, today, last_day):
        assert renewal.takes_effect([Year(season())], today) == last_day

    @pytest.mark.parametrize(
        ("today", "last_day"),
        [(date(2026, 11, 30), date(2026, 11, 30)), (date(2026, 12, 1), ENDS)],
    )
    def test_a_season_is_owed_after_its_last_day_to_cancel(self, today, last_day):
        early = season(last_cancellation_on=date(2026, 11, 30))
        assert renewal.takes_effect([Year(early)], today) == last_day

    def test_in_the_running_season_the_next_is_not_owed(self):
        running = season(key=2026, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
        years = [Year(running), Year(season(), ANNOUNCED)]
        assert renewal.takes_effect(years, CHARGED) == date(2026, 12, 31)

    def test_announced_late_the_whole_notice_is_there_to_leave(self):
        told = date(2026, 12, 20)
        year = Year(season(), told, has_entered=False)
        assert renewal.last_day_to_cancel(season(), told) == date(2027, 1, 18)
        assert renewal.takes_effect([year], date(2027, 1, 18)) == date(2027, 1, 18)
        assert renewal.takes_effect([year], date(2027, 1, 19)) == ENDS

    def test_announced_in_time_the_seasons_own_last_day_holds(self):
        assert renewal.last_day_to_cancel(season(), ANNOUNCED) == date(2026, 12, 31)

    def test_a_free_network_is_left_at_once(self):
        today = date(2027, 6, 1)
        assert renewal.takes_effect([Year(season(tariff=TariffKind.FREE))], today) == today
        assert renewal.takes_effect([], today) == today

    @given(st.dates(date(2026, 1, 1), date(2029, 1, 1)), st.booleans())
    def test_it_never_takes_effect_in_the_past(self, today, entered):
        year = Year(season(), ANNOUNCED, has_entered=entered)
        assert renewal.takes_effect([year], today) >= today


@given(
    today=st.dates(date(2026, 6, 1), ENDS),
    told=st.none() | st.dates(date(2026, 6, 1), ENDS),
    days=st.integers(0, 120),
    early=st.booleans(),
)
def test_whoever_is_charged_was_told_thirty_days_before(today, told, days, early):
    member = Member(announced_on=told, announced_net=700_000 if told else None)
    plan = renewal.plan(change(days), member, today, early=early)
    if plan.step(today) == Step.ENTER:
        assert told is not None
        assert today >= told + renewal.NOTICE


def test_the_next_season_is_missed_when_members_should_have_been_told():
    ends = [date(2025, 12, 31), date(2026, 12, 31)]
    assert not renewal.is_without_next_season(ends, 30, ANNOUNCED - DAY)
    assert renewal.is_without_next_season(ends, 30, ANNOUNCED)
    assert not renewal.is_without_next_season([], 30, ANNOUNCED)
