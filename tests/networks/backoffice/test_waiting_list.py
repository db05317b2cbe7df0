"""Waiting lists in the administration: who stands where, what each lacks, and moving one."""

import pytest
from django.test import Client
from django.utils import timezone

from cms import audit
from networks import roles
from networks.models import Membership, NetworkPage
from networks.services import waitlist
from networks.wagtail_hooks import memberships
from tests.factories.networks import MembershipFactory, make_network, make_user

pytestmark = pytest.mark.django_db

LISTS = memberships.row_url("waiting_lists")


@pytest.fixture
def network() -> NetworkPage:
    return make_network(capacity=1)


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def waiting(network: NetworkPage, **facts: object) -> Membership:
    return MembershipFactory(network=network, status="waitlisted", **facts)


def page_of(network: NetworkPage) -> str:
    return memberships.row_url("waiting_list", network.pk)


def line(network: NetworkPage) -> list[Membership]:
    return list(waitlist.line_of(network.pk))


def test_it_shows_the_line_what_each_lacks_and_who_is_next(administrator, network):
    MembershipFactory(network=network)
    unproved = waiting(network, address_confirmed_at=None)
    unapproved = waiting(network, address_at_domain=False)
    ready = waiting(network)
    approved = waiting(network, address_at_domain=False, approved_at=timezone.now())
    offered = MembershipFactory(network=network, status="offered")
    response = administrator.get(page_of(network))
    places = response.context["line"]
    assert [place.membership for place in places] == [unproved, unapproved, ready, approved]
    assert [place.is_next for place in places] == [False, False, True, False]
    assert [bool(place.offer_url) for place in places] == [False, True, True, True]
    assert [bool(place.approve_url) for place in places] == [False, True, False, False]
    assert [row for row, _url in response.context["offers"]] == [offered]
    assert response.context["free"] == 0


def test_it_takes_few_queries_however_long_it_is(
    administrator, network, django_assert_max_num_queries
):
    for _turn in range(2):
        waiting(network)
    administrator.get(page_of(network))
    with django_assert_max_num_queries(20) as captured:
        administrator.get(page_of(network))
    for _turn in range(20):
        waiting(network)
        MembershipFactory(network=network, status="offered")
        waiting(make_network())
    with django_assert_max_num_queries(len(captured)):
        administrator.get(page_of(network))
    with django_assert_max_num_queries(16):
        response = administrator.get(LISTS)
    assert len(response.context["lines"]) == 21


@pytest.mark.parametrize(
    ("move", "which", "order"),
    [
        ("first", 2, [2, 0, 1, 3]),
        ("up", 2, [0, 2, 1, 3]),
        ("down", 1, [0, 2, 1, 3]),
        ("last", 0, [1, 2, 3, 0]),
        ("up", 0, [0, 1, 2, 3]),
        ("down", 3, [0, 1, 2, 3]),
    ],
)
def test_one_is_moved_with_a_reason_and_the_others_keep_their_order(
    administrator, network, move, which, order
):
    rows = [waiting(network) for _turn in range(4)]
    response = administrator.post(
        page_of(network), {"move": f"{move}:{rows[which].pk}", "reason": "Aftalt"}
    )
    assert response.status_code == 302
    assert line(network) == [rows[index] for index in order]
    entry = audit.history(rows[which]).get(action="membership.moved_in_line")
    assert (entry.reason, entry.data["position"]) == ("Aftalt", order.index(which) + 1)


def test_without_a_reason_nobody_is_moved(administrator, network):
    rows = [waiting(network), waiting(network)]
    response = administrator.post(page_of(network), {"move": f"up:{rows[1].pk}", "reason": " "})
    assert response.context["form"].errors.keys() == {"reason"}
    assert line(network) == rows


def test_who_is_not_in_this_line_is_not_found(administrator, network):
    waiting(network)
    others = [waiting(make_network()), MembershipFactory(network=network)]
    for key in [*(row.pk for row in others), "no-key", ""]:
        data = {"move": f"first:{key}", "reason": "Aftalt"}
        assert administrator.post(page_of(network), data).status_code == 404
    data = {"move": "sideways", "reason": "Aftalt"}
    assert administrator.post(page_of(network), data).status_code == 404


def test_a_coordinator_sees_the_own_networks_line_and_offers_but_does_not_reorder(client, network):
    row, foreign = waiting(network), waiting(make_network())
    client.force_login(make_user(roles.COORDINATORS, networks=[network]))
    assert [each for each, _url, _places in client.get(LISTS).context["lines"]] == [network]
    response = client.get(page_of(network))
    assert response.context["line"][0].offer_url
    assert not response.context["may_move"]
    data = {"move": f"first:{row.pk}", "reason": "Aftalt"}
    assert client.post(page_of(network), data).status_code == 404
    assert client.get(page_of(foreign.network)).status_code == 404
    data = {"move": f"first:{foreign.pk}", "reason": "Aftalt"}
    assert client.post(page_of(foreign.network), data).status_code == 404


@pytest.mark.parametrize("role", [roles.EDITORS, roles.PUBLISHERS, roles.FINANCE])
def test_who_sees_no_members_sees_no_line(client, network, role):
    waiting(network)
    client.force_login(make_user(role))
    assert client.get(page_of(network)).status_code == 302
    assert client.get(LISTS).status_code == 302


def test_an_auditor_looks_and_changes_nothing(client, network):
    row = waiting(network)
    client.force_login(make_user(roles.AUDITORS))
    place = client.get(page_of(network)).context["line"][0]
    assert (place.offer_url, place.approve_url) == ("", "")
    data = {"move": f"first:{row.pk}", "reason": "Aftalt"}
    assert client.post(page_of(network), data).status_code == 404
