"""Attendance on a phone in real Chromium: without a network, without JavaScript, by a code."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Locator, expect
from playwright.sync_api import Page as BrowserPage

from cms import links
from cms.audit import reference
from networks import roles
from networks.models import MeetingHost
from networks.services import check_in
from networks.wagtail_hooks import meetings
from tests.factories.meeting_day import GuestFactory, SeatFactory, meeting_today
from tests.factories.networks import PASSWORD, make_user
from tests.factories.users import sign_in_in_browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 375, "height": 812}


@pytest.fixture
def meeting(site):
    return meeting_today()


@pytest.fixture
def host(meeting):
    user = make_user(roles.HOSTS)
    MeetingHost.objects.create(meeting=meeting, user=user)
    return user


@pytest.fixture
def enter(site, meeting, host):
    """Signs the host in on a phone and opens the list."""

    def open_list(page: BrowserPage) -> None:
        page.set_viewport_size(PHONE)
        sign_in_in_browser(page, site, host, PASSWORD)
        page.goto(site + meetings.row_url("attendance", meeting.pk))

    return open_list


def person(page: BrowserPage, seat) -> Locator:
    return page.locator(f'[data-person="seat:{seat.pk}"]')


def mark(page: BrowserPage, seat, label: str) -> None:
    person(page, seat).get_by_role("button", name=label, exact=True).click()


def is_marked(page: BrowserPage, seat, label: str) -> None:
    button = person(page, seat).get_by_role("button", name=label, exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")


def came(seat):
    seat.refresh_from_db()
    return seat.came


def all_is_sent(page: BrowserPage) -> None:
    expect(page.locator(".day-waits:visible")).to_have_count(0, timeout=15_000)


def test_marks_made_without_a_network_are_kept_and_sent_later(page: BrowserPage, meeting, enter):
    first, second, third = [SeatFactory(meeting=meeting) for _turn in range(3)]
    enter(page)
    mark(page, first, "Kom")
    all_is_sent(page)
    assert came(first) is True

    page.context.set_offline(True)
    mark(page, second, "Kom")
    mark(page, second, "Kom ikke")
    mark(page, third, "Kom")
    is_marked(page, second, "Kom ikke")
    expect(page.locator("#attendance-status")).to_contain_text("2 noteringer venter")
    expect(person(page, third).locator(".day-waits")).to_be_visible()
    assert (came(second), came(third)) == (None, None)

    # Meanwhile somebody else noted one of them, later than the phone did.
    noted = timezone.now() + timedelta(seconds=1)
    third.came, third.came_noted_at = False, noted
    third.save()

    page.context.set_offline(False)
    all_is_sent(page)
    assert (came(second), came(third)) == (False, False)
    is_marked(page, third, "Kom ikke")
    expect(page.locator("#attendance-status")).to_be_hidden()


def test_a_reload_loses_no_mark(page: BrowserPage, meeting, enter):
    seat = SeatFactory(meeting=meeting)
    enter(page)
    all_is_sent(page)
    # The network is so poor that pages come through, and marks don't.
    page.route(
        "**/attendance/**",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    mark(page, seat, "Kom")
    for _turn in range(2):
        expect(page.locator("#attendance-status")).to_contain_text("1 notering venter")
        is_marked(page, seat, "Kom")
        page.reload()
    assert came(seat) is None
    page.unroute("**/attendance/**")
    page.reload()
    all_is_sent(page)
    assert came(seat) is True


def test_signed_out_the_marks_wait_for_the_next_sign_in(page: BrowserPage, meeting, enter):
    seat = SeatFactory(meeting=meeting)
    enter(page)
    all_is_sent(page)
    page.context.clear_cookies()
    mark(page, seat, "Kom")
    expect(page.locator("#attendance-status")).to_contain_text("Du er logget ud")
    assert came(seat) is None
    enter(page)
    all_is_sent(page)
    assert came(seat) is True


def test_the_list_is_filtered_as_one_writes(page: BrowserPage, meeting, enter):
    seats = [SeatFactory(meeting=meeting) for _turn in range(3)]
    enter(page)
    name = seats[1].participant.name
    page.fill("#attendance-q", f"{name.upper()} {seats[1].membership.municipality.name}")
    expect(page.locator("[data-person]:visible")).to_have_count(1)
    expect(person(page, seats[1])).to_be_visible()
    page.fill("#attendance-q", "findes ikke")
    expect(page.locator("#attendance-nobody")).to_be_visible()


def test_without_javascript_it_works(browser: Browser, meeting, enter):
    seat, other = SeatFactory(meeting=meeting), SeatFactory(meeting=meeting)
    page = browser.new_context(java_script_enabled=False, locale="da-DK").new_page()
    enter(page)
    page.fill("#attendance-q", seat.participant.name)
    page.get_by_role("button", name="Søg").click()
    expect(person(page, other)).to_have_count(0)
    mark(page, seat, "Kom")
    is_marked(page, seat, "Kom")
    assert came(seat) is True
    expect(page.locator("#attendance-q")).to_have_value(seat.participant.name)


def test_the_pages_are_accessible_and_fit_a_phone(page: BrowserPage, site, meeting, enter):
    for _turn in range(2):
        SeatFactory(meeting=meeting, is_extra=True)
        GuestFactory(meeting=meeting, state="invited")
    enter(page)
    for name in ("attendance", "print"):
        page.goto(site + meetings.row_url(name, meeting.pk))
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 812})
            results = Axe().run(page)
            assert results.violations_count == 0, f"{name}\n{results.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    heights = page.goto(site + meetings.row_url("attendance", meeting.pk)) and page.evaluate(
        "[...document.querySelectorAll('button, input[type=search]')].map(e => e.offsetHeight)"
    )
    assert min(heights) >= 44


def test_a_code_checks_in_whoever_holds_the_phone(page: BrowserPage, site, meeting):
    seat = SeatFactory(meeting=meeting)
    token = links.issue(
        purpose=check_in.PURPOSE, subject=reference(seat), lifetime=timedelta(days=1)
    )
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/indtjekning/{token}/")
    assert came(seat) is None
    button = page.get_by_role("button", name="Tjek ind nu")
    assert button.bounding_box()["height"] >= 60
    assert Axe().run(page).violations_count == 0
    button.click()
    expect(page.locator("main")).to_contain_text("er tjekket ind")
    assert came(seat) is True
