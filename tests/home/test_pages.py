"""The site around the networks: found by path, without a cookie, the same for every visitor."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from home.models import HomePage, StandardPage, TopicPage
from networks.models import NetworkIndexPage
from tests.factories.networks import coming_meetings, make_network, season

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    return make_network(title="Fritidsfaciliteter")


def test_every_page_of_the_tree_answers_without_a_cookie(client: Client, network):
    home = HomePage.objects.get()
    about = home.add_child(instance=StandardPage(title="Om siden"))
    pages = [home, TopicPage.objects.get(), NetworkIndexPage.objects.get(), network, about]
    for page in pages:
        response = client.get(page.get_url())
        assert response.status_code == 200
        assert page.title in response.content.decode()
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "Accept-Language" not in response.headers.get("Vary", "")


def test_what_is_not_there_or_not_published_is_not_found(client: Client, network):
    topic = TopicPage.objects.get()
    assert client.get(f"{topic.get_url()}findes-ikke/").status_code == 404
    address = network.get_url()
    network.unpublish()
    assert client.get(address).status_code == 404


def test_a_path_without_its_last_slash_leads_to_the_page(client: Client, network):
    response = client.get(network.get_url().rstrip("/"))
    assert response.status_code in (301, 302)
    assert response["Location"].endswith(network.get_url())


def test_the_front_page_shows_networks_and_the_meetings_to_come(client: Client, network):
    yesterday = timezone.now() - timedelta(days=1)
    past = coming_meetings(1, first=yesterday)
    past[0].title = "Overstået møde"
    make_network(title="Kulturchefer", seasons=[season(meetings=past, ladder={1: 100_00})])
    page = client.get(HomePage.objects.get().get_url()).content.decode()
    assert "Fritidsfaciliteter" in page
    assert "Kulturchefer" in page
    assert "Møde 1" in page
    assert "Overstået" not in page


def test_the_list_of_networks_shows_those_that_are_published(client: Client, network):
    hidden = make_network(title="Under opbygning")
    hidden.unpublish()
    page = client.get(NetworkIndexPage.objects.get().get_url()).content.decode()
    assert "Fritidsfaciliteter" in page
    assert "Under opbygning" not in page
