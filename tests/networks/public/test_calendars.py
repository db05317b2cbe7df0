"""Meetings as calendar files: what is public, and nothing else."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from networks.models import Meeting
from networks.services import meetings
from tests.factories.networks import MunicipalityFactory, coming_meetings, make_network, season

pytestmark = pytest.mark.django_db


def read(client, name: str, key: int) -> Calendar:
    response = client.get(reverse(name, args=[key]))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"].endswith('.ics"')
    return Calendar.from_ical(response.content)


def test_the_networks_coming_meetings_are_in_its_file(client):
    past = coming_meetings(1, first=timezone.now() - timedelta(days=20))
    announced = Meeting(title="Studietur", date_text="September")
    rows = [*past, *coming_meetings(2), announced]
    network = make_network(title="Ærø & øvrige; møder", seasons=[season(meetings=rows)])
    calendar = read(client, "network_calendar", network.pk)
    assert calendar["method"] == "PUBLISH"
    assert calendar["x-wr-calname"] == network.title
    assert [event["summary"] for event in calendar.events] == [
        f"{network.title}: Møde 1",
        f"{network.title}: Møde 2",
    ]


def test_a_meeting_says_when_where_and_what(client):
    row = coming_meetings(1)[0]
    row.venue, row.host = "Rådhuset, mødesal 2", MunicipalityFactory(official_name="Ærø Kommune")
    row.agenda = "<p>Fælles <b>anlæg</b></p>"
    row.online_link = "https://video.example/hemmelig"
    network = make_network(seasons=[season(meetings=[row])])
    stored = network.seasons.get().meetings.get()
    calendar = read(client, "meeting_calendar", stored.pk)
    event = calendar.events[0]
    assert event["dtstart"].dt == stored.starts_at
    assert event["dtend"].dt == stored.ends_at
    assert event["location"] == "Rådhuset, mødesal 2, Ærø Kommune"
    assert event["description"] == "Fælles anlæg"
    assert event["uid"] == stored.uid
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert b"hemmelig" not in calendar.to_ical()


def test_a_cancelled_one_says_so(client):
    network = make_network()
    row = network.seasons.get().meetings.first()
    meetings.cancel_meeting(row.pk, actor=audit.SYSTEM, reason="Sygdom")
    event = read(client, "meeting_calendar", row.pk).events[0]
    assert (event["sequence"], event["status"]) == (1, "CANCELLED")


def test_of_a_network_that_is_not_published_there_is_none(client):
    network = make_network()
    row = network.seasons.get().meetings.first()
    network.unpublish()
    for name, key in (("network_calendar", network.pk), ("meeting_calendar", row.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 404


def test_a_meeting_without_a_date_has_no_file(client):
    later = Meeting(title="Studietur", date_text="September")
    network = make_network(seasons=[season(meetings=[later], ladder={1: 100})])
    row = network.seasons.get().meetings.get()
    assert client.get(reverse("meeting_calendar", args=[row.pk])).status_code == 404
