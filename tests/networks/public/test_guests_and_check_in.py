"""Links of guests and of check-in: opening one changes nothing, its button does, and none fails."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms import links
from cms.audit import reference
from networks.models import GuestState, MeetingRecord
from networks.services.check_in import PURPOSE as CHECK_IN
from networks.services.notices.guests import PURPOSE as INVITATION
from tests.factories.meeting_day import GuestFactory, SeatFactory, meeting_at

pytestmark = pytest.mark.django_db


def link(purpose, row, path):
    token = links.issue(
        purpose=purpose, subject=reference(row), lifetime=timedelta(days=10), address="x@x.example"
    )
    return f"/{path}/{token}/"


def check_in_link(row):
    return link(CHECK_IN, row, "indtjekning")


def invitation_link(guest):
    return link(INVITATION, guest, "invitation")


@pytest.fixture
def guest():
    return GuestFactory(
        state=GuestState.INVITED, meeting=meeting_at(timezone.now() + timedelta(days=10))
    )


def test_opening_the_check_in_link_notes_nothing_its_button_does(client):
    seat = SeatFactory()
    address = check_in_link(seat)
    for method in (client.get, client.head):
        page = method(address)
        assert page.status_code == 200
        seat.refresh_from_db()
        assert seat.came is None
    page = client.get(address)
    assert seat.participant.name in page.content.decode()
    assert seat.meeting.title in page.content.decode()
    for _turn in range(2):
        page = client.post(address)
        assert "er tjekket ind" in page.content.decode()
    seat.refresh_from_db()
    assert seat.came is True


@pytest.mark.parametrize("what", ["early", "over", "cancelled", "released"])
def test_what_can_not_be_checked_in_says_so(client, what):
    days = {"early": 1, "over": -2}.get(what, 0)
    seat = SeatFactory(meeting=meeting_at(timezone.now() + timedelta(days=days)))
    if what == "cancelled":
        MeetingRecord.objects.create(meeting=seat.meeting, cancelled_at=timezone.now())
    if what == "released":
        seat.released_at = timezone.now()
        seat.save()
    said = {
        "early": "Du kan tjekke ind fra",
        "over": "Mødet er slut",
        "cancelled": "Mødet er aflyst",
        "released": "har ikke længere en plads",
    }[what]
    for method in (client.get, client.post):
        page = method(check_in_link(seat)).content.decode()
        assert said in page
        assert "<button" not in page.split("<main")[1].split("</main")[0]
    seat.refresh_from_db()
    assert seat.came is None


def test_links_that_are_unknown_old_or_of_another_purpose_are_gone(client, guest):
    seat = SeatFactory()
    gone = check_in_link(seat)
    seat.delete()
    swapped = check_in_link(guest).replace("indtjekning", "invitation")
    for address in (gone, swapped, "/indtjekning/x/", "/invitation/%00/", "/indtjekning/æøå/"):
        for method in (client.get, client.post):
            assert method(address).status_code == 410, address


def test_opening_the_invitation_answers_nothing_its_buttons_do(client, guest):
    address = invitation_link(guest)
    page = client.get(address).content.decode()
    for told in (guest.meeting.title, guest.name, guest.purpose, "12 måneder"):
        assert told in page
    client.post(address)
    guest.refresh_from_db()
    assert guest.state == "invited"
    for button, state in (("accept", "accepted"), ("decline", "declined")):
        answered = client.post(address, {button: "1"})
        assert answered.status_code == 302
        assert client.get(answered.url).status_code == 200
        guest.refresh_from_db()
        assert guest.state == state


def test_a_closed_invitation_says_why_and_has_no_buttons(client, guest):
    address = invitation_link(guest)
    MeetingRecord.objects.create(meeting=guest.meeting, cancelled_at=timezone.now())
    page = client.get(address).content.decode()
    assert "Mødet er aflyst" in page
    assert 'name="accept"' not in page
    refused = client.post(address, {"accept": "1"})
    assert refused.status_code == 409
    guest.refresh_from_db()
    assert guest.state == "invited"
    guest.state = GuestState.WITHDRAWN
    guest.save()
    assert client.get(address).status_code == 410


def test_the_online_link_is_for_guests_who_come(client, guest):
    guest.meeting.online_link = "https://video.example/moede"
    guest.meeting.save()
    address = invitation_link(guest)
    assert "video.example" not in client.get(address).content.decode()
    client.post(address, {"accept": "1"})
    assert "video.example" in client.get(address).content.decode()


def test_the_token_does_not_leave_the_site_and_is_not_kept(client, guest):
    for address in (invitation_link(guest), check_in_link(SeatFactory())):
        page = client.get(address)
        assert page["Referrer-Policy"] == "same-origin"
        assert page["X-Robots-Tag"] == "noindex"
        assert "no-store" in page["Cache-Control"]


def test_the_pages_take_few_queries(client, guest, django_assert_max_num_queries):
    invitation, check_in = invitation_link(guest), check_in_link(SeatFactory())
    for address in (invitation, check_in):
        client.get(address)
        with django_assert_max_num_queries(16):
            client.get(address)
