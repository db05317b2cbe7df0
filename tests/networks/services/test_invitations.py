"""Invitations: one network, one address, sixty days."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks.services import invitations
from tests.factories.networks import make_network, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "Inviteret@Kommune.example"


@pytest.fixture
def network():
    return make_network(eligibility="invitation")


@pytest.fixture
def token(network, run_jobs) -> str:
    """As it stands in the mail."""
    actor = audit.Actor.by(make_user(superuser=True))
    invitations.invite(network, email=ADDRESS, actor=actor)
    run_jobs()
    address = next(word for word in mail.outbox[0].body.split() if "invitation=" in word)
    assert network.url in address
    return address.partition("invitation=")[2].partition("#")[0]


def test_it_is_for_that_address_however_written(network, token):
    assert invitations.is_invited(network, email=ADDRESS, token=token)
    assert invitations.is_invited(network, email=f" {ADDRESS.lower()}", token=token)
    assert not invitations.is_invited(network, email="anden@kommune.example", token=token)


def test_it_is_for_that_network(token):
    other = make_network(eligibility="invitation")
    assert not invitations.is_invited(other, email=ADDRESS, token=token)


@pytest.mark.parametrize("wrong", ["", "x", "ø" * 40])
def test_anything_else_is_none(network, token, wrong):
    assert not invitations.is_invited(network, email=ADDRESS, token=wrong)


def test_it_works_for_sixty_days(network, token):
    for days, works in ((59, True), (61, False)):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            assert invitations.is_invited(network, email=ADDRESS, token=token) == works


def test_the_outbox_holds_no_token_and_the_history_no_address(network, token):
    message = Message.objects.get()
    assert token not in message.body
    entry = audit.history(network).get()
    assert entry.actor_kind == "user"
    assert "kommune.example" not in f"{entry.data}{entry.reason}"
