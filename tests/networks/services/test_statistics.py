"""Members over time, joiners and leavers, coverage, money, attendance: each counted on its day."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cms.audit import SYSTEM
from networks.models import Membership, Municipality, NetworkPage
from networks.rules.states import Status
from networks.services import statistics
from networks.services.statistics_attendance import held_meetings, turnouts
from networks.services.statistics_coverage import Standing, by_region, coverage
from networks.services.statistics_money import money_by_season
from payments.models import Charge
from payments.services import bank, crediting
from tests.factories.meeting_day import GuestFactory, SeatFactory, network_with
from tests.factories.networks import MembershipFactory, make_network, on_day, season
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db
ALL = NetworkPage.objects.all()


def member(network, began, last=None, **facts):
    """Active from a day; ended after another."""
    status = Status.ENDED if last else Status.ACTIVE
    closed = on_day(last + timedelta(days=1)) if last else None
    values = {"status": status, "ends_on": last, "closed_at": closed, **facts}
    membership = MembershipFactory(network=network, **values)
    Membership.objects.filter(pk=membership.pk).update(activated_at=on_day(began))
    return membership


def count_on(*days):
    return statistics.members_over_time(ALL.order_by("title"), days).total


def test_a_member_counts_from_the_first_day_to_the_last():
    member(make_network(), date(2026, 3, 10), date(2026, 12, 31))
    days = [date(2026, 3, 9), date(2026, 3, 10), date(2026, 12, 31), date(2027, 1, 1)]
    assert count_on(*days) == [0, 1, 1, 0]


def test_days_are_local_days():
    membership = member(make_network(), date(2026, 3, 10))
    late = timezone.datetime.fromisoformat("2026-07-01T22:30:00+00:00")
    Membership.objects.filter(pk=membership.pk).update(activated_at=late)
    assert count_on(date(2026, 7, 1), date(2026, 7, 2)) == [0, 1]


def test_who_ended_before_the_last_day_counts_until_then():
    merged = member(make_network(), date(2026, 3, 10), date(2026, 12, 31))
    Membership.objects.filter(pk=merged.pk).update(closed_at=on_day(date(2026, 5, 5)))
    assert count_on(date(2026, 5, 5), date(2026, 5, 6)) == [1, 0]


def test_who_was_ended_without_a_last_day_counts_until_closed():
    member(make_network(), date(2026, 3, 10), date(2026, 5, 4), ends_on=None)
    assert count_on(date(2026, 5, 5), date(2026, 5, 6)) == [1, 0]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.EXPIRED, Status.WAITLISTED])
def test_who_never_became_active_never_counts(status):
    MembershipFactory(network=make_network(), status=status)
    assert count_on(timezone.localdate()) == [0]


def test_joined_and_left_lead_from_one_month_to_the_next():
    network, other = make_network(), make_network()
    member(network, date(2025, 5, 1))
    member(network, date(2026, 1, 1), date(2026, 1, 31))
    member(network, date(2026, 2, 28), date(2026, 12, 31))
    member(other, date(2026, 2, 1))
    found = statistics.movements(ALL.order_by("pk"), date(2026, 1, 1), date(2026, 12, 31))
    numbers = [(row.before, row.joined, row.left, row.after) for row in found.months]
    assert numbers[:3] == [(1, 1, 1, 1), (1, 2, 0, 3), (3, 0, 0, 3)]
    assert numbers[-1] == (3, 0, 1, 2)
    assert [row.before for row in found.months[1:]] == [row.after for row in found.months[:-1]]
    assert [(row.joined, row.left) for row in found.networks] == [(2, 2), (1, 0)]
    assert sum(row.after for row in found.networks) == found.months[-1].after
    assert count_on(date(2027, 1, 1)) == [found.months[-1].after]


def test_points_lie_on_the_firsts_and_the_last_day():
    days = statistics.firsts_of_months(date(2026, 1, 15), date(2026, 3, 2))
    assert days == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 2)]
    assert statistics.firsts_of_months(date(2026, 1, 1), date(2026, 1, 1)) == [date(2026, 1, 1)]


# Coverage -----------------------------------------------------------------------------------------


def standing_of(municipality, day):
    return {row.municipality: row.standing for row in coverage(ALL, day)}[municipality]


def test_a_municipality_is_member_then_former():
    membership = member(make_network(), date(2026, 3, 10), date(2026, 6, 30))
    Membership.objects.filter(pk=membership.pk).update(signed_up_at=on_day(date(2026, 3, 1)))
    municipality = membership.municipality
    assert standing_of(municipality, date(2026, 2, 1)) == Standing.NONE
    assert standing_of(municipality, date(2026, 6, 30)) == Standing.MEMBER
    assert standing_of(municipality, date(2026, 7, 1)) == Standing.FORMER


def test_waiting_is_stronger_than_former_and_weaker_than_member():
    first = member(make_network(), date(2025, 3, 10), date(2025, 6, 30))
    today = timezone.localdate()
    waiting = MembershipFactory(municipality=first.municipality, status=Status.WAITLISTED)
    assert standing_of(first.municipality, today) == Standing.WAITING
    Membership.objects.filter(pk=waiting.pk).delete()
    MembershipFactory(municipality=first.municipality, status=Status.UNCONFIRMED)
    assert standing_of(first.municipality, today) == Standing.FORMER
    member(make_network(), date(2026, 1, 1), municipality=first.municipality)
    assert standing_of(first.municipality, today) == Standing.MEMBER


def test_who_was_in_line_then_waited_then():
    membership = member(make_network(), date(2026, 5, 1))
    times = {"signed_up_at": on_day(date(2026, 4, 1)), "queued_at": on_day(date(2026, 4, 1))}
    Membership.objects.filter(pk=membership.pk).update(**times)
    assert standing_of(membership.municipality, date(2026, 4, 15)) == Standing.WAITING
    assert standing_of(membership.municipality, date(2026, 5, 1)) == Standing.MEMBER


@pytest.mark.parametrize(
    ("day", "regions"),
    [
        (
            date(2026, 12, 31),
            {"Hovedstaden": 29, "Midtjylland": 19, "Nordjylland": 11, "Sjælland": 17},
        ),
        (date(2027, 1, 1), {"Østdanmark": 46, "Midtjylland": 19, "Nordjylland": 11}),
    ],
)
def test_regions_are_those_of_the_day(day, regions):
    found = {row.region.removeprefix("Region "): row for row in by_region(coverage(ALL, day))}
    assert {name: row.municipalities for name, row in found.items()} == {
        **regions,
        "Syddanmark": 22,
    }
    assert sum(row.municipalities for row in found.values()) == 98
    assert sum(row.population for row in found.values()) == 6_025_511


def test_a_merged_municipality_is_one_with_its_successor():
    gone, successor = Municipality.objects.all()[:2]
    Municipality.objects.filter(pk=gone.pk).update(merged_into=successor)
    assert gone not in [row.municipality for row in coverage(ALL, timezone.localdate())]


# Money --------------------------------------------------------------------------------------------


def test_money_of_a_season_adds_up():
    today = timezone.localdate()
    before = season(
        name="Før", starts_on=today - timedelta(days=395), ends_on=today - timedelta(days=31)
    )
    network = make_network(seasons=[before, season(name="Nu")])
    for _turn in range(3):
        make_charge(MembershipFactory(network=network))
    paid, credited, old = Charge.objects.order_by("created_at")
    bank.settle_outside_stripe(paid)
    crediting.credit_by_hand(credited, net=100_000, key="1", reason="Aflyst", actor=SYSTEM)
    Charge.objects.filter(pk=old.pk).update(period_start=today - timedelta(days=300))
    rows = money_by_season(Charge.objects.all(), ALL, today - timedelta(days=500), today)
    assert [(row.season.name, row.charges) for row in rows] == [("Nu", 2), ("Før", 1)]
    assert (rows[0].net, rows[0].credited_net, rows[0].revenue_net) == (
        1_400_000,
        100_000,
        1_300_000,
    )
    assert (rows[0].paid, rows[0].outstanding) == (875_000, 750_000)
    for row in rows:
        assert row.revenue_gross == row.paid + row.outstanding


def test_charges_of_another_network_stay_out():
    own, other = make_network(), make_network()
    for network in (own, other):
        make_charge(MembershipFactory(network=network))
    today = timezone.localdate()
    (row,) = money_by_season(Charge.objects.all(), ALL.filter(pk=own.pk), today, today)
    assert (row.network, row.charges) == (own, 1)


def test_a_charge_that_no_season_holds_stands_alone():
    network = make_network(free_of_charge=True)
    make_charge(MembershipFactory(network=network))
    today = timezone.localdate()
    (row,) = money_by_season(Charge.objects.all(), ALL, today, today)
    assert (row.season, row.charges) == (None, 1)


# Attendance ---------------------------------------------------------------------------------------


def test_attendance_is_counted_by_meeting():
    now = timezone.now()
    network = network_with(now - timedelta(days=20), now - timedelta(days=10), now)
    first, second, _today = network.seasons.get().meetings.order_by("starts_at")
    membership = MembershipFactory(network=network)
    for came in (True, True, False, None):
        SeatFactory(membership=membership, meeting=first, came=came)
    for came in (True, None):
        GuestFactory(meeting=first, came=came)
    today = timezone.localdate()
    found = turnouts(held_meetings(ALL, today - timedelta(days=30), today - timedelta(days=1)))
    assert [row.meeting for row in found] == [second, first]
    row = found[1]
    assert (row.named, row.came, row.stayed_away, row.not_noted) == (4, 2, 1, 1)
    assert (row.guests, row.guests_came, row.rate) == (2, 1, 67)
