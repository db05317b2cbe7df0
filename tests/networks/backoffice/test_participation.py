"""The page of participation: one's own networks, and exports that say what the screen says."""

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from networks import roles
from networks.wagtail_hooks import meetings
from tests.factories.meeting_day import GuestFactory, SeatFactory, network_with
from tests.factories.networks import MembershipFactory, MunicipalityFactory, make_user

pytestmark = pytest.mark.django_db
ADDRESS = meetings.row_url("participation")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def season():
    """Two held meetings; of Vejle two came, of =Årby one did and one did not."""
    now = timezone.now()
    network = network_with(now - timedelta(days=20), now - timedelta(days=10))
    first, second = network.seasons.get().meetings.order_by("starts_at")
    for place, marks in (("Vejle", (True, True)), ("=Årby", (True, False))):
        membership = MembershipFactory(
            network=network,
            municipality=MunicipalityFactory(name=place),
            activated_at=now - timedelta(days=90),
        )
        for came in marks:
            SeatFactory(membership=membership, meeting=first, came=came)
    GuestFactory(meeting=second, came=True)
    return network.seasons.get()


@pytest.fixture
def coordinator(season):
    return signed_in(make_user(roles.COORDINATORS, networks=[season.page]))


def exported(client, season, what, **more):
    response = client.get(ADDRESS, {"season": season.pk, "export": what, **more})
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def on_screen(client, season, number):
    """The cells of the page's first or second table."""
    text = client.get(ADDRESS, {"season": season.pk}).content.decode()
    body = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)[number]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


@pytest.mark.parametrize(("what", "number"), [("meetings", 0), ("municipalities", 1)])
def test_the_export_says_what_the_screen_says(coordinator, season, what, number):
    text = exported(coordinator, season, what).decode("utf-8-sig")
    _headings, *rows = csv.reader(StringIO(text))
    shown = [
        [cell.replace("–", "") for cell in row] for row in on_screen(coordinator, season, number)
    ]
    assert [row[1:] for row in rows] == [row[1:] for row in shown]
    total = [sum(int(row[1]) for row in rows[:-1]), int(rows[-1][1])]
    assert total[0] == total[1]


def test_totals_and_formulas(coordinator, season):
    book = load_workbook(BytesIO(exported(coordinator, season, "municipalities", format="xlsx")))
    rows = list(book.active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["'=Årby", "Vejle", "I alt"]
    assert rows[-1][1:] == (2, 2, 4, 3, 1, 4)
    meetings_total = on_screen(coordinator, season, 0)[-1]
    assert meetings_total == ["I alt", "4", "3", "1", "0", "75", "1", "1"]


def test_a_season_of_another_network_is_not_found(season):
    other = network_with(timezone.now())
    client = signed_in(make_user(roles.COORDINATORS, networks=[other]))
    for parameters in ({}, {"export": "meetings"}):
        assert client.get(ADDRESS, {"season": season.pk, **parameters}).status_code == 404
    text = client.get(ADDRESS).content.decode()
    assert other.title in text
    assert season.page.title not in text


@pytest.mark.parametrize("role", roles.ROLES)
def test_for_those_who_look_after_members(season, role):
    allowed = {roles.MEMBER_ADMINISTRATORS, roles.COORDINATORS, roles.AUDITORS}
    client = signed_in(make_user(role))
    assert client.get(ADDRESS).status_code == (200 if role in allowed else 302)
    menu = client.get(meetings.row_url("index"), follow=True).content.decode()
    assert (ADDRESS in menu) == (role in allowed)


def test_few_queries(coordinator, season, django_assert_max_num_queries):
    coordinator.get(ADDRESS)
    with django_assert_max_num_queries(16):
        assert coordinator.get(ADDRESS).status_code == 200
