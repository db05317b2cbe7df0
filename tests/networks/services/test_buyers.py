"""Invoice details are remembered from a municipality's orders."""

import pytest
from django.urls import reverse

from networks.services.buyers import remembered_buyer
from tests.factories.networks import BUYER, MembershipFactory, MunicipalityFactory, make_user

pytestmark = pytest.mark.django_db


def test_the_newest_details_are_remembered_without_the_orders_own_reference():
    membership = MembershipFactory(with_buyer=True)
    remembered = remembered_buyer(membership.municipality)
    assert remembered["buyer_gln"] == BUYER["buyer_gln"]
    assert "buyer_reference" not in remembered


def test_of_a_municipality_that_never_ordered_there_is_nothing():
    assert remembered_buyer(MunicipalityFactory()) == {}


def test_the_numbers_stand_on_the_municipalitys_page_in_the_admin(client):
    membership = MembershipFactory(with_buyer=True)
    client.force_login(make_user(superuser=True))
    response = client.get(reverse("municipalities:inspect", args=[membership.municipality.pk]))
    assert BUYER["buyer_gln"] in response.content.decode()
