"""The year change many times at once, beside people who leave, and killed in the middle."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from cms.audit import VISITOR
from cms.messages.models import Message
from networks.models import Membership, NetworkPage, Person, Season, SeasonEntry
from networks.services import lifecycle, renewal
from payments.models import Charge, ChargeLine, ChargeState
from tests.factories.networks import (
    BUYER,
    MembershipFactory,
    MunicipalityFactory,
    PersonFactory,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db(transaction=True)
MEMBERS = 60


def network_before_its_next_season(members: int, method: str = "card") -> NetworkPage:
    """Its members were told in time; the next season begins in 20 days and is to be charged."""
    today = timezone.localdate()
    begins = today + timedelta(days=20)
    network = make_network(
        seasons=[
            season(starts_on=begins - timedelta(days=365), ends_on=begins - timedelta(days=1)),
            season(name="Den næste", starts_on=begins, ends_on=begins + timedelta(days=364)),
        ]
    )
    first, following = network.seasons.order_by("starts_on")
    told = timezone.now() - timedelta(days=31)
    municipality = MunicipalityFactory()
    people = Person.objects.bulk_create(PersonFactory.build_batch(members))
    memberships = Membership.objects.bulk_create(
        MembershipFactory.build(
            network=network,
            first_season=first,
            municipality=municipality,
            contact=person,
            unit_key=f"person:{person.pk}",
            method=method,
            **BUYER,
        )
        for person in people
    )
    SeasonEntry.objects.bulk_create(
        SeasonEntry(membership=membership, season=following, announced_at=told, price_net=700_000)
        for membership in memberships
    )
    return network


def next_season(network: NetworkPage) -> Season:
    return network.seasons.order_by("starts_on").last()


def check(network: NetworkPage, members: int) -> None:
    """Everybody has entered, with one charge and one mail."""
    assert network.memberships.count() == members
    assert Charge.objects.count() == ChargeLine.objects.count() == members
    assert Charge.objects.values("reference").distinct().count() == members
    assert SeasonEntry.objects.filter(entered_at__isnull=False).count() == members
    assert Message.objects.filter(template="season_to_pay").count() == members
    assert Message.objects.values("about").distinct().count() == members


def test_however_many_run_it_at_once_everybody_is_charged_once(at_once):
    network = network_before_its_next_season(12)
    key = next_season(network).pk
    outcomes = at_once(*[lambda: renewal.run(key)] * 6)
    assert sum(outcome.charged for outcome in outcomes) == 12
    check(network, 12)


def test_told_at_once_everybody_is_told_once(at_once):
    network = network_before_its_next_season(8)
    SeasonEntry.objects.all().delete()
    key = next_season(network).pk
    outcomes = at_once(*[lambda: renewal.run(key)] * 6)
    assert sum(outcome.announced for outcome in outcomes) == 8
    assert Message.objects.filter(template="season_announced").count() == 8


def test_who_leaves_in_that_moment_is_charged_and_credited_or_not_at_all(at_once):
    network = network_before_its_next_season(10, method="invoice")
    key = next_season(network).pk
    leavers = list(network.memberships.values_list("pk", flat=True))
    results = at_once(
        lambda: renewal.run(key),
        lambda: renewal.run(key),
        *[lambda pk=pk: lifecycle.cancel(pk, actor=VISITOR) for pk in leavers],
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert not Charge.objects.filter(state=ChargeState.OPEN).exists()
    assert not SeasonEntry.objects.filter(entered_at__isnull=False, season=key).exists()
    assert network.memberships.filter(cancelled_at__isnull=True).count() == 0


def start(season_id: int, *, mails: int = 0) -> subprocess.Popen[bytes]:
    """The year change in a process of its own, which kills itself when it has written so many
    mails."""
    database = connection.settings_dict["NAME"]
    arguments = [str(season_id), database, str(mails)]
    return subprocess.Popen([sys.executable, "-m", "tests.kill.renew", *arguments])


def test_killed_in_the_middle_it_goes_on_where_it_was():
    network = network_before_its_next_season(MEMBERS)
    killed = start(next_season(network).pk, mails=renewal.BATCH + 5)
    assert killed.wait(timeout=120) == -signal.SIGKILL
    # What the second batch had begun is gone as a whole.
    assert Charge.objects.count() == renewal.BATCH
    assert Message.objects.count() == ChargeLine.objects.count() == renewal.BATCH
    assert renewal.run(next_season(network).pk).charged == MEMBERS - renewal.BATCH
    check(network, MEMBERS)
