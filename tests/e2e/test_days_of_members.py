"""A member administrator's, a coordinator's and a host's day in real Chromium."""

import csv

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from cms.messages.models import Message
from networks import roles
from networks.models import MeetingHost, Membership
from networks.rules.states import Status
from tests.e2e.steps import (
    bulk,
    check_all,
    choose,
    confirm,
    downloaded,
    follow,
    in_menu,
    open_task,
    opened,
    press,
    row_of,
    says,
    told,
    waiting,
)
from tests.factories.contributions import TopicFactory
from tests.factories.meeting_day import SeatFactory, meeting_today
from tests.factories.networks import (
    PASSWORD,
    MembershipFactory,
    MunicipalityFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.sellers import make_seller
from tests.factories.users import sign_in_in_browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pending(name: str) -> Membership:
    return MembershipFactory(
        municipality=MunicipalityFactory(name=name),
        status=Status.PENDING_APPROVAL,
        address_at_domain=False,
        with_buyer=True,
    )


def test_a_member_administrator_works_through_what_waits(
    page: BrowserPage, site, newest_mail, run_jobs
):
    make_seller()
    rows = [pending(name) for name in ("Ansager", "Brædstrup", "Christiansfeld")]
    sign_in_in_browser(page, site, make_user(roles.MEMBER_ADMINISTRATORS), PASSWORD)
    open_task(page, site, "approval", number=3)
    choose(page, "Ansager", "Godkend")
    opened(page, "Godkend")
    press(page, "Godkend")
    told(page, "Tilmeldingen er godkendt.")
    assert newest_mail(rows[0].contact.email)

    open_task(page, site, "approval", number=2)
    check_all(page)
    bulk(page, "Godkend")
    expect(page.get_by_role("main")).to_contain_text("Det vil ske")
    confirm(page, "Godkend 2")
    says(page, "Udført for 2 af 2")
    assert set(Membership.objects.values_list("status", flat=True)) == {Status.ACTIVE}
    page.goto(f"{site}/admin/")
    expect(waiting(page, "approval")).to_have_count(0)

    in_menu(page, "Medlemmer", "Medlemskaber")
    page.get_by_role("link", name="Brædstrup", exact=True).click()
    opened(page, "Tidslinje")
    expect(page.locator(".backoffice-timeline").first).to_contain_text("Godkendt")


def test_a_member_administrator_finds_a_person_in_spite_of_an_error_and_exports(
    page: BrowserPage, site
):
    MembershipFactory(contact=PersonFactory(name="Kirsten Mikkelsen"))
    MembershipFactory(contact=PersonFactory(name="Jens Hansen"))
    sign_in_in_browser(page, site, make_user(roles.MEMBER_ADMINISTRATORS), PASSWORD)
    page.goto(f"{site}/admin/find/")
    page.fill("#id_find", "kirstn mikelsen")
    press(page, "Søg")
    says(page, "Det her ligner")
    expect(page.locator(".backoffice-hits").first).to_contain_text("Kirsten Mikkelsen")
    expect(page.get_by_role("main")).not_to_contain_text("Jens Hansen")

    page.goto(f"{site}/admin/networks/membership/")
    check_all(page)
    bulk(page, "Eksportér")
    expect(page.get_by_role("main")).to_contain_text("2 rækker eksporteres")
    file = downloaded(page, page.get_by_role("link", name="CSV"))
    with file.path().open(encoding="utf-8-sig", newline="") as lines:
        text = str(list(csv.reader(lines)))
    assert "Kirsten Mikkelsen" in text
    assert "Jens Hansen" in text


def test_a_coordinator_answers_a_topic_and_writes_to_members_of_the_own_network_alone(
    page: BrowserPage, site, newest_mail
):
    ours, theirs = make_network(title="Kunst i byen"), make_network(title="Idræt for alle")
    member = MembershipFactory(network=ours)
    stranger = MembershipFactory(network=theirs)
    TopicFactory(membership=member, title="Lys på pladsen")
    TopicFactory(membership=stranger, title="Kunstgræs")
    sign_in_in_browser(page, site, make_user(roles.COORDINATORS, networks=[ours]), PASSWORD)
    open_task(page, site, "topics", number=1)
    expect(page.get_by_role("main")).not_to_contain_text("Kunstgræs")
    choose(page, "Lys på pladsen", "Svar")
    page.fill("[name=text]", "Det tager vi op på næste møde.")
    press(page, "Send svaret")
    told(page, "Svaret er sendt til forslagsstilleren.")
    assert "Det tager vi op på næste møde." in newest_mail(member.contact.email)

    in_menu(page, "Medlemmer", "Medlemskaber")
    expect(row_of(page, str(member.municipality))).to_be_visible()
    expect(row_of(page, str(stranger.municipality))).to_have_count(0)
    check_all(page)
    bulk(page, "Skriv til")
    page.fill("[name=subject_da]", "Næste møde")
    page.fill("[name=text_da]", "Vi mødes ved springvandet.")
    confirm(page, "Send til 1")
    says(page, "Udført for 1 af 1")
    assert "Vi mødes ved springvandet." in newest_mail(member.contact.email)
    assert not Message.objects.filter(to_email=stranger.contact.email).exists()
    assert page.goto(f"{site}/admin/networks/membership/inspect/{stranger.pk}/").status == 404


def test_a_host_meets_today_notes_who_came_and_prints_badges(page: BrowserPage, site):
    meeting = meeting_today()
    host = make_user(roles.HOSTS)
    MeetingHost.objects.create(meeting=meeting, user=host)
    seat = SeatFactory(meeting=meeting)
    sign_in_in_browser(page, site, host, PASSWORD)
    expect(page.locator(".desk-hosted")).to_contain_text(meeting.season.page.title)
    expect(page.locator(".desk-hosted")).to_contain_text("I dag")
    link = page.get_by_role("link", name="Navneskilte").get_attribute("href")
    badges = page.request.get(site + link)
    assert badges.headers["content-type"] == "application/pdf"
    assert badges.body().startswith(b"%PDF")
    follow(page, "Notér fremmøde")
    person = page.locator(f'[data-person="seat:{seat.pk}"]')
    expect(person).to_contain_text(seat.participant.name)
    came = person.get_by_role("button", name="Kom", exact=True)
    came.click()
    expect(came).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".day-waits:visible")).to_have_count(0, timeout=15_000)
    seat.refresh_from_db()
    assert seat.came is True
