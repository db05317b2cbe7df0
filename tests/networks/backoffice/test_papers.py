"""Badges and the participant list as PDF: for those who may print the meeting's list."""

import re
import zlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from networks import roles
from networks.models import GuestState
from networks.wagtail_hooks import meetings
from tests.factories.meeting_day import GuestFactory, SeatFactory, host_of, meeting_at
from tests.factories.networks import MembershipFactory, ParticipantFactory, make_user

pytestmark = pytest.mark.django_db
LONG = "Maximiliane-Charlotte Rosenkrantz-Gyldensteen Christoffersen af Hvidkilde"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def meeting():
    return meeting_at(timezone.now() + timedelta(days=2))


def seat_of(meeting, name="Anna Eksempel", title="Kulturchef"):
    membership = MembershipFactory(network=meeting.season.page)
    person = ParticipantFactory(membership=membership, name=name, job_title=title)
    return SeatFactory(meeting=meeting, membership=membership, participant=person)


def pdf(client, name, meeting, **chosen):
    response = client.get(meetings.row_url(name, meeting.pk), chosen)
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    return response.content


def unpacked(content):
    """The document with its compressed parts legible."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    legible = b""
    for part in parts:
        unzip = zlib.decompressobj()
        try:
            legible += unzip.decompress(part)
        except zlib.error:
            legible += part
    return content + legible


def pages_of(content):
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", unpacked(content)))


@pytest.mark.parametrize(("name", "chosen"), [("badges", {}), ("print", {"format": "pdf"})])
def test_papers_are_tagged_for_screen_readers(meeting, name, chosen):
    seat_of(meeting)
    content = unpacked(pdf(signed_in(host_of(meeting)), name, meeting, **chosen))
    assert b"pdfuaid" in content
    assert b"/StructTreeRoot" in content
    assert b"/Lang" in content


def test_ten_badges_a_sheet(meeting):
    for number in range(10):
        seat_of(meeting, f"Deltager {number}")
    client = signed_in(host_of(meeting))
    assert pages_of(pdf(client, "badges", meeting)) == 1
    GuestFactory(meeting=meeting)
    assert pages_of(pdf(client, "badges", meeting)) == 2


def test_long_names_keep_their_badge(meeting):
    """They are set smaller; the sheet stays a sheet."""
    for _turn in range(10):
        seat_of(meeting, LONG, "Specialkonsulent for kunst i det offentlige rum " * 3)
    assert pages_of(pdf(signed_in(host_of(meeting)), "badges", meeting)) == 1


def test_what_looks_like_code_is_text(meeting):
    seat_of(meeting, '#panic("x") *Anna* $1$ \\ ]', '"); #import "y"')
    for name, chosen in (("badges", {}), ("print", {"format": "pdf"})):
        pdf(signed_in(host_of(meeting)), name, meeting, **chosen)


def test_guests_who_declined_get_no_badge(meeting):
    GuestFactory(meeting=meeting, state=GuestState.DECLINED)
    response = signed_in(host_of(meeting)).get(meetings.row_url("badges", meeting.pk))
    assert response.status_code == 302
    assert response.url == meetings.row_url("inspect", meeting.pk)


def test_an_empty_list_is_a_list(meeting):
    assert pages_of(pdf(signed_in(host_of(meeting)), "print", meeting, format="pdf")) == 1


@pytest.mark.parametrize("name", ["badges", "print"])
def test_papers_of_another_meeting_are_not_found(meeting, name):
    seat_of(meeting)
    other = meeting_at(timezone.now() + timedelta(days=2))
    address = meetings.row_url(name, meeting.pk)
    assert signed_in(host_of(other)).get(address, {"format": "pdf"}).status_code == 404
    finance = signed_in(make_user(roles.FINANCE))
    assert finance.get(address, {"format": "pdf"}).status_code == 302
    coordinator = signed_in(make_user(roles.COORDINATORS, networks=[meeting.season.page]))
    assert coordinator.get(address, {"format": "pdf"}).status_code == 200
