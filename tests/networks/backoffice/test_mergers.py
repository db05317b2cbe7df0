"""Merging municipalities in the administration: preview, choice, confirmation."""

import pytest
from django.test import Client
from django.urls import reverse

from networks import roles
from networks.models import Municipality
from networks.rules.states import Status
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def address_of(municipality: Municipality) -> str:
    return reverse("municipalities:merge", args=[municipality.pk])


@pytest.fixture
def pair():
    """Both are members of one network; the first is to be merged away."""
    network = make_network()
    municipalities = [MunicipalityFactory(name="Gammelby"), MunicipalityFactory(name="Nyby")]
    rows = [MembershipFactory(network=network, municipality=each) for each in municipalities]
    return network, municipalities, rows


def answers(network, surviving, **changes):
    return {
        f"surviving_{network.pk}": str(surviving.pk),
        f"credit_{network.pk}": "coming",
        f"participants_{network.pk}": "on",
        "reason": "Kommunesammenlægning",
        "confirmed": "on",
        **changes,
    }


def test_the_municipalitys_page_leads_there(pair):
    _network, (old, _new), _rows = pair
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    for name in ("inspect", "edit"):
        page = client.get(reverse(f"municipalities:{name}", args=[old.pk])).text
        assert address_of(old) in page


def test_first_the_other_one_is_chosen_and_nothing_happens(pair, django_assert_max_num_queries):
    _network, (old, new), rows = pair
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    assert "Nyby" in client.get(address_of(old)).text
    with django_assert_max_num_queries(25):
        page = client.get(address_of(old), {"into": new.pk})
    assert str(rows[0].contact.name) in page.text
    assert Municipality.objects.filter(merged_into__isnull=False).count() == 0


def test_confirmed_they_are_merged(pair):
    network, (old, new), (ending, surviving) = pair
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    response = client.post(f"{address_of(old)}?into={new.pk}", answers(network, surviving))
    assert response.status_code == 302
    ending.refresh_from_db()
    assert ending.state == Status.ENDED
    assert Municipality.objects.get(pk=old.pk).merged_into == new
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize("missing", ["confirmed", "reason", "surviving"])
def test_without_a_choice_a_reason_and_a_yes_it_is_not_done(pair, missing):
    network, (old, new), (_ending, surviving) = pair
    data = answers(network, surviving)
    data.pop(missing if missing != "surviving" else f"surviving_{network.pk}")
    response = signed_in(roles.MEMBER_ADMINISTRATORS).post(f"{address_of(old)}?into={new.pk}", data)
    assert response.status_code == 200
    assert Municipality.objects.get(pk=old.pk).merged_into is None


def test_one_that_is_merged_away_is_offered_nowhere(pair):
    _network, (old, new), _rows = pair
    gone = MunicipalityFactory(name="Forsvundet", merged_into=new)
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    assert client.get(address_of(gone)).status_code == 404
    assert "Forsvundet" not in client.get(address_of(old)).text


@pytest.mark.parametrize(
    "role", [roles.AUDITORS, roles.COORDINATORS, roles.EDITORS, roles.FINANCE, roles.HOSTS]
)
def test_only_who_may_change_memberships_may_merge(pair, role):
    network, (old, new), (_ending, surviving) = pair
    client = signed_in(role)
    for response in (
        client.get(address_of(old)),
        client.post(f"{address_of(old)}?into={new.pk}", answers(network, surviving)),
    ):
        assert response.status_code == 302
    assert Municipality.objects.get(pk=old.pk).merged_into is None
