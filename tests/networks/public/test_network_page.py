"""The network's page for whoever visits: few queries, no cookie, no personal data."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from networks.models import NetworkPage
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db


def queries_of(client: Client, network: NetworkPage) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(network.get_url())
    assert response.status_code == 200
    return [row["sql"] for row in captured.captured_queries]


def test_it_takes_few_queries_whatever_its_meetings_members_and_neighbours(client):
    small = make_network(capacity=100)
    client.get(small.get_url())  # The site and its municipalities are cached.
    few = queries_of(client, small)
    large = make_network(
        capacity=100, seasons=[season(meetings=coming_meetings(12), ladder={12: 100})]
    )
    for _turn in range(12):
        ParticipantFactory(membership=MembershipFactory(network=large))
        make_network()
    many = queries_of(client, large)
    assert len(many) == len(few), many
    assert len(few) <= 12, few


def test_it_shows_price_next_price_and_the_last_day_to_cancel(client):
    this = season(name="I år")
    coming = season(
        name="Næste år",
        starts_on=this.ends_on + timedelta(days=1),
        ends_on=this.ends_on + timedelta(days=365),
        ladder={3: 725_000, 2: 500_000, 1: 300_000},
    )
    page = client.get(make_network(seasons=[this, coming]).get_url()).content.decode()
    assert "7.000 kr." in page
    assert "8.750 kr." in page
    assert "7.250 kr." in page


def test_members_are_not_shown_to_the_public(client):
    network = make_network()
    participant = ParticipantFactory(membership=MembershipFactory(network=network))
    page = client.get(network.get_url()).content.decode()
    for secret in (participant.name, participant.email, participant.membership.contact.name):
        assert secret not in page


def test_online_links_are_not_shown_to_the_public(client):
    row = coming_meetings(1)[0]
    row.online_link = "https://video.example/hemmelig"
    network = make_network(seasons=[season(meetings=[row])])
    assert "hemmelig" not in client.get(network.get_url()).content.decode()
