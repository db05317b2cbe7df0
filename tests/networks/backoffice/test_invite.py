"""Inviting somebody to a network that is by invitation."""

import pytest
from django.urls import reverse

from cms.messages.models import Message
from networks import roles
from networks.rules.eligibility import Policy
from tests.factories.networks import make_network, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "networks_membership_modeladmin_invite"


def test_the_invitation_goes_to_the_address_and_to_no_open_network(client):
    closed = make_network(eligibility=Policy.INVITATION.value)
    other = make_network()
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    for network in (closed, other):
        client.post(reverse(ADDRESS), {"network": network.pk, "email": "gaest@vejle.dk"})
    message = Message.objects.get()
    assert message.to_email == "gaest@vejle.dk"
    assert closed.title in message.subject


def test_a_coordinator_and_an_auditor_invite_nobody(client):
    network = make_network(eligibility=Policy.INVITATION.value)
    for user in (
        make_user(roles.COORDINATORS, networks=[network]),
        make_user(roles.AUDITORS),
    ):
        client.force_login(user)
        # Wagtail answers a refusal with a message on its front page.
        response = client.post(reverse(ADDRESS), {"network": network.pk, "email": "a@vejle.dk"})
        assert response.status_code == 302
    assert not Message.objects.exists()
