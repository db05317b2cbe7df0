"""The year change in the administration: what is shown to whom, and the button that runs it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from networks import roles
from networks.models import Season, SeasonEntry
from networks.wagtail_hooks import year_changes
from payments.models import Charge
from tests.factories.networks import BUYER, MembershipFactory, make_network, make_user, on_day
from tests.networks.services.test_renewal import (
    ANNOUNCED,
    BEGINS,
    CHARGED,
    DAY,
    member,
    next_season,
    run_on,
    season_of,
    two_years,
)

pytestmark = pytest.mark.django_db


def signed_in(role: str = "", **options: object) -> Client:
    client = Client()
    client.force_login(make_user(role, **options))
    return client


def page_of(season: Season, action: str = "inspect") -> str:
    return year_changes.row_url(action, season.pk)


@pytest.fixture
def announced_day():
    with time_machine.travel(on_day(ANNOUNCED), tick=False) as clock:
        yield clock


@pytest.fixture
def network(announced_day):
    """Forty go on, one is held, one leaves."""
    network = two_years()
    for _number in range(40):
        member(network)
    member(network, method="", buyer_name="")
    member(network, cancelled_at=timezone.now(), ends_on=BEGINS - DAY)
    return network


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (roles.MEMBER_ADMINISTRATORS, 200),
        (roles.AUDITORS, 200),
        (roles.COORDINATORS, 200),
        (roles.FINANCE, 302),
        (roles.EDITORS, 302),
        (roles.HOSTS, 302),
    ],
)
def test_who_may_open_it(role, status, announced_day):
    network = two_years()
    client = signed_in(role, networks=[network] if role == roles.COORDINATORS else ())
    for address in (
        year_changes.row_url("index"),
        year_changes.row_url("results"),
        page_of(next_season(network)),
    ):
        assert client.get(address).status_code == status


def test_the_list_says_what_happens(network):
    text = signed_in(roles.MEMBER_ADMINISTRATORS).get(year_changes.row_url("index")).text
    assert "42 medlemskaber, 40 opkrævninger, 1 tilbageholdt" in text


def test_the_list_takes_as_many_queries_for_many_networks(network, django_assert_max_num_queries):
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    for _number in range(5):
        member(two_years())
    with django_assert_max_num_queries(22):
        assert client.get(year_changes.row_url("index")).status_code == 200


def test_sums_and_members_agree(network, django_assert_max_num_queries):
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    with django_assert_max_num_queries(22):
        context = client.get(page_of(next_season(network))).context
    *lines, total = context["sums"]
    numbers = {line["fate"]: line["number"] for line in lines}
    assert numbers == {"charged": 40, "held": 1, "leaves": 1}
    assert total["number"] == sum(numbers.values()) == context["page_obj"].paginator.count
    assert total["net"] == "280.000,00 kr." or "280.000" in total["net"]
    for line in lines:
        chosen = client.get(page_of(next_season(network)), {"fate": line["fate"]}).context
        assert chosen["page_obj"].paginator.count == line["number"]


def test_each_member_is_told_of_by_name_date_and_price(network):
    response = signed_in(roles.MEMBER_ADMINISTRATORS).get(
        page_of(next_season(network)), {"fate": "charged"}
    )
    assert "2. december 2026" in response.text
    assert "7.000" in response.text


def test_long_lists_have_pages(network):
    for _number in range(20):
        member(network)
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    second = client.get(page_of(next_season(network)), {"p": 2}).context
    assert len(second["members"]) == 12


def test_coordinators_see_their_networks_without_money(network):
    other = two_years()
    client = signed_in(roles.COORDINATORS, networks=[network])
    index = client.get(year_changes.row_url("index")).text
    assert network.title in index
    assert other.title not in index
    page = client.get(page_of(next_season(network))).text
    assert "7.000" not in page
    assert "280.000" not in page
    assert client.get(page_of(next_season(other))).status_code == 404
    for season in (next_season(network), next_season(other)):
        assert client.post(page_of(season, "run")).status_code in (302, 404)
    assert not SeasonEntry.objects.exists()


def test_the_auditor_has_no_button(network):
    client = signed_in(roles.AUDITORS)
    address = page_of(next_season(network), "run")
    assert address not in client.get(page_of(next_season(network))).text
    assert client.post(address).status_code == 302
    assert not SeasonEntry.objects.exists()


def test_the_button_runs_what_is_due_with_a_job_in_the_users_name(network, run_jobs):
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    address = page_of(next_season(network), "run")
    assert address in client.get(page_of(next_season(network))).text
    assert client.get(address).status_code == 200
    assert not SeasonEntry.objects.exists()
    assert client.post(address).status_code == 302
    run_jobs("networks.change_year")
    assert SeasonEntry.objects.filter(announced_at__isnull=False).count() == 40


def test_earlier_than_its_date_it_asks_for_a_confirmation(network, announced_day, run_jobs):
    announced_day.move_to(on_day(ANNOUNCED - timedelta(days=40)))
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    address = page_of(next_season(network), "run")
    assert client.post(address).status_code == 200
    run_jobs()
    assert not SeasonEntry.objects.exists()
    client.post(address, {"confirmed": "on"})
    run_jobs("networks.change_year")
    assert SeasonEntry.objects.count() == 40
    assert not Charge.objects.exists()


def test_early_nobody_is_charged_without_the_notice(network, announced_day, run_jobs):
    run_on(ANNOUNCED, network)
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    announced_day.move_to(on_day(CHARGED - DAY))
    client.post(page_of(next_season(network), "run"), {"confirmed": "on"})
    run_jobs("networks.change_year")
    assert not Charge.objects.exists()


def test_a_network_without_a_next_season_is_named(announced_day):
    network = make_network(seasons=[season_of(2026)])
    MembershipFactory(network=network, **BUYER)
    response = signed_in(roles.MEMBER_ADMINISTRATORS).get(year_changes.row_url("index"))
    assert response.context["missing"] == [(network, 1)]
    assert network.title in response.text


def test_a_season_that_all_have_entered_leaves_the_list_once_it_has_begun(network, announced_day):
    run_on(ANNOUNCED, network)
    run_on(CHARGED, network)
    held = network.memberships.get(method="")
    announced_day.move_to(on_day(BEGINS + DAY))
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    listed = client.get(year_changes.row_url("index"))
    assert [row.name for row in listed.context["object_list"]] == ["2027"]
    type(held).objects.filter(pk=held.pk).update(status="ended", closed_at=timezone.now())
    listed = client.get(year_changes.row_url("index"))
    assert list(listed.context["object_list"]) == []
