"""Coordinators edit drafts of their own networks: texts, no prices, no publishing."""

import pytest
from django.urls import reverse

from networks import roles
from networks.models import Coordinator, NetworkPage
from tests.factories.networks import make_network, make_user

pytestmark = pytest.mark.django_db


def edit(client, network, **data):
    return client.post(reverse("wagtailadmin_pages:edit", args=[network.pk]), data)


def test_their_own_networks_page_opens_without_prices_and_publishing(client):
    network = make_network()
    client.force_login(make_user(roles.COORDINATORS, networks=[network]))
    page = client.get(reverse("wagtailadmin_pages:edit", args=[network.pk])).content.decode()
    assert "id_introduction" in page
    assert "seasons-TOTAL_FORMS" not in page
    assert "id_capacity" not in page
    assert "action-publish" not in page


def test_a_price_sent_along_is_not_taken(client):
    network = make_network()
    client.force_login(make_user(roles.COORDINATORS, networks=[network]))
    response = edit(
        client,
        network,
        **{
            "title": network.title,
            "slug": network.slug,
            "introduction": "Ny tekst",
            "purpose": "null",
            "audience": "null",
            "practicalities": "null",
            "audience_summary": "Alle",
            "body-count": "0",
            "capacity": "1",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
        },
    )
    assert response.status_code == 302
    draft = NetworkPage.objects.get(pk=network.pk).get_latest_revision_as_object()
    assert draft.introduction == "Ny tekst"
    assert draft.capacity is None
    assert draft.seasons.get().ladder.count() == 3


def test_another_networks_page_does_not_open(client):
    mine, other = make_network(), make_network()
    client.force_login(make_user(roles.COORDINATORS, networks=[mine]))
    response = client.get(reverse("wagtailadmin_pages:edit", args=[other.pk]))
    assert response.status_code == 302


def test_who_no_longer_coordinates_no_longer_edits(client):
    network = make_network()
    user = make_user(roles.COORDINATORS, networks=[network])
    Coordinator.objects.get(user=user).delete()
    client.force_login(user)
    response = client.get(reverse("wagtailadmin_pages:edit", args=[network.pk]))
    assert response.status_code == 302


def test_a_publisher_has_the_prices(client):
    network = make_network()
    client.force_login(make_user(roles.PUBLISHERS))
    page = client.get(reverse("wagtailadmin_pages:edit", args=[network.pk])).content.decode()
    assert "seasons-TOTAL_FORMS" in page
