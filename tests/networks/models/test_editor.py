"""The editor's form through Wagtail's own view: drafts half-done, publications whole."""

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from networks.models import Meeting, NetworkPage, Season
from tests.factories.networks import MembershipFactory, make_index, make_user

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 12, 1, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user(superuser=True))
    return client


def meeting(day: int | None, *, key: Any = "", **changes: Any) -> dict[str, Any]:
    start = "" if day is None else f"2027-{day:02d}-10 09:00"
    end = "" if day is None else f"2027-{day:02d}-10 15:00"
    return {
        "id": key,
        "kind": "meeting",
        "title": "Møde",
        "starts_at": start,
        "ends_at": end,
        "date_text": "",
        "included": "on",
        "venue": "",
        "host": "",
        "online_link": "",
        "speakers": "",
        "agenda": rich_text("<p></p>"),
        **changes,
    }


def season_data(**changes: Any) -> dict[str, Any]:
    ladder = changes.pop("ladder", {2: "5.200", 1: "3.300"})
    meetings = changes.pop("meetings", [meeting(2), meeting(5)])
    steps = changes.pop(
        "steps",
        [{"id": "", "meetings_left": left, "price": price} for left, price in ladder.items()],
    )
    initial = {"initial": changes.pop("initial", 0)}
    return {
        "id": "",
        "name": "2027",
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
        "opens_on": "",
        "last_cancellation_on": "",
        "tariff": "season_fee",
        "seats_per_meeting": "2",
        "price_per_person": "",
        "extra_price": "",
        "extra_label": "",
        "extra_scope": "meeting",
        "vat_rate": "25",
        "vat_exemption_reason": "",
        "prices_confirmed": "on",
        "ladder": inline_formset(steps, **initial),
        "meetings": inline_formset(meetings, **initial),
        **changes,
    }


def page_data(*seasons: dict[str, Any], initial: int = 0, **changes: Any) -> dict[str, Any]:
    return nested_form_data(
        {
            "title": "Fritidsfaciliteter",
            "slug": "fritidsfaciliteter",
            "introduction": "Et netværk.",
            "purpose": rich_text("<p>Formål</p>"),
            "audience": rich_text("<p>Alle</p>"),
            "audience_summary": "Alle",
            "practicalities": rich_text("<p></p>"),
            "body": streamfield([]),
            "unit": "municipality",
            "eligibility": "municipalities",
            "capacity": "",
            "signup_opens_at": "",
            "signup_closes_at": "",
            "charge_days_before_season": "30",
            "swap_deadline_hours": "24",
            "reminder_days": "7",
            "seasons": inline_formset(list(seasons), initial=initial),
            "facilitators": inline_formset([]),
            "contact_people": inline_formset([]),
            "questions": inline_formset([]),
            "comments": inline_formset([]),
            **changes,
        }
    )


def create(editor: Client, data: dict[str, Any], *, publish: bool) -> Any:
    address = reverse("wagtailadmin_pages:add", args=["networks", "networkpage", make_index().pk])
    action = {"action-publish": "1"} if publish else {}
    return editor.post(address, {**data, **action})


def edit(editor: Client, page: NetworkPage, data: dict[str, Any], *, publish: bool) -> Any:
    action = {"action-publish": "1"} if publish else {}
    return editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), {**data, **action})


def publish(editor: Client, page: NetworkPage, data: dict[str, Any]) -> Any:
    """Publish as an editor does who has seen what follows, where something does."""
    response = edit(editor, page, data, publish=True)
    if response.status_code != 302 or "/networks/publish/" not in response.url:
        return response
    shown = editor.get(response.url).context["shown"]
    return editor.post(response.url, {"shown": shown})


def errors(response: Any) -> str:
    """Every error of the page's form and of its rows, each with its field; never none."""
    assert response.status_code == 200
    form = response.context["form"]
    found = list(form.errors.items())
    for formset in _formsets(form):
        found += [("formset", formset.non_form_errors())] if formset.non_form_errors() else []
        for row in formset.forms:
            found += row.errors.items()
    assert found
    return str([(field, list(messages)) for field, messages in found])


def _formsets(form: Any) -> list[Any]:
    formsets = list(form.formsets.values())
    rows = [row for formset in formsets for row in formset.forms]
    nested = [row.formsets.values() for row in rows if hasattr(row, "formsets")]
    return [*formsets, *(formset for group in nested for formset in group)]


def test_a_whole_network_is_published_with_prices_in_kroner(editor):
    response = create(editor, page_data(season_data()), publish=True)
    assert response.status_code == 302
    page = NetworkPage.objects.get()
    assert page.live
    assert page.seasons.get().terms().ladder == {2: 520_000, 1: 330_000}
    assert Meeting.objects.count() == 2


def test_a_draft_half_done_can_be_saved(editor):
    half = season_data(starts_on="", ends_on="", ladder={2: ""}, meetings=[meeting(None)])
    data = page_data(half, introduction="", audience_summary="")
    assert create(editor, data, publish=False).status_code == 302
    page = NetworkPage.objects.get()
    assert not page.live
    response = editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert response.status_code == 200


REFUSED = {
    ("a row of the ladder is missing", "__all__"): [season_data(ladder={2: "5.200"})],
    ("a price is missing", "price"): [season_data(ladder={2: "5.200", 1: ""})],
    ("two prices for the same number", "__all__"): [
        season_data(
            steps=[{"id": "", "meetings_left": left, "price": "1.000"} for left in (2, 1, 1)]
        )
    ],
    ("the season has no dates", "starts_on"): [season_data(starts_on="", ends_on="")],
    ("the season ends before it begins", "ends_on"): [season_data(ends_on="2026-12-31")],
    ("seasons overlap", "starts_on"): [
        season_data(),
        season_data(name="2028", starts_on="2027-12-31", ends_on="2028-12-31"),
    ],
    ("no season", "__all__"): [],
    ("the price per person is missing", "price_per_person"): [
        season_data(tariff="per_person_per_meeting", ladder={})
    ],
    ("exempt from VAT without a reason", "vat_exemption_reason"): [season_data(vat_rate="0")],
    ("a meeting ends before it starts", "ends_at"): [
        season_data(meetings=[meeting(2, ends_at="2027-02-10 08:00"), meeting(5)])
    ],
    ("a meeting has a start and no end", "ends_at"): [
        season_data(meetings=[meeting(2, ends_at=""), meeting(5)])
    ],
    ("a meeting has neither date nor text", "date_text"): [
        season_data(meetings=[meeting(None), meeting(5)])
    ],
    ("neither, where the tariff is per person", "date_text"): [
        season_data(
            tariff="per_person_per_meeting",
            price_per_person="1.500",
            ladder={},
            meetings=[meeting(None)],
        )
    ],
    ("the last day to cancel comes after the season has begun", "last_cancellation_on"): [
        season_data(last_cancellation_on="2027-01-15")
    ],
}


@pytest.mark.parametrize(
    ("field", "seasons"),
    [pytest.param(key[1], seasons, id=key[0]) for key, seasons in REFUSED.items()],
)
def test_it_is_not_published_when(editor, field, seasons):
    response = create(editor, page_data(*seasons), publish=True)
    assert field in errors(response)
    assert not NetworkPage.objects.exists()


def test_a_meeting_to_be_announced_needs_no_date(editor):
    seasons = season_data(meetings=[meeting(None, date_text="September"), meeting(5)])
    assert create(editor, page_data(seasons), publish=True).status_code == 302


def test_meetings_not_included_need_no_row_of_the_ladder(editor):
    extra = meeting(8)
    del extra["included"]
    seasons = season_data(meetings=[meeting(2), meeting(5), extra])
    assert create(editor, page_data(seasons), publish=True).status_code == 302


def test_a_free_network_needs_no_season_and_its_seasons_are_free(editor):
    response = create(editor, page_data(season_data(), free_of_charge="on"), publish=True)
    assert "tariff" in errors(response)
    data = page_data(free_of_charge="on")
    assert create(editor, data, publish=True).status_code == 302


def test_sign_up_can_not_close_before_it_opens(editor):
    data = page_data(
        season_data(), signup_opens_at="2027-02-01 08:00", signup_closes_at="2027-01-01 08:00"
    )
    assert "signup_closes_at" in errors(create(editor, data, publish=True))


class TestAPublishedNetwork:
    @pytest.fixture
    def network(self, editor) -> NetworkPage:
        create(editor, page_data(season_data()), publish=True)
        return NetworkPage.objects.get()

    def data(self, network, *, without: str = "", **changes: Any) -> dict[str, Any]:
        """The form as the editor gets it, with one meeting marked for deletion."""
        row = network.seasons.get()
        rows = [
            meeting(
                stored.starts_at.month,
                key=stored.pk,
                DELETE="1" if str(stored.starts_at.month) == without else "",
            )
            for stored in row.meetings.all()
        ]
        steps = [
            {"id": step.pk, "meetings_left": step.meetings_left, "price": "1.000"}
            for step in row.ladder.all()
        ]
        one = season_data(id=row.pk, meetings=rows, steps=steps, initial=2)
        return page_data(one, initial=1, **changes)

    @pytest.mark.parametrize("publish", [True, False])
    def test_dropping_a_meeting_in_use_is_an_error_that_names_it(self, editor, network, publish):
        MembershipFactory(network=network)
        response = edit(editor, network, self.data(network, without="2"), publish=publish)
        assert "Møde 10.02.2027" in errors(response)
        assert Meeting.objects.count() == 2

    def test_dropping_one_that_nobody_uses_is_none(self, editor, network):
        response = publish(editor, network, self.data(network, without="2"))
        assert response.status_code == 302
        assert Meeting.objects.count() == 1

    def test_the_unit_is_fixed_once_a_membership_exists(self, editor, network):
        response = publish(editor, network, self.data(network, unit="person"))
        assert response.status_code == 302
        MembershipFactory(network=NetworkPage.objects.get())
        response = edit(editor, network, self.data(network, unit="municipality"), publish=True)
        assert "'unit'" in errors(response)
        assert NetworkPage.objects.get().unit == "person"

    def test_a_new_year_is_a_new_season_and_the_old_one_keeps_its_prices(self, editor, network):
        old = network.seasons.get()
        steps = [
            {"id": step.pk, "meetings_left": step.meetings_left, "price": price}
            for step, price in zip(old.ladder.all(), ("5.200", "3.300"), strict=True)
        ]
        rows = [meeting(stored.starts_at.month, key=stored.pk) for stored in old.meetings.all()]
        running = season_data(id=old.pk, meetings=rows, steps=steps, initial=2)
        coming = season_data(
            name="2028",
            starts_on="2028-01-01",
            ends_on="2028-12-31",
            ladder={1: "4.000"},
            meetings=[meeting(None, date_text="Foråret")],
        )
        response = edit(editor, network, page_data(running, coming, initial=1), publish=True)
        assert response.status_code == 302
        assert Season.objects.get(pk=old.pk).terms().ladder == {2: 520_000, 1: 330_000}
        assert Season.objects.get(name="2028").starts_on == date(2028, 1, 1)
