"""Publishing through Wagtail's own editor: what follows is shown first, and only then published."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision

from cms.messages.models import Message
from networks import roles
from networks.models import Meeting, NetworkPage
from tests.factories.meeting_day import SeatFactory
from tests.factories.networks import MembershipFactory, ParticipantFactory, make_user
from tests.networks.models.test_editor import create, edit, meeting, page_data, season_data

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 12, 1, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def publisher(client: Client) -> Client:
    client.force_login(make_user(roles.PUBLISHERS))
    return client


@pytest.fixture
def network(publisher: Client) -> NetworkPage:
    """Live since before the season: two meetings, 5.200 and 3.300 kr."""
    running = season_data(starts_on="2026-11-01")
    assert create(publisher, page_data(running), publish=True).status_code == 302
    return NetworkPage.objects.get()


def first_meeting(network: NetworkPage) -> Meeting:
    return network.seasons.get().meetings.order_by("starts_at").first()


def form(network: NetworkPage, first: dict[str, Any] | None = None, **changes: Any) -> Any:
    """The editor's form, in which the first meeting (10 February) says something else."""
    row = network.seasons.get()
    prices = changes.pop("prices", {2: "5.200", 1: "3.300"})
    rows = [
        meeting(stored.starts_at.month, key=stored.pk)
        for stored in row.meetings.order_by("starts_at")
    ]
    rows[0].update(first or {})
    steps = [
        {"id": step.pk, "meetings_left": step.meetings_left, "price": prices[step.meetings_left]}
        for step in row.ladder.all()
    ]
    one = season_data(
        id=row.pk, starts_on="2026-11-01", meetings=rows, steps=steps, initial=len(rows)
    )
    return page_data(one, initial=1, **changes)


MOVED = {"starts_at": "2027-03-10 09:00", "ends_at": "2027-03-10 15:00"}


def publish(client: Client, network: NetworkPage, *arguments: Any, **changes: Any) -> Any:
    return edit(client, network, form(network, *arguments, **changes), publish=True)


def preview_of(response: Any, client: Client) -> Any:
    """The page that the editor is led to."""
    assert response.status_code == 302
    assert "/networks/publish/" in response.url, response.url
    page = client.get(response.url)
    assert page.status_code == 200
    return page


def press(client: Client, page: Any) -> Any:
    """The button of the preview, with what it was shown for."""
    return client.post(page.request["PATH_INFO"], {"shown": page.context["shown"]})


def lines(page: Any, group: str) -> dict[str, tuple[str, str]]:
    (table,) = page.context[group]
    return {line.label: (line.before, line.after) for line in table.lines}


def test_a_moved_meeting_is_shown_first_and_published_by_the_button(publisher, network, run_jobs):
    seat = SeatFactory(meeting=first_meeting(network))
    run_jobs("networks.tell_changes")
    Message.objects.all().delete()
    page = preview_of(publish(publisher, network, MOVED), publisher)
    assert first_meeting(network).starts_at.month == 2
    ((before, after),) = lines(page, "meetings").values()
    assert "februar" in before
    assert "marts" in after
    text = page.content.decode()
    assert seat.participant.name not in text  # Editors see no members.
    (table,) = page.context["meetings"]
    assert "1" in table.effects[0]
    assert "3. februar 2027" in table.effects[2]  # The reminder, seven days before …
    assert "3. marts 2027" in table.effects[2]
    prices = lines(page, "prices")
    assert len(prices) == 2  # Today's price stands, the next step moves.
    assert not Message.objects.exists()
    response = press(publisher, page)
    assert response.status_code == 302
    assert first_meeting(network).starts_at.month == 3
    run_jobs("networks.tell_changes")
    assert Message.objects.get().to_email == seat.participant.email


def test_who_may_see_members_sees_who_is_concerned(network, client):
    seat = SeatFactory(meeting=first_meeting(network))
    client.force_login(make_user(superuser=True))
    page = preview_of(publish(client, network, MOVED), client)
    assert seat.participant.name in page.content.decode()


@pytest.mark.parametrize(
    "first",
    [
        {"title": "Nyt navn"},
        {"speakers": "En taler"},
        {},
        {"capacity": "40"},
    ],
    ids=["title", "speaker", "nothing", "room enough"],
)
def test_what_nobody_need_know_is_published_at_once(publisher, network, first):
    SeatFactory(meeting=first_meeting(network))
    response = publish(publisher, network, first)
    assert "/networks/publish/" not in response.url
    network.refresh_from_db()
    assert network.live_revision_id == network.latest_revision_id


@pytest.mark.parametrize(
    "first",
    [
        {"venue": "Rådhuset"},
        {"online_link": "https://video.example/ny"},
        {"starts_at": "", "ends_at": "", "date_text": "Foråret"},
        {"included": ""},
        {"ends_at": "2027-02-10 16:00"},
    ],
    ids=["place", "link", "date", "included", "end"],
)
def test_what_people_arrange_themselves_by_is_shown(publisher, network, first):
    page = preview_of(publish(publisher, network, first), publisher)
    assert len(lines(page, "meetings")) == 1


def test_a_venue_smaller_than_those_who_have_a_seat_is_warned_of(publisher, network):
    for _turn in range(3):
        SeatFactory(meeting=first_meeting(network))
    page = preview_of(publish(publisher, network, {"capacity": "2"}), publisher)
    (table,) = page.context["meetings"]
    assert "2" in table.warning
    assert "3" in table.warning
    press(publisher, page)
    assert first_meeting(network).capacity == 2
    again = publish(publisher, network, {"capacity": "2"})
    assert "/networks/publish/" not in again.url


def test_prices_that_change_are_shown_with_what_visitors_pay_today(publisher, network):
    page = preview_of(publish(publisher, network, prices={2: "6.000", 1: "3.300"}), publisher)
    assert page.context["meetings"] == []
    today, whole = lines(page, "prices").values()
    assert today == ("5.200 kr.", "6.000 kr.")
    assert whole == ("5.200 kr.", "6.000 kr.")
    press(publisher, page)
    assert network.seasons.get().terms().ladder[2] == 600_000


def test_a_meeting_that_goes_is_shown_with_the_price_that_moves(publisher, network):
    page = preview_of(publish(publisher, network, {"DELETE": "1"}), publisher)
    (table,) = page.context["meetings"]
    assert table.lines[0].after == "–"
    assert next(iter(lines(page, "prices").values())) == ("5.200 kr.", "3.300 kr.")
    press(publisher, page)
    assert Meeting.objects.count() == 1


def test_a_new_meeting_invites_standing_participants(publisher, network):
    ParticipantFactory(membership=MembershipFactory(network=network))
    data = form(network, prices={2: "5.200", 1: "3.300"})
    extra = {
        f"seasons-0-meetings-2-{name}": value
        for name, value in meeting(8, included="").items()
        if not isinstance(value, dict)
    }
    data = {**data, **extra, "seasons-0-meetings-TOTAL_FORMS": "3"}
    page = preview_of(edit(publisher, network, data, publish=True), publisher)
    (table,) = page.context["meetings"]
    assert "1" in table.effects[0]


def test_a_scheduled_version_shows_what_would_follow_and_is_scheduled(publisher, network, run_jobs):
    soon = timezone.localtime(TODAY + timedelta(days=2))
    response = publish(publisher, network, MOVED, go_live_at=f"{soon:%Y-%m-%d %H:%M}")
    page = preview_of(response, publisher)
    press(publisher, page)
    assert first_meeting(network).starts_at.month == 2
    revision = Revision.page_revisions.get(approved_go_live_at__isnull=False)
    assert revision.approved_go_live_at == soon.replace(second=0, microsecond=0)


def test_saving_a_draft_shows_and_tells_nothing_by_hand_or_by_itself(publisher, network, run_jobs):
    SeatFactory(meeting=first_meeting(network))
    run_jobs("networks.tell_changes")
    Message.objects.all().delete()
    by_hand = edit(publisher, network, form(network, MOVED), publish=False)
    assert by_hand.url == reverse("wagtailadmin_pages:edit", args=[network.pk])
    by_itself = publisher.post(
        reverse("wagtailadmin_pages:edit", args=[network.pk]),
        form(network, MOVED),
        headers={"accept": "application/json"},
    )
    assert by_itself.status_code == 200
    assert by_itself.json()["success"]
    assert run_jobs("networks.tell_changes") == []
    assert first_meeting(network).starts_at.month == 2
    assert not Message.objects.exists()


def test_another_version_saved_meanwhile_is_not_published(publisher, network):
    page = preview_of(publish(publisher, network, MOVED), publisher)
    edit(publisher, network, form(network, {"venue": "Rådhuset"}), publish=False)
    response = press(publisher, page)
    assert response.url == reverse("wagtailadmin_pages:edit", args=[network.pk])
    assert first_meeting(network).starts_at.month == 2


def test_when_something_else_follows_by_then_it_is_shown_again(publisher, network):
    page = preview_of(publish(publisher, network, MOVED), publisher)
    SeatFactory(meeting=first_meeting(network))
    again = press(publisher, page)
    assert again.status_code == 200
    assert first_meeting(network).starts_at.month == 2
    assert press(publisher, again).status_code == 302
    assert first_meeting(network).starts_at.month == 3


def test_pressed_twice_it_is_published_once(publisher, network):
    page = preview_of(publish(publisher, network, MOVED), publisher)
    for _turn in range(2):
        assert press(publisher, page).status_code == 302
    assert network.revisions.count() == NetworkPage.objects.get().revisions.count()


def test_only_who_may_publish_opens_it_and_only_with_the_token(publisher, network):
    address = preview_of(publish(publisher, network, MOVED), publisher).request["PATH_INFO"]
    for role in roles.ROLES:
        other = Client()
        other.force_login(make_user(role))
        expected = 200 if role == roles.PUBLISHERS else 404
        assert other.get(address).status_code == expected
        assert role == roles.PUBLISHERS or other.post(address).status_code == 404
    assert Client().get(address).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user(roles.PUBLISHERS))
    assert strict.post(address, {"shown": "x"}).status_code == 403
    assert publisher.get(address.replace(f"/{network.pk}/", "/99999/")).status_code == 404
    foreign = Revision.page_revisions.exclude(object_id=str(network.pk)).first()
    assert (
        foreign is None
        or publisher.get(reverse("networks_publish", args=[network.pk, foreign.pk])).status_code
        == 404
    )


def test_a_page_that_was_never_published_goes_live_at_once(publisher):
    create(publisher, page_data(season_data()), publish=False)
    network = NetworkPage.objects.get()
    response = edit(publisher, network, form(network, MOVED), publish=True)
    assert "/networks/publish/" not in response.url
    assert NetworkPage.objects.get().live


def test_a_page_taken_off_shows_what_members_were_told_otherwise(publisher, network, run_jobs):
    SeatFactory(meeting=first_meeting(network))
    run_jobs("networks.tell_changes")
    network.unpublish()
    edit(publisher, network, form(network, MOVED), publish=False)
    page = preview_of(publish(publisher, network, MOVED), publisher)
    assert len(lines(page, "meetings")) == 1
    assert page.context["prices"] == []
    press(publisher, page)
    assert NetworkPage.objects.get().live


def test_a_preview_takes_few_queries(publisher, network, django_assert_max_num_queries):
    for _turn in range(10):
        SeatFactory(meeting=first_meeting(network))
    address = preview_of(publish(publisher, network, MOVED), publisher).request["PATH_INFO"]
    with django_assert_max_num_queries(45):
        publisher.get(address)
