"""The calendar that a member subscribes to, as a calendar program reads it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from cms.links import Link
from networks.models import Membership, Participant
from networks.rules.states import Status
from networks.services import meetings, subscriptions
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    season,
)
from tests.networks.public.visits import page_of, token_for

pytestmark = pytest.mark.django_db
LINK = "https://moede.example.org/abc"


def make(membership: Membership, address: str = "") -> str:
    token = subscriptions.make_address(
        membership.pk, address=address or membership.contact.email, actor=audit.VISITOR
    )
    return reverse("membership_calendar", args=[token])


def read(client: Client, target: str) -> Calendar:
    response = client.get(target)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content)


def member() -> Membership:
    rows = coming_meetings()
    rows[0].online_link = LINK
    later = season(
        meetings=coming_meetings(1, first=timezone.now() + timedelta(days=400)),
        ladder={1: 700_000},
        starts_on=timezone.localdate() + timedelta(days=301),
        ends_on=timezone.localdate() + timedelta(days=600),
    )
    return MembershipFactory(network=make_network(seasons=[season(meetings=rows), later]))


class TestTheAddress:
    def test_is_shown_once_and_works(self, client):
        membership = member()
        response = client.post(page_of(membership, "membership_make_calendar"))
        address = response.context["calendar_address"]
        webcal = response.context["webcal_address"]
        assert webcal == address.replace("http://", "webcal://")
        assert len(read(client, address.replace("http://testserver", "")).events) == 3
        again = client.get(page_of(membership, "membership_meetings"))
        assert "calendar_address" not in again.context
        assert again.context["has_calendar"]

    def test_opening_the_page_makes_none(self, client):
        membership = member()
        assert client.get(page_of(membership, "membership_make_calendar")).status_code == 405
        assert not Link.objects.filter(purpose="calendar").exists()

    def test_a_new_one_takes_the_old_ones_place_for_that_person_alone(self, client):
        membership = member()
        colleague = ParticipantFactory(membership=membership)
        old, theirs = make(membership), make(membership, colleague.email)
        new = make(membership)
        assert client.get(old).status_code == 410
        assert client.get(new).status_code == client.get(theirs).status_code == 200

    def test_is_for_the_calendar_and_opens_nothing_else(self, client):
        membership = member()
        token = make(membership).split("/")[-1].removesuffix(".ics")
        assert client.get(reverse("membership", args=[token])).status_code == 410
        personal = reverse("membership_calendar", args=[token_for(membership)])
        assert client.get(personal).status_code == 410

    def test_stops_with_the_membership_and_with_the_persons_part_in_it(self, client):
        membership = member()
        colleague = ParticipantFactory(membership=membership)
        mine, theirs = make(membership), make(membership, colleague.email)
        Participant.objects.update(left_at=timezone.now())
        assert client.get(theirs).status_code == 410
        Membership.objects.update(status=Status.ENDED)
        assert client.get(mine).status_code == 410

    def test_is_kept_from_search_engines_and_other_sites(self, client):
        response = client.get(make(member()))
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "same-origin"
        assert "private" in response["Cache-Control"]


class TestWhatItHolds:
    def test_the_meetings_of_the_seasons_entered_with_the_online_link(self, client):
        membership = member()
        calendar = read(client, make(membership))
        entered = membership.first_season.meetings.order_by("starts_at")
        assert [event["uid"] for event in calendar.events] == [row.uid for row in entered]
        first, *others = calendar.events
        assert LINK in first["description"]
        assert first["conference"] == LINK
        assert all(LINK not in event.to_ical().decode() for event in others)

    def test_the_public_one_has_no_online_link(self, client):
        network = member().network
        page = client.get(reverse("network_calendar", args=[network.pk])).content.decode()
        assert LINK not in page
        assert (
            f"webcal://testserver/kalender/netvaerk/{network.pk}.ics"
            in client.get(network.url).content.decode()
        )

    def test_a_cancelled_meeting_says_so_under_the_same_uid_with_a_higher_sequence(self, client):
        membership = member()
        target = make(membership)
        before = read(client, target).events[0]
        row = membership.first_season.meetings.order_by("starts_at").first()
        meetings.cancel_meeting(row.pk, actor=audit.SYSTEM, reason="Sygdom")
        after = read(client, target).events[0]
        assert after["uid"] == before["uid"]
        assert after["status"] == "CANCELLED"
        assert after["sequence"] > before["sequence"]
        assert LINK not in after.to_ical().decode()

    def test_none_after_the_last_day_of_a_cancelled_membership(self, client):
        membership = member()
        first = membership.first_season.meetings.order_by("starts_at").first()
        day = timezone.localtime(first.starts_at).date()
        Membership.objects.update(cancelled_at=timezone.now(), ends_on=day)
        assert [event["uid"] for event in read(client, make(membership)).events] == [first.uid]

    def test_it_takes_few_queries(self, client, django_assert_max_num_queries):
        target = make(member())
        with django_assert_max_num_queries(12):
            client.get(target)


class TestReadingItAgain:
    def test_unchanged_it_is_not_sent_again(self, client):
        target = make(member())
        first = client.get(target)
        again = client.get(target, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        since = {"If-Modified-Since": first["Last-Modified"]}
        assert client.get(target, headers=since).status_code == 304

    def test_an_hour_later_it_says_the_same(self, client):
        target = make(member())
        etag = client.get(target)["ETag"]
        with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
            assert client.get(target, headers={"If-None-Match": etag}).status_code == 304

    def test_changed_it_is_sent(self, client):
        membership = member()
        target = make(membership)
        etag = client.get(target)["ETag"]
        row = membership.first_season.meetings.order_by("starts_at").first()
        meetings.cancel_meeting(row.pk, actor=audit.SYSTEM, reason="Sygdom")
        response = client.get(target, headers={"If-None-Match": etag})
        assert response.status_code == 200
        assert response["ETag"] != etag

    def test_the_public_one_too(self, client):
        target = reverse("network_calendar", args=[member().network_id])
        etag = client.get(target)["ETag"]
        assert client.get(target, headers={"If-None-Match": etag}).status_code == 304

    def test_only_by_reading(self, client):
        assert client.post(make(member())).status_code == 405
