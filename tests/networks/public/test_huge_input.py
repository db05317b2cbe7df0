"""What no person types: it is refused, and never an error of the server."""

import pytest
from django.urls import reverse

from networks.models import Membership, Unit
from networks.public.price_field import HIGHEST, posted_price
from networks.rules.states import Status
from tests.factories.networks import MunicipalityFactory, make_network

pytestmark = pytest.mark.django_db
LONG_ADDRESS = "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".dk"


def send(client, **changes: str):
    network = make_network(free_of_charge=True, unit=Unit.PERSON.value)
    data = {
        "name": "Bo Eksempel",
        "email": "bo@proevekoebing.example",
        "job_title": "Konsulent",
        "organisation": f"m:{MunicipalityFactory().pk}",
        "shown_price": "0",
        **changes,
    }
    address = reverse("signup", args=[network.pk])
    return client.post(address, data, headers={"Sec-Fetch-Site": "same-origin"})


def test_the_form_as_it_should_be_goes_through(client):
    assert send(client).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"email": LONG_ADDRESS},
        {"shown_price": str(10**30)},
        {"shown_price": "-1"},
        {"name": "Bo" * 100},
        {"name": "Bo\x00"},
    ],
)
def test_what_does_not_fit_is_an_error_of_the_form(client, changes):
    assert send(client, **changes).status_code == 422
    assert not Membership.objects.filter(status=Status.UNCONFIRMED).exists()


@pytest.mark.parametrize("text", [None, "", "²", "-5", "1e9", str(HIGHEST + 1), "x"])
def test_a_price_that_is_none_accepts_nothing(text):
    assert posted_price(text) == 0


def test_a_price_is_taken_as_posted():
    assert posted_price("700000") == 700_000
