"""Whom the year change holds back: what the query finds is what the rules decide of each."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from networks.models import Membership, NetworkPage, SeasonEntry
from networks.rules.renewal import Fate
from networks.rules.states import Status
from networks.services import years
from networks.services.held_back import held_back
from tests.factories.networks import MembershipFactory, make_network, season

pytestmark = pytest.mark.django_db


def network_with(**coming: Any) -> NetworkPage:
    """Its next season begins in ten days: everybody should have been told."""
    today = timezone.localdate()
    last = season(
        name="Sidste", starts_on=today - timedelta(days=300), ends_on=today + timedelta(days=9)
    )
    following = {
        "name": "Næste",
        "starts_on": today + timedelta(days=10),
        "ends_on": today + timedelta(days=300),
        **coming,
    }
    return make_network(seasons=[last, season(**following)])


def everybody(network: NetworkPage) -> dict[str, Membership]:
    """A member of every kind."""
    last, coming = network.seasons.order_by("starts_on")
    members = {
        "unpaid": MembershipFactory(network=network, first_season=last, method="", buyer_name=""),
        "by_invoice": MembershipFactory(network=network, first_season=last, with_buyer=True),
        "without_season": MembershipFactory(network=network, first_season=None, method=""),
        "leaving": MembershipFactory(
            network=network, first_season=last, method="", ends_on=last.ends_on
        ),
        "staying": MembershipFactory(
            network=network, first_season=last, method="", ends_on=coming.ends_on
        ),
        "beginning": MembershipFactory(network=network, first_season=coming, method=""),
        "entered": MembershipFactory(network=network, first_season=last, method=""),
        "waiting": MembershipFactory(network=network, status=Status.WAITLISTED, method=""),
    }
    for name, entered in (("entered", coming), ("without_season", last)):
        SeasonEntry.objects.create(
            membership=members[name], season=entered, entered_at=timezone.now(), price_net=0
        )
    return members


def decided(network: NetworkPage) -> set[Any]:
    coming = years.with_terms(network.seasons.filter(name="Næste")).get()
    return {each.key for each in years.plans(coming) if each.plan.fate == Fate.HELD}


def found(today: date | None = None) -> set[Any]:
    return set(held_back(today or timezone.localdate()).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("coming", "held"),
    [
        ({}, {"unpaid", "without_season", "staying"}),
        (
            {"prices_confirmed": False},
            {"unpaid", "by_invoice", "without_season", "staying"},
        ),
        ({"ladder": {}}, {"unpaid", "by_invoice", "without_season", "staying"}),
        ({"tariff": "free", "ladder": {}}, set()),
    ],
)
def test_it_finds_whom_the_rules_hold_back(coming: dict[str, Any], held: set[str]) -> None:
    network = network_with(**coming)
    members = everybody(network)
    assert found() == decided(network) == {members[name].pk for name in held}


def test_nobody_is_held_back_before_anything_is_due() -> None:
    network = network_with(prices_confirmed=False)
    members = everybody(network)
    assert members["by_invoice"].pk in found()
    assert found(timezone.localdate() - timedelta(days=200)) == set()


def test_a_page_that_is_not_published_holds_all_back() -> None:
    network = network_with()
    members = everybody(network)
    NetworkPage.objects.filter(pk=network.pk).update(live=False)
    assert found() == decided(network)
    assert members["by_invoice"].pk in found()


def test_it_costs_the_same_however_many_there_are(django_assert_max_num_queries: Any) -> None:
    for _turn in range(3):
        everybody(network_with(prices_confirmed=False))
    with django_assert_max_num_queries(4):
        assert len(found()) == 12
