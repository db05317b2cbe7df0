"""The next season from the last: a draft, a year later, its prices to be confirmed."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import audit
from networks import roles
from networks.models import Meeting, NetworkPage, Season
from networks.services import new_season
from networks.services.errors import NotPossible
from tests.factories.networks import LADDER, MunicipalityFactory, make_network, make_user, season

pytestmark = pytest.mark.django_db
BEGINS = date(2027, 1, 1)


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime(year, month, day, hour))


def network_of_2026(**facts: object) -> NetworkPage:
    meetings = [
        Meeting(
            title="Forårsmøde 2026",
            starts_at=at(2026, 3, 18),
            ends_at=at(2026, 3, 18, 15),
            venue="Rådhuset",
            host=MunicipalityFactory(),
            capacity=40,
            online_link="https://example.org/moede",
            speakers="Oplægsholder Eksempel",
            agenda="<p>Dagsorden</p>",
        ),
        Meeting(
            title="Studietur",
            kind="study_trip",
            included=False,
            starts_at=at(2026, 10, 24, 10),
            ends_at=at(2026, 10, 25, 16),
        ),
        Meeting(title="Vintermøde", date_text="November 2026"),
    ]
    return make_network(
        seasons=[
            season(
                **{
                    "name": "2026",
                    "starts_on": date(2026, 1, 1),
                    "ends_on": date(2026, 12, 31),
                    "opens_on": date(2025, 11, 1),
                    "last_cancellation_on": date(2025, 11, 30),
                    "extra_price": 150_000,
                    "meetings": meetings,
                    **facts,
                }
            )
        ]
    )


@pytest.fixture
def editor():
    return audit.Actor.by(make_user(superuser=True))


def made(network: NetworkPage, editor: audit.Actor, begins: date = BEGINS) -> Season:
    """The new season, as the newest draft has it."""
    new_season.make_next_season(network.pk, begins=begins, actor=editor)
    return next(row for row in draft_of(network).seasons.all() if row.starts_on == begins)


def draft_of(network: NetworkPage) -> NetworkPage:
    return NetworkPage.objects.get(pk=network.pk).get_latest_revision_as_object()


class TestTheDraft:
    def test_it_has_the_season_a_year_later_and_what_is_live_is_as_it_was(self, editor):
        network = network_of_2026()
        before = list(Meeting.objects.order_by("pk").values()), Season.objects.values().get()
        new = made(network, editor)
        assert (new.name, new.starts_on, new.ends_on) == ("2027", BEGINS, date(2027, 12, 31))
        assert new.opens_on == date(2026, 11, 1)
        assert new.last_cancellation_on == date(2026, 11, 30)
        assert before == (
            list(Meeting.objects.order_by("pk").values()),
            Season.objects.values().get(),
        )
        network.refresh_from_db()
        assert network.has_unpublished_changes
        assert network.latest_revision.user == editor.user
        assert audit.history(network).get().action == "network.season_made"

    def test_prices_and_seats_are_copied_and_wait_for_confirmation(self, editor):
        new = made(network_of_2026(), editor)
        assert {step.meetings_left: step.price for step in new.ladder.all()} == LADDER
        assert (new.seats_per_meeting, new.extra_price, new.vat_rate) == (2, 150_000, 2_500)
        assert new.prices_confirmed is False

    def test_a_free_season_has_no_prices_to_confirm(self, editor):
        assert made(network_of_2026(tariff="free"), editor).prices_confirmed

    def test_meetings_keep_weekday_and_local_hours(self, editor):
        spring, trip, winter = made(network_of_2026(), editor).meetings.all()
        assert timezone.localtime(spring.starts_at) == at(2027, 3, 17)
        assert timezone.localtime(spring.ends_at) == at(2027, 3, 17, 15)
        # Summer time has ended in between in the one year, and not in the other.
        assert timezone.localtime(trip.starts_at) == at(2027, 10, 23, 10)
        assert timezone.localtime(trip.ends_at) == at(2027, 10, 24, 16)
        assert (trip.kind, trip.included) == ("study_trip", False)
        assert (winter.starts_at, winter.date_text) == (None, "November 2027")

    def test_place_and_room_are_kept_and_what_belongs_to_the_one_meeting_is_not(self, editor):
        spring = made(network_of_2026(), editor).meetings.all()[0]
        assert (spring.title, spring.venue, spring.capacity) == ("Forårsmøde 2027", "Rådhuset", 40)
        assert spring.host is not None
        assert (spring.agenda, spring.speakers, spring.online_link) == ("", "", "")

    def test_it_begins_from_the_newest_draft_and_keeps_what_is_in_it(self, editor):
        network = network_of_2026()
        network.introduction = "Omskrevet."
        network.save_revision()
        made(network, editor)
        draft = draft_of(network)
        assert draft.introduction == "Omskrevet."
        assert NetworkPage.objects.get(pk=network.pk).introduction != "Omskrevet."

    def test_it_can_be_published_once_the_prices_are_confirmed_and_not_before(self, editor):
        network = network_of_2026()
        made(network, editor)
        draft = draft_of(network)
        with pytest.raises(ValidationError, match="Bekræft priserne"):
            draft.save_revision(clean=False).publish()
        assert Season.objects.count() == 1
        draft = draft_of(network)
        for row in draft.seasons.all():
            row.prices_confirmed = True
        draft.save_revision(clean=False).publish()
        assert Season.objects.count() == 2
        assert Meeting.objects.count() == 6


class TestRefusing:
    def test_pressed_twice_it_is_there_already(self, editor):
        network = network_of_2026()
        made(network, editor)
        with pytest.raises(NotPossible):
            new_season.make_next_season(network.pk, begins=BEGINS, actor=editor)
        draft = draft_of(network)
        assert draft.seasons.count() == 2

    def test_days_shared_with_another_season(self, editor):
        network = network_of_2026(ends_on=date(2027, 3, 31))
        with pytest.raises(NotPossible, match="2026"):
            made(network, editor)

    def test_nothing_to_begin_from(self, editor):
        with pytest.raises(NotPossible):
            made(make_network(free_of_charge=True), editor)

    def test_a_page_that_somebody_else_has_locked(self, editor):
        network = network_of_2026()
        NetworkPage.objects.filter(pk=network.pk).update(
            locked=True, locked_by=make_user(), locked_at=timezone.now() - timedelta(hours=1)
        )
        with pytest.raises(NotPossible):
            made(network, editor)


class TestTheButton:
    def client_of(self, role: str, **options: object) -> Client:
        client = Client()
        client.force_login(make_user(role, **options))
        return client

    def test_it_is_in_the_editor_and_shows_what_will_be(self):
        network = network_of_2026()
        client = self.client_of(roles.EDITORS)
        address = reverse("networks_next_season", args=[network.pk])
        editor_page = reverse("wagtailadmin_pages:edit", args=[network.pk])
        assert address in client.get(editor_page).text
        response = client.get(address)
        assert "onsdag 17. marts 2027" in response.text
        assert not network.revisions.exists()

    def test_pressed_it_leads_back_to_the_draft(self):
        network = network_of_2026()
        client = self.client_of(roles.EDITORS)
        response = client.post(
            reverse("networks_next_season", args=[network.pk]), {"begins": "2027-01-01"}
        )
        editor_page = reverse("wagtailadmin_pages:edit", args=[network.pk])
        assert response.url == editor_page
        assert draft_of(network).seasons.count() == 2
        assert 'value="2027"' in client.get(editor_page).text

    def test_pressed_twice_it_says_so(self):
        network = network_of_2026()
        client = self.client_of(roles.EDITORS)
        address = reverse("networks_next_season", args=[network.pk])
        client.post(address, {"begins": "2027-01-01"})
        response = client.post(address, {"begins": "2027-01-01"})
        assert response.status_code == 200
        assert draft_of(network).seasons.count() == 2

    def test_a_refusal_is_told_in_the_editor(self):
        network = network_of_2026(ends_on=date(2027, 3, 31))
        client = self.client_of(roles.EDITORS)
        address = reverse("networks_next_season", args=[network.pk])
        assert "2026" in client.get(address, follow=True).text
        assert client.get(address).status_code == 302

    @pytest.mark.parametrize(
        "role", [roles.COORDINATORS, roles.MEMBER_ADMINISTRATORS, roles.FINANCE, roles.AUDITORS]
    )
    def test_who_may_not_edit_the_facts_can_not(self, role):
        network = network_of_2026()
        client = self.client_of(role, networks=[network])
        address = reverse("networks_next_season", args=[network.pk])
        for response in (client.get(address), client.post(address, {"begins": "2027-01-01"})):
            assert response.status_code == 302
        assert not network.revisions.exists()
        editor_page = reverse("wagtailadmin_pages:edit", args=[network.pk])
        assert address not in client.get(editor_page).text
