"""The reports: files that say what the screen says, within one's networks, in few queries."""

import csv
import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from networks import roles
from networks.backoffice.reports.menu import REPORTS
from networks.backoffice.reports.tile_map import layout
from networks.models import Municipality
from networks.rules.states import Status
from tests.factories.meeting_day import SeatFactory, network_with
from tests.factories.networks import MembershipFactory, make_network, make_user
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db

TABLES = {
    "report_members": ["members"],
    "report_movements": ["months", "networks"],
    "report_coverage": ["regions", "municipalities"],
    "report_attendance": ["meetings"],
    "report_revenue": ["seasons"],
}
OF_MEMBERS = {"report_members", "report_movements", "report_coverage", "report_attendance"}
MAY_OPEN = {
    roles.EDITORS: set(),
    roles.PUBLISHERS: set(),
    roles.MEMBER_ADMINISTRATORS: OF_MEMBERS | {"report_revenue"},
    roles.COORDINATORS: OF_MEMBERS,
    roles.FINANCE: {"report_revenue"},
    roles.AUDITORS: OF_MEMBERS | {"report_revenue"},
    roles.HOSTS: set(),
}
NUMBER = re.compile(r"^-?[\d.]+(,\d+)?( kr\.| %)?$")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def fill(network, number):
    """Members, some leaving, with charges and seats at a meeting that was held."""
    meeting = network.seasons.get().meetings.order_by("starts_at").first()
    for turn in range(number):
        ended = {"status": Status.ENDED, "ends_on": timezone.localdate()} if turn % 3 == 2 else {}
        membership = MembershipFactory(network=network, **ended)
        make_charge(membership)
        SeatFactory(membership=membership, meeting=meeting, came=(True, False, None)[turn % 3])


@pytest.fixture
def networks():
    found = [network_with(timezone.now() - timedelta(days=3)) for _turn in range(2)]
    for number, network in enumerate(found, start=4):
        fill(network, number)
    return found


def shown(page, key):
    """The cells of a table on the screen."""
    table = page.split(f'data-table="{key}"')[1].split("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table.split("<tbody>")[1], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[unescape(cell.strip()) for cell in row] for row in cells]


def as_number(cell):
    """What a cell of screen or file counts, if it does."""
    text = str(cell).replace("\xa0", " ").strip()
    if re.fullmatch(r"-?\d+\.\d{1,2}", text):  # A file's amount.
        return float(text)
    if not NUMBER.match(text):
        return None
    return float(text.removesuffix(" kr.").removesuffix(" %").replace(".", "").replace(",", "."))


def file_of(client, name, key, **chosen):
    response = client.get(reverse(name), {**chosen, "export": key})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))[1:]


@pytest.mark.parametrize(("name", "words"), [("report_attendance", 1), ("report_coverage", 2)])
def test_words_stand_to_the_left_of_their_column_and_numbers_to_the_right(networks, name, words):
    page = signed_in(make_user(roles.MEMBER_ADMINISTRATORS)).get(reverse(name)).content.decode()
    row = page.split(f'data-table="{TABLES[name][-1]}"')[1].split("<tbody>")[1].split("</tr>")[0]
    assert row.count('<td class="backoffice-text">') == words
    assert not any(as_number(cell) for cell in re.findall(r'backoffice-text">(.*?)</td>', row))


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, keys in TABLES.items() for key in keys]
)
def test_the_file_says_what_the_screen_says(networks, name, key):
    client = signed_in(make_user(roles.MEMBER_ADMINISTRATORS))
    page = client.get(reverse(name)).content.decode()
    on_screen, in_file = shown(page, key), file_of(client, name, key)
    assert len(on_screen) == len(in_file) > 0
    for screen_row, file_row in zip(on_screen, in_file, strict=True):
        for screen_cell, file_cell in list(zip(screen_row, file_row, strict=True))[1:]:
            assert as_number(screen_cell) == as_number(file_cell), (screen_row, file_row)
    book = client.get(reverse(name), {"export": key, "format": "xlsx"})
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content))).active
    assert sheet.max_row == len(in_file) + 1


@pytest.mark.parametrize(
    ("name", "key", "columns"),
    [
        ("report_movements", "months", (2, 3)),
        ("report_movements", "networks", (1, 2, 3, 4)),
        ("report_coverage", "regions", (1, 2, 3, 4, 5)),
        ("report_attendance", "meetings", (2, 3, 4, 5, 7)),
        ("report_revenue", "seasons", (1, 2, 3, 4, 5, 6, 7)),
    ],
)
def test_the_last_line_is_the_sum_of_the_others(networks, name, key, columns):
    rows = file_of(signed_in(make_user(roles.MEMBER_ADMINISTRATORS)), name, key)
    *lines, total = [[as_number(cell) for cell in row] for row in rows]
    for column in columns:
        assert sum(line[column] for line in lines) == total[column], column
    assert any(total[column] for column in columns)


def test_the_total_of_members_is_that_of_the_networks(networks):
    rows = file_of(signed_in(make_user(roles.MEMBER_ADMINISTRATORS)), "report_members", "members")
    for row in rows:
        assert int(row[-1]) == sum(int(cell) for cell in row[1:-1])
    assert rows[-1][1:] == ["4", "5", "9"]


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_role_opens_its_reports_and_finds_them_in_the_menu(networks, role):
    client = signed_in(make_user(role, networks=networks[:1]))
    menu = client.get(reverse("wagtailadmin_home")).content.decode()
    for name in TABLES:
        allowed = name in MAY_OPEN[role]
        for chosen in ({}, {"export": TABLES[name][0]}):
            assert client.get(reverse(name), chosen).status_code == (200 if allowed else 302)
        assert (reverse(name) in menu) == allowed, name


@pytest.mark.parametrize("name", sorted(OF_MEMBERS))
def test_a_coordinator_counts_the_own_networks_only(networks, name):
    own, other = networks
    client = signed_in(make_user(roles.COORDINATORS, networks=[own]))
    page = client.get(reverse(name)).content.decode()
    assert other.title not in page
    for chosen in ({"network": other.pk}, {"network": other.pk, "export": TABLES[name][0]}):
        assert client.get(reverse(name), chosen).status_code == 404
    if name == "report_members":
        assert file_of(client, name, "members")[-1][1:] == ["4"]


def test_what_is_chosen_stands_in_the_address(networks):
    client = signed_in(make_user(roles.AUDITORS))
    chosen = {"network": networks[0].pk, "start": "2026-01-01", "end": "2026-02-01"}
    page = client.get(reverse("report_movements"), chosen).content.decode()
    assert f"network={networks[0].pk}&amp;start=2026-01-01&amp;end=2026-02-01&amp;export=" in page
    assert 'value="2026-01-01"' in page
    assert len(shown(page, "months")) == 3


@pytest.mark.parametrize(
    "chosen",
    [
        {"start": "2026-03-01", "end": "2026-02-01"},
        {"start": "1990-01-01", "end": "2026-02-01"},
        {"start": "i går"},
        {"start": "2999-01-01", "end": "2999-02-01"},
    ],
)
def test_a_period_that_is_none_is_told_in_the_form(chosen):
    client = signed_in(make_user(roles.AUDITORS))
    for more in ({}, {"export": "members"}):
        response = client.get(reverse("report_members"), {**chosen, **more})
        assert response.status_code == 200
        assert "data-table" not in response.content.decode()


@pytest.mark.parametrize("name", TABLES)
def test_pictures_are_told_to_who_does_not_see_them(networks, name):
    page = signed_in(make_user(roles.AUDITORS)).get(reverse(name)).content.decode()
    picture = page.split('<svg class="chart"')[1].split("</svg>")[0]
    assert 'role="img" aria-labelledby="picture-title picture-description"' in picture
    for part in ("title", "desc"):
        assert re.search(rf"<{part} id=\"picture-\w+\">[^<]+</{part}>", picture)
    # A template writes decimal commas in Danish, which no coordinate may have.
    assert not re.search(r'(?:x|y|x1|y1|width|height|cx|cy)="[^"]*,[^"]*"', picture)


@pytest.mark.parametrize("name", TABLES)
def test_few_queries_whatever_the_rows(networks, name, django_assert_max_num_queries):
    client = signed_in(make_user(roles.MEMBER_ADMINISTRATORS))
    client.get(reverse(name))
    with django_assert_max_num_queries(20) as captured:
        client.get(reverse(name))
    before = len(captured)
    for network in (*networks, network_with(timezone.now() - timedelta(days=9))):
        fill(network, 4)
    with django_assert_max_num_queries(before):
        client.get(reverse(name))


def test_an_empty_site_has_empty_reports():
    client = signed_in(make_user(roles.MEMBER_ADMINISTRATORS))
    for name in REPORTS.values():
        assert client.get(reverse(name.url_name)).status_code == 200


# The map ------------------------------------------------------------------------------------------


def test_every_municipality_has_a_tile_of_its_own():
    tiles = layout()
    assert set(tiles) == set(Municipality.objects.values_list("code", flat=True))
    assert len({(tile.column, tile.row) for tile in tiles.values()}) == 98
    assert len({tile.short for tile in tiles.values()}) == 98


def test_tiles_lie_as_the_municipalities_do():
    """Of those that lie far apart, the tile of the eastern one stands further right, of the
    northern one further up."""
    tiles = layout()
    places = list(Municipality.objects.values_list("code", "longitude", "latitude"))
    pairs = [(one, other) for one in places for other in places if one < other]
    wrong = sum(
        (east_of - west_of > 1.5 and tiles[east].column <= tiles[west].column)
        or (west_of - east_of > 1.5 and tiles[west].column <= tiles[east].column)
        or (north_of - south_of > 1 and tiles[east].row >= tiles[west].row)
        or (south_of - north_of > 1 and tiles[west].row >= tiles[east].row)
        for (east, east_of, north_of), (west, west_of, south_of) in pairs
    )
    assert wrong <= len(pairs) * 0.01


def test_the_map_shows_how_each_municipality_stands():
    network = make_network()
    vejle, skive = Municipality.objects.filter(name__in=["Vejle", "Skive"]).order_by("-name")
    MembershipFactory(network=network, municipality=vejle)
    MembershipFactory(network=network, municipality=skive, status=Status.WAITLISTED)
    client = signed_in(make_user(roles.COORDINATORS, networks=[network]))
    page = client.get(reverse("report_coverage")).content.decode()
    for text in ("Vejle: Medlem", "Skive: Venter", "Fanø: Aldrig medlem"):
        assert f"<title>{text}</title>" in page
    assert page.count('<g transform="translate(') == 98


@pytest.mark.parametrize(
    ("day", "there", "gone"),
    [
        (date(2026, 12, 31), "Region Sjælland", "Region Østdanmark"),
        (date(2027, 1, 1), "Region Østdanmark", "Region Sjælland"),
    ],
)
def test_the_map_has_the_regions_of_its_day(day, there, gone):
    client = signed_in(make_user(roles.AUDITORS))
    rows = file_of(client, "report_coverage", "municipalities", day=day.isoformat())
    regions = {row[1] for row in rows}
    assert there in regions
    assert gone not in regions
