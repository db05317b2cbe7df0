"""The screens of an import: file, columns, what becomes of each row, and the yes."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from networks import roles
from networks.models import MemberImport, Membership, Municipality, NetworkPage, Season
from networks.rules.states import Status
from networks.services import importing, taking_in
from networks.wagtail_hooks import memberships
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db

UPLOAD = memberships.row_url("import")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def next_season() -> Season:
    begins = timezone.localdate() + timedelta(days=301)
    return season(name="Næste", starts_on=begins, ends_on=begins + timedelta(days=364))


def sent(client: Client, network: NetworkPage, content: bytes | str) -> HttpResponse:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("Ane Prøve.csv", data)
    return client.post(UPLOAD, {"network": network.pk, "file": file})


def list_of(*places: Municipality, name: str = "Ane Prøve") -> str:
    rows = [f"{place.name};{name};ane@{place.domains[0]}" for place in places]
    return "\n".join(["Kommune;Navn;E-mail;Allergi", *(f"{row};nødder" for row in rows)])


def preview_of(client: Client, network: NetworkPage, content: str) -> str:
    """The address of the preview, with the columns as they were guessed."""
    columns = sent(client, network, content)["Location"]
    form = client.get(columns).context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    return client.post(columns, data)["Location"]


def digest_at(client: Client, url: str) -> str:
    return client.get(url).context["form"].initial["digest"]


def test_a_list_is_taken_in_step_by_step(
    administrator: Client, django_assert_max_num_queries
) -> None:
    network, places = make_network(), MunicipalityFactory.create_batch(3)
    assert administrator.get(UPLOAD).status_code == 200
    url = preview_of(administrator, network, list_of(*places))
    waiting = MemberImport.objects.get()
    assert waiting.columns == {"0": "municipality", "1": "name", "2": "email"}
    assert "Prøve.csv" not in str(MemberImport.objects.values().get())
    with django_assert_max_num_queries(40):
        page = administrator.get(url)
    assert [number for _fate, _label, number in page.context["counts"]] == [0, 3, 0, 0]
    assert page.content.decode().count(places[0].name)
    done = administrator.post(url, {"digest": page.context["form"].initial["digest"]})
    assert done["Location"] == f"{memberships.row_url('index')}?network={network.pk}"
    assert Membership.objects.filter(network=network, status=Status.ACTIVE).count() == 3
    told = administrator.get(administrator.get(url)["Location"])
    assert "3 nye medlemskaber" in told.content.decode()


def test_the_list_leads_there_for_whoever_may(client: Client) -> None:
    for role, leads in ((roles.MEMBER_ADMINISTRATORS, True), (roles.AUDITORS, False)):
        client.force_login(make_user(role))
        page = client.get(memberships.row_url("index")).content.decode()
        assert (f'href="{UPLOAD}"' in page) == leads


def test_columns_can_be_corrected(administrator: Client) -> None:
    network, place = make_network(), MunicipalityFactory()
    content = f"Hvor;Hvem;Adresse\n{place.name};Ane;ane@{place.domains[0]}"
    url = sent(administrator, network, content)["Location"]
    season = network.seasons.get().pk
    wrong = administrator.post(url, {"season": season, "column_0": "name", "column_1": "name"})
    assert len(wrong.context["form"].non_field_errors()) == 3
    data = {"column_0": "municipality", "column_1": "name", "column_2": "email"}
    assert administrator.post(url, data).context["form"].errors["season"]
    after = administrator.post(url, {**data, "season": season})
    page = administrator.get(after["Location"])
    assert page.context["outlook"].plan.has_work


def test_nothing_is_shown_or_taken_in_before_columns_and_season_are_said(
    administrator: Client,
) -> None:
    network, place = make_network(seasons=[season(), next_season()]), MunicipalityFactory()
    columns = sent(administrator, network, list_of(place))["Location"]
    assert administrator.get(f"{columns}preview/")["Location"] == columns
    waiting = MemberImport.objects.get()
    digest = importing.outlook(waiting).plan.digest
    refused = administrator.post(f"{columns}preview/", {"digest": digest})
    assert refused.context["form"].non_field_errors()
    assert not Membership.objects.exists()


def test_a_free_network_without_seasons_asks_for_none(administrator: Client) -> None:
    network = make_network(free_of_charge=True)
    url = preview_of(administrator, network, list_of(MunicipalityFactory()))
    administrator.post(url, {"digest": digest_at(administrator, url)})
    assert Membership.objects.get().first_season is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04rubbish",
        b"\xd0\xcf\x11\xe0" + bytes(100),
        bytes(range(256)) * 10,
        b"Kommune;Navn\n" + b"Odense;Ane\n" * 50_000,
    ],
)
def test_rubbish_is_an_error_in_the_form(administrator: Client, content: bytes) -> None:
    response = sent(administrator, make_network(), content)
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert not MemberImport.objects.exists()


def test_errors_can_be_downloaded_and_hold_no_formulas(administrator: Client) -> None:
    network, place = make_network(), MunicipalityFactory()
    content = list_of(place) + "\n=HYPERLINK(1);@Bo;bo@example.org;\nÆrø;Eva;eva;"
    url = preview_of(administrator, network, content)
    page = administrator.get(url)
    assert page.context["counts"][0][2] == 2
    assert 'name="digest"' not in page.content.decode()
    response = administrator.get(url.replace("preview", "errors"))
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Række")
    assert lines[1].startswith("3,")
    assert "'=HYPERLINK" in lines[1]
    assert "'@Bo" in lines[1]
    assert len(lines) == 3
    refused = administrator.post(url, {"digest": page.context["outlook"].plan.digest})
    assert refused.status_code == 200
    assert not Membership.objects.exists()


def test_what_has_changed_meanwhile_is_shown_anew(administrator: Client) -> None:
    network, places = make_network(), MunicipalityFactory.create_batch(2)
    url = preview_of(administrator, network, list_of(*places))
    digest = digest_at(administrator, url)
    joined = MembershipFactory(network=network, municipality=places[0])
    shown = administrator.post(url, {"digest": digest})
    assert shown.context["form"].non_field_errors()
    assert [number for _fate, _label, number in shown.context["counts"]] == [0, 1, 1, 0]
    assert Membership.objects.get() == joined
    now = shown.context["form"]["digest"].value()
    assert f'value="{now}"' in shown.content.decode()
    administrator.post(url, {"digest": now})
    assert Membership.objects.count() == 2


def test_above_capacity_is_said_and_asked_about(administrator: Client) -> None:
    network, places = make_network(capacity=1), MunicipalityFactory.create_batch(2)
    url = preview_of(administrator, network, list_of(*places))
    digest = digest_at(administrator, url)
    refused = administrator.post(url, {"digest": digest})
    assert set(refused.context["form"].errors) == {"above_capacity", "reason"}
    administrator.post(url, {"digest": digest, "above_capacity": "on", "reason": "Aftalt"})
    assert Membership.objects.count() == 2


def test_a_membership_page_tells_what_was_settled_elsewhere(administrator: Client) -> None:
    network, place = make_network(), MunicipalityFactory()
    content = f"Kommune;Navn;E-mail;Betalt\n{place.name};Ane;ane@{place.domains[0]};faktureret"
    url = preview_of(administrator, network, content)
    administrator.post(url, {"digest": digest_at(administrator, url)})
    address = memberships.row_url("inspect", Membership.objects.get().pk)
    assert "Faktureret uden for systemet" in administrator.get(address).content.decode()


@pytest.mark.parametrize(
    "page", ["import_columns", "import_preview", "import_errors", "import_run"]
)
def test_anybody_elses_list_is_not_found(client: Client, page: str) -> None:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    sent(client, make_network(), list_of(MunicipalityFactory()))
    url = memberships.row_url(page, MemberImport.objects.get().pk)
    assert client.get(url).status_code == (302 if page == "import_run" else 200)
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    assert client.get(url).status_code == 404
    if page != "import_errors":
        assert client.post(url, {}).status_code == 404


def test_a_list_waits_for_a_day(administrator: Client) -> None:
    url = preview_of(administrator, make_network(), list_of(MunicipalityFactory()))
    MemberImport.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert administrator.get(url).status_code == 404
    assert administrator.post(url, {"digest": "x"}).status_code == 404


@pytest.mark.parametrize("role", [roles.COORDINATORS, roles.AUDITORS, roles.FINANCE, roles.EDITORS])
def test_others_may_not(client: Client, role: str) -> None:
    network = make_network()
    networks = [network] if role == roles.COORDINATORS else []
    client.force_login(make_user(role, networks=networks))
    assert client.get(UPLOAD).status_code == 302
    assert sent(client, network, list_of(MunicipalityFactory())).status_code == 302
    assert not MemberImport.objects.exists()


# Long lists ---------------------------------------------------------------------------------------


def long_list(network: NetworkPage, client: Client) -> str:
    """The address of the preview of a list that a job takes in."""
    place = MunicipalityFactory()
    people = [f"{place.name};Ane {each};a{each}@b.dk" for each in range(taking_in.AT_ONCE + 1)]
    return preview_of(client, network, "\n".join(["Kommune;Navn;E-mail", *people]))


def test_a_long_list_is_taken_in_by_a_job_that_is_followed(
    administrator: Client, run_jobs, django_assert_max_num_queries
) -> None:
    network = make_network()
    url = long_list(network, administrator)
    shown = administrator.get(url)
    assert len(shown.context["rows"]) == 100
    run = administrator.post(url, {"digest": digest_at(administrator, url)})["Location"]
    with django_assert_max_num_queries(30):
        page = administrator.get(run)
    assert page["Refresh"]
    assert page.context["progress"] is None
    for begun in (url, url.replace("preview", "errors"), url.replace("preview/", "")):
        assert administrator.get(begun)["Location"] == run
    run_jobs("networks.take_in_list")
    told = administrator.get(run)
    assert "Refresh" not in told
    assert "1 nyt medlemskab" in told.content.decode()


def test_a_long_list_can_be_stopped_before_its_turn(administrator: Client, run_jobs) -> None:
    url = long_list(make_network(), administrator)
    run = administrator.post(url, {"digest": digest_at(administrator, url)})["Location"]
    assert administrator.post(run)["Location"] == url
    run_jobs("networks.take_in_list")
    assert not Membership.objects.exists()
    assert administrator.get(url).status_code == 200
    assert administrator.get(run)["Location"] == url


def test_why_it_was_not_taken_in_is_shown_with_the_rows(administrator: Client) -> None:
    url = long_list(make_network(), administrator)
    MemberImport.objects.update(refusal="Noget er ændret.")
    assert "Noget er ændret." in administrator.get(url).content.decode()
    MemberImport.objects.update(rows=[], finished_at=timezone.now())
    told = administrator.get(administrator.get(url)["Location"])
    assert "Noget er ændret." in told.content.decode()


def test_rows_with_errors_come_first(administrator: Client) -> None:
    content = list_of(*MunicipalityFactory.create_batch(3)) + "\nAtlantis;Bo;bo@b.dk;"
    rows = administrator.get(preview_of(administrator, make_network(), content)).context["rows"]
    assert [row["number"] for row in rows] == [5, 2, 3, 4]


# What is asked besides ----------------------------------------------------------------------------


def test_the_kind_of_organisations_is_asked_for(administrator: Client) -> None:
    network = make_network(eligibility="open", free_of_charge=True)
    content = "Organisation;Navn;E-mail\nMuseum Øst;Ane;ane@oest.example"
    url = sent(administrator, network, content)["Location"]
    data = {"column_0": "organisation", "column_1": "name", "column_2": "email"}
    refused = administrator.post(url, data)
    assert list(refused.context["form"].errors) == ["organisation_kind"]
    after = administrator.post(url, {**data, "organisation_kind": "region"})["Location"]
    assert "Region" in administrator.get(after).context["rows"][0]["facts"]
    administrator.post(after, {"digest": digest_at(administrator, after)})
    assert Membership.objects.get().organisation_kind == "region"


def test_invoice_details_are_shown_before_they_are_taken_in(administrator: Client) -> None:
    place = MunicipalityFactory()
    content = (
        "Kommune;Navn;E-mail;EAN;Ordrenummer;Fakturaadresse;Postnr;By\n"
        f"{place.name};Ane;a@b.dk;5798009811578;4711;Vej 1;9999;Byen"
    )
    page = administrator.get(preview_of(administrator, make_network(), content))
    facts = page.context["rows"][0]["facts"]
    assert facts == "Vej 1 · 9999 · Byen · EAN 5798009811578 · Ordre- eller rekvisitionsnummer 4711"
