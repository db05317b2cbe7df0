"""An editor's and a publisher's day in real Chromium: from the desk to a draft, to the network."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from cms.messages.models import Message
from networks import roles
from networks.models import Meeting, NetworkPage
from tests.e2e.steps import open_task, opened, press, row_of, told
from tests.factories.meeting_day import SeatFactory
from tests.factories.networks import PASSWORD, coming_meetings, make_network, make_user, season
from tests.factories.users import sign_in_in_browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def network(site) -> NetworkPage:
    # The editor knows whole minutes.
    first = timezone.now().replace(second=0, microsecond=0) + timedelta(weeks=4)
    running = season(meetings=coming_meetings(first=first))
    return make_network(title="Netværk for museer", seasons=[running])


def other_actions(page: BrowserPage) -> None:
    """Opens the menu beside the editor's own button."""
    page.locator("footer [data-w-dropdown-target=toggle]").last.click()


def test_an_editor_opens_a_draft_from_the_desk_and_sends_it_to_approval(
    page: BrowserPage, site, network
):
    editor = make_user(roles.EDITORS)
    network.title = "Netværk for museer og arkiver"
    network.save_revision(user=editor)
    sign_in_in_browser(page, site, editor, PASSWORD)
    open_task(page, site, "drafts", number=1)
    opened(page, "Dine kladder")
    page.get_by_role("link", name="Netværk for museer og arkiver").click()
    page.fill("#id_introduction", "For alle, der arbejder med museer og arkiver.")
    other_actions(page)
    expect(page.locator("[name=action-publish]")).to_have_count(0)
    page.locator("button[name=action-submit]").first.click()
    page.wait_for_load_state("load")
    told(page, "Netværk for museer og arkiver")
    network.refresh_from_db()
    assert network.title == "Netværk for museer"
    assert network.current_workflow_state is not None
    draft = network.get_latest_revision_as_object()
    assert draft.introduction == "For alle, der arbejder med museer og arkiver."


def test_a_publisher_sees_what_follows_before_it_is_published(
    page: BrowserPage, site, network, run_jobs
):
    meeting = Meeting.objects.filter(season__page=network).earliest("starts_at")
    seat = SeatFactory(meeting=meeting)
    run_jobs("networks.tell_changes")
    Message.objects.all().delete()
    sign_in_in_browser(page, site, make_user(roles.PUBLISHERS), PASSWORD)
    page.goto(f"{site}/admin/pages/{network.pk}/edit/")
    page.locator("[role=tablist] [role=tab]").nth(2).click()
    page.fill("#id_seasons-0-meetings-0-venue", "Rådhuset, sal 2")
    other_actions(page)
    page.locator("button[name=action-publish]").first.click()
    opened(page, "Det sker, når du udgiver")
    expect(row_of(page, "Hvor")).to_contain_text("Rådhuset, sal 2")
    expect(page.get_by_role("main")).to_contain_text("1 person får")
    assert not Message.objects.exists()
    press(page, "Udgiv")
    told(page, "er udgivet")
    meeting.refresh_from_db()
    assert meeting.venue == "Rådhuset, sal 2"
    run_jobs("networks.tell_changes")
    assert Message.objects.filter(to_email=seat.participant.email).exists()
