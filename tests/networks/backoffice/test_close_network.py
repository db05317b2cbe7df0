"""A network with members is closed, not deleted: nothing that members have stops working."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from cms import audit, links
from networks import roles
from networks.models import Membership, NetworkPage
from networks.public.urls import urlpatterns
from networks.services import renewal, subscriptions
from tests.factories.contributions import link_of
from tests.factories.meeting_day import SeatFactory
from tests.factories.networks import MembershipFactory, make_network, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(client: Client) -> Client:
    client.force_login(make_user(roles.PUBLISHERS))
    return client


def close(client: Client, network: NetworkPage) -> None:
    response = client.post(reverse("networks_close", args=[network.pk]))
    assert response.status_code == 302
    network.refresh_from_db()
    assert not network.live


def test_whoever_wants_to_delete_it_is_led_to_closing_it(publisher: Client) -> None:
    network = MembershipFactory().network
    address = reverse("wagtailadmin_pages:delete", args=[network.pk])
    response = publisher.post(address)
    assert response.url == reverse("networks_close", args=[network.pk])
    page = publisher.get(response.url)
    assert "1" in page.context["effects"][1]
    close(publisher, network)
    assert publisher.post(address).url == reverse(
        "wagtailadmin_explore", args=[network.get_parent().pk]
    )
    assert NetworkPage.objects.filter(pk=network.pk).exists()


def test_only_who_may_unpublish_it_closes_it() -> None:
    network = MembershipFactory().network
    for role in roles.ROLES:
        client = Client()
        client.force_login(make_user(role))
        expected = 200 if role == roles.PUBLISHERS else 404
        assert client.get(reverse("networks_close", args=[network.pk])).status_code == expected
        if role != roles.PUBLISHERS:
            post = client.post(reverse("networks_close", args=[network.pk]))
            assert post.status_code == 404
    network.refresh_from_db()
    assert network.live


def test_sign_up_closes_at_once(publisher: Client) -> None:
    network = MembershipFactory().network
    close(publisher, network)
    assert Client().post(reverse("signup", args=[network.pk]), {}).status_code == 404
    assert Client().get(reverse("network_calendar", args=[network.pk])).status_code == 404


#: Addresses of a personal page that need no key of another row beside the link.
PERSONAL_PAGES = [
    pattern.name
    for pattern in urlpatterns
    if str(pattern.pattern).startswith("mit-medlemskab/<str:token>/")
    and str(pattern.pattern).count("<") == 1
]


@pytest.mark.parametrize("name", PERSONAL_PAGES)
def test_every_personal_page_answers_as_before(publisher: Client, name: str) -> None:
    network = make_network()
    seat = SeatFactory(meeting=network.seasons.get().meetings.first())
    membership = seat.membership
    token = link_of(membership)
    before = Client().get(reverse(name, args=[token])).status_code
    assert before in (200, 302, 405)
    close(publisher, network)
    assert Client().get(reverse(name, args=[token])).status_code == before


def test_what_is_owed_can_still_be_paid(publisher: Client) -> None:
    membership = MembershipFactory(status="awaiting_payment")
    close(publisher, membership.network)
    token = links.issue(
        purpose="pay", subject=audit.reference(membership), lifetime=timedelta(days=1)
    )
    assert Client().get(reverse("payment", args=[token])).status_code == 200


def test_the_personal_calendar_goes_on(publisher: Client) -> None:
    network = make_network()
    meeting = network.seasons.get().meetings.first()
    seat = SeatFactory(meeting=meeting)
    token = subscriptions.make_address(
        seat.membership_id, address=seat.participant.email, actor=audit.VISITOR
    )
    close(publisher, network)
    response = Client().get(reverse("membership_calendar", args=[token]))
    assert response.status_code == 200
    uids = {event["uid"] for event in Calendar.from_ical(response.content).events}
    assert meeting.uid in uids


def test_nobody_is_charged_for_a_new_season_meanwhile(publisher: Client) -> None:
    membership = MembershipFactory()
    close(publisher, membership.network)
    renewal.start_due()
    for season in membership.network.seasons.all():
        outcome = renewal.run(season.pk, early=True)
        assert (outcome.charged, outcome.free) == (0, 0)
    assert Membership.objects.get().state == "active"
