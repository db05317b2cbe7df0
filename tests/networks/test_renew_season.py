"""The command of the year change: what it says, and how it ends."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from networks.models import SeasonEntry
from payments.models import Charge
from tests.factories.networks import on_day
from tests.networks.services.test_renewal import (
    ANNOUNCED,
    CHARGED,
    member,
    next_season,
    run_on,
    two_years,
)

pytestmark = pytest.mark.django_db


def renew(*arguments: str) -> tuple[str, str]:
    said, warned = StringIO(), StringIO()
    call_command("renew_season", *arguments, stdout=said, stderr=warned)
    return said.getvalue(), warned.getvalue()


@pytest.fixture
def day(request):
    with time_machine.travel(on_day(CHARGED), tick=False):
        yield


@pytest.fixture
def network():
    network = two_years()
    member(network)
    run_on(ANNOUNCED, network)
    return network


def test_it_charges_and_says_so(network, day):
    said, _warned = renew()
    assert network.title in said
    assert "7.000" in said
    assert Charge.objects.count() == 1


def test_a_dry_run_says_the_same_and_changes_nothing(network, day):
    dry = renew("--dry-run")
    assert not Charge.objects.exists()
    assert renew() == dry


@pytest.mark.parametrize("option", ["--network", "--season"])
def test_one_network_or_one_season_alone(network, day, option):
    other = two_years()
    member(other)
    run_on(ANNOUNCED, other)
    which = network.slug if option == "--network" else str(next_season(network).pk)
    said, _warned = renew(option, which)
    assert other.title not in said
    assert Charge.objects.count() == 1


def test_it_fails_when_somebody_is_held_and_does_the_rest(network, day):
    member(network, method="", buyer_name="")
    with pytest.raises(CommandError) as failure:
        renew()
    assert failure.value.returncode == 1
    assert Charge.objects.count() == 1
    assert SeasonEntry.objects.count() == 1


@pytest.mark.parametrize("option", [("--network", "findes-ikke"), ("--season", "0")])
def test_what_does_not_exist_is_named(db, option):
    with pytest.raises(CommandError) as failure:
        renew(*option)
    assert failure.value.returncode == 2
