"""What no person types: it is refused, and never an error of the server."""

import pytest
from django.urls import reverse

from cms.messages.models import Message
from networks.models import Membership, Unit
from networks.public.price_field import HIGHEST, posted_price
from networks.rules.states import Status
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
)
from tests.networks.public.visits import token_for

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


def test_a_refusal_with_a_character_that_no_text_has_is_sent(client):
    asked = JoinRequestFactory()
    contact = asked.membership.contact.email
    target = reverse("membership_join", args=[token_for(asked.membership, contact), asked.pk])
    assert client.post(target, {"decline": "1", "text": "Des\x00værre"}).status_code == 302
    assert "Desværre" in Message.objects.get(to_email=asked.email).body


def test_nobody_is_shown_by_an_address_that_is_none(client):
    membership = MembershipFactory()
    target = reverse("membership_fellows", args=[token_for(membership)])
    assert client.post(target, {"email": "bo\x00@x.example", "shown": "1"}).status_code == 404
