"""The lists: filters, search, query counts, and exports that no spreadsheet can be tricked by."""

import csv
from datetime import datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from cms.backoffice.spreadsheets import neutralise
from networks import roles
from networks.models import Answer, NetworkPage, Question
from networks.rules.states import Status
from networks.services.notices import membership as notices
from networks.wagtail_hooks import join_requests, meetings, memberships, messages, people
from payments.services.invoicing import issue_invoice
from payments.wagtail_hooks import charges, invoices, payments
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    make_network,
    make_user,
)
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db

LISTS = [memberships, people, meetings, join_requests, charges, payments, messages, invoices]
OPENED_BY = {
    charges: roles.FINANCE,
    payments: roles.FINANCE,
    invoices: roles.FINANCE,
}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def fill(number: int) -> None:
    make_seller()
    network = make_network()
    for _turn in range(number):
        membership = MembershipFactory(network=network)
        ParticipantFactory(membership=membership)
        JoinRequestFactory(membership=membership)
        charge = make_charge(membership)
        make_payment(charge)
        issue_invoice(charge)
        notices.approved(membership, text="Velkommen")


@pytest.mark.parametrize("admin", LISTS)
def test_a_list_takes_few_queries_whatever_its_rows(
    admin: object, client: Client, django_assert_max_num_queries: object
) -> None:
    """By one who may do something to its rows, so that their menus are made too.

    The whole page is counted: session, user, rights and menu, the list and its filters.
    """
    client.force_login(make_user(OPENED_BY.get(admin, roles.MEMBER_ADMINISTRATORS)))
    fill(1)
    filtered = {"network": NetworkPage.objects.get().pk}
    client.get(admin.row_url("index"))
    for number in (1, 60):
        with django_assert_max_num_queries(10):
            page = client.get(admin.row_url("index"))
        assert len(page.context["object_list"]) == min(number, 50) or admin is meetings
        with django_assert_max_num_queries(10):
            client.get(admin.row_url("index"), filtered)
        with django_assert_max_num_queries(10):
            client.get(admin.row_url("results"), filtered)
        if number == 1:
            fill(59)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_takes_few_queries_whatever_its_rows(
    administrator: Client, file_format: str, django_assert_max_num_queries: object
) -> None:
    fill(20)
    with django_assert_max_num_queries(12):
        response = administrator.get(memberships.row_url("index"), {"export": file_format})
        assert len(b"".join(response.streaming_content)) > 1000


def csv_rows(client: Client, admin: object, **parameters: str) -> list[dict[str, str]]:
    response = client.get(admin.row_url("index"), {**parameters, "export": "csv"})
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def xlsx_cells(client: Client, admin: object, **parameters: str) -> list[tuple[object, ...]]:
    response = client.get(admin.row_url("index"), {**parameters, "export": "xlsx"})
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_looks_like_a_formula_is_made_text(administrator: Client, start: str) -> None:
    formula = f'{start}HYPERLINK("http://example.org";"klik")'
    network = make_network()
    question = Question.objects.create(page=network, label=f"{start}Spørgsmål", purpose="x")
    membership = MembershipFactory(network=network, contact__name=formula)
    Answer.objects.create(membership=membership, question=question, value=formula)
    for cells in (
        list(csv_rows(administrator, memberships)[0].items()),
        list(zip(*xlsx_cells(administrator, memberships), strict=True)),
    ):
        named = {str(heading): value for heading, value in cells}
        # In XML a carriage return is a line feed.
        assert f"'{formula}" in [str(value).replace("\n", "\r") for value in named.values()]
        assert any(heading.endswith("Spørgsmål") and heading[0] == "'" for heading in named)
        texts = [text for pair in cells for text in pair if isinstance(text, str)]
        assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in texts)


def test_an_export_writes_numbers_as_numbers_and_times_as_local_times() -> None:
    assert neutralise(-7000) == -7000
    assert neutralise(None) is None
    summer = datetime.fromisoformat("2027-07-01T10:00:00+00:00")
    assert neutralise(summer) == datetime(2027, 7, 1, 12)
    assert neutralise("lodret\x0btab") == "lodrettab"


def test_an_export_holds_the_rows_that_are_filtered_and_visible(client: Client) -> None:
    own, other = make_network(), make_network()
    mine = MembershipFactory(network=own)
    MembershipFactory(network=own, status=Status.WITHDRAWN)
    MembershipFactory(network=other)
    client.force_login(make_user(roles.COORDINATORS, networks=[own]))
    for admin, number in ((memberships, 2), (people, 2)):
        assert len(csv_rows(client, admin)) == number
        assert len(xlsx_cells(client, admin)) == number + 1
    (row,) = csv_rows(client, memberships, status="active")
    assert mine.contact.email in row.values()


def test_an_export_holds_participants_and_answers(administrator: Client) -> None:
    network = make_network()
    question = Question.objects.create(page=network, label="Allergier", purpose="Forplejning")
    membership = MembershipFactory(network=network)
    participant = ParticipantFactory(membership=membership)
    Answer.objects.create(membership=membership, question=question, value="Nødder")
    make_network()
    (row,) = csv_rows(administrator, memberships)
    assert row["Allergier"] == "Nødder"
    assert participant.email in "".join(row.values())


def test_memberships_are_filtered(administrator: Client) -> None:
    west = MunicipalityFactory(region="Vest", region_2027="Vest")
    east = MunicipalityFactory(region="Øst", region_2027="Øst")
    network = make_network()
    active = MembershipFactory(network=network, municipality=west)
    pending = MembershipFactory(municipality=east, status=Status.PENDING_APPROVAL, method="card")
    unproved = MembershipFactory(
        network=network, municipality=east, address_confirmed_at=None, method="card"
    )
    leaving = MembershipFactory(municipality=west, leaving=True)
    cases = {
        "status=active": [active, unproved, leaving],
        "status=active&status=pending_approval": [active, unproved, leaving, pending],
        "task=paid_unconfirmed": [unproved],
        "task=approval": [pending],
        "task=leaving": [leaving],
        f"network={network.pk}": [active, unproved],
        f"municipality={east.pk}": [pending, unproved],
        "region=Vest": [active, leaving],
        "method=card": [pending, unproved],
        f"q={active.contact.email}": [active],
        "q=findes-ikke": [],
    }
    for query, expected in cases.items():
        page = administrator.get(f"{memberships.row_url('results')}?{query}").content.decode()
        shown = {each for each in (active, pending, unproved, leaving) if str(each.pk) in page}
        assert shown == set(expected), query


def test_a_member_is_found_by_a_participants_name(administrator: Client) -> None:
    named = ParticipantFactory(name="Særlig Navngiven").membership
    other = MembershipFactory()
    page = administrator.get(memberships.row_url("results"), {"q": "særlig"}).content.decode()
    assert str(named.pk) in page
    assert str(other.pk) not in page


def test_every_column_that_says_so_can_be_sorted_by(administrator: Client) -> None:
    fill(2)
    for admin in LISTS:
        view = administrator.get(admin.row_url("index")).context["view"]
        for ordering in view.get_valid_orderings():
            response = administrator.get(admin.row_url("results"), {"ordering": ordering})
            assert response.status_code == 200, ordering


def test_states_are_told_in_words_and_colour(administrator: Client) -> None:
    MembershipFactory(status=Status.WAITLISTED)
    page = administrator.get(memberships.row_url("index")).content.decode()
    assert "backoffice-status--waiting" in page


def test_that_an_active_member_has_cancelled_is_told_in_words(administrator: Client) -> None:
    membership = MembershipFactory()
    listed = memberships.row_url("results")
    assert "Aktiv, udmeldt" not in administrator.get(listed).content.decode()
    membership.cancelled_at = timezone.now()
    membership.save(update_fields=["cancelled_at"])
    assert "Aktiv, udmeldt" in administrator.get(listed).content.decode()


def test_coming_meetings_are_told_from_held_ones(administrator: Client) -> None:
    network = make_network()
    first, second, _third = network.seasons.get().meetings.all()
    first.starts_at -= timedelta(weeks=52)
    first.ends_at -= timedelta(weeks=52)
    first.save()
    held = administrator.get(meetings.row_url("results"), {"when": "past"}).content.decode()
    assert meetings.row_url("inspect", first.pk) in held
    assert meetings.row_url("inspect", second.pk) not in held
    coming = administrator.get(meetings.row_url("results"), {"when": "coming"}).content.decode()
    assert meetings.row_url("inspect", first.pk) not in coming
    assert meetings.row_url("inspect", second.pk) in coming


@pytest.mark.parametrize("ordering", ["", "status", "-status", "signed_up_at"])
def test_every_row_stands_on_exactly_one_page(
    administrator: Client, monkeypatch: pytest.MonkeyPatch, ordering: str
) -> None:
    monkeypatch.setattr(memberships.index_view_class, "paginate_by", 3)
    network = make_network()
    rows = [MembershipFactory(network=network).pk for _turn in range(10)]
    shown = []
    for number in range(1, 5):
        query = {"p": number, "ordering": ordering}
        page = administrator.get(memberships.row_url("results"), query)
        shown += [row.pk for row in page.context["object_list"]]
    assert sorted(shown) == sorted(rows)
    if ordering in ("", "signed_up_at"):
        assert shown == (rows if ordering else rows[::-1])
