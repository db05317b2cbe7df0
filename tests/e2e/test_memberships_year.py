"""A membership over its year in real Chromium: swapping at one meeting, a place from the waiting
list, the year change and leaving; and the administrator's waiting list and bulk actions."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from cms import audit
from networks import roles
from networks.models import Meeting, Membership, Seat
from networks.rules.states import Status
from networks.services import lifecycle, renewal, waitlist
from networks.services.application import ParticipantEntry
from payments.models import Charge, ChargeState
from tests.e2e.conftest import link_in
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    coming_meetings,
    make_network,
    season,
)
from tests.factories.signups import confirmed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def submit(page: BrowserPage) -> None:
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def member_with(*names: str) -> Membership:
    """A municipality's membership with these colleagues for every meeting."""
    municipality = MunicipalityFactory()
    domain = municipality.domains[0]
    entries = tuple(ParticipantEntry(name, f"{name.split()[0].lower()}@{domain}") for name in names)
    return confirmed(make_network(), municipality, participants=entries)


def who_comes(membership: Membership) -> list[set[str]]:
    """Names at each meeting, by date."""
    return [
        set(
            Seat.objects.current()
            .filter(membership=membership, meeting=meeting)
            .values_list("participant__name", flat=True)
        )
        for meeting in Meeting.objects.order_by("starts_at")
    ]


def test_two_colleagues_are_swapped_at_the_second_meeting_only(
    page: BrowserPage, site, newest_mail, is_accessible
):
    membership = member_with("Anne Fast", "Bo Fast")
    assert who_comes(membership) == [{"Anne Fast", "Bo Fast"}] * 3
    page.goto(link_in(newest_mail(membership.contact.email), "/mit-medlemskab/"))
    page.locator("a[href$='/deltagere/']").first.click()
    is_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator(".meeting").nth(1).locator("a[href*='/byt/']").first.click()
    is_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    # A mistake is shown by its field first.
    submit(page)
    assert page.locator("#error-summary a").count() >= 1
    page.fill("[name=name]", "Carl Ny")
    domain = membership.municipality.domains[0]
    page.fill("[name=email]", f"carl.ny@{domain}")
    submit(page)
    expect(page.locator(".meeting").nth(1)).to_contain_text("Carl Ny")
    expect(page.locator(".meeting").nth(0)).not_to_contain_text("Carl Ny")
    first, second, third = who_comes(membership)
    assert first == third == {"Anne Fast", "Bo Fast"}
    assert "Carl Ny" in second
    assert len(second) == 2
    assert newest_mail(f"carl.ny@{domain}")


def test_a_place_from_the_waiting_list_is_accepted_through_the_mailed_link(
    page: BrowserPage, site, newest_mail, run_jobs, is_accessible
):
    network = make_network(free_of_charge=True, unit="person", capacity=1)
    member = MembershipFactory(network=network, accepted_net=0, price_net=0)
    page.goto(site + network.url)
    page.fill("#id_name", "Vera Venter")
    page.fill("#id_job_title", "Konsulent")
    page.fill("#id_email", "vera@vejle.dk")
    page.fill("#id_organisation", "Vejle")
    page.get_by_role("option", name="Vejle").click()
    page.click(".signup-submit")
    page.wait_for_url("**/modtaget/**")
    page.goto(link_in(newest_mail("vera@vejle.dk"), "/bekraeft/"))
    submit(page)
    waiting = Membership.objects.get(contact__email="vera@vejle.dk")
    assert (waiting.state, waiting.address_confirmed_at is None) == (Status.WAITLISTED, False)

    lifecycle.cancel(member.pk, actor=audit.VISITOR)
    page.goto(link_in(newest_mail("vera@vejle.dk"), "/accept/"))
    waiting.refresh_from_db()
    assert waiting.state == Status.OFFERED, "opening a link must not accept"
    is_accessible(page)
    page.locator("button[name=accept]").click()
    page.wait_for_load_state()
    waiting.refresh_from_db()
    assert waiting.state == Status.ACTIVE
    page.goto(link_in(newest_mail("vera@vejle.dk"), "/mit-medlemskab/"))
    expect(page.locator("main")).to_contain_text(network.title)


def test_the_year_changes_and_the_membership_is_cancelled_before_the_new_one_begins(
    page: BrowserPage, site, newest_mail, is_accessible
):
    today = timezone.localdate()
    running = season(ends_on=today + timedelta(days=39))
    coming = season(
        name="Næste år",
        starts_on=today + timedelta(days=40),
        ends_on=today + timedelta(days=400),
        meetings=coming_meetings(first=timezone.now() + timedelta(days=60)),
    )
    network = make_network(seasons=[running, coming])
    membership = confirmed(network)
    welcome = newest_mail(membership.contact.email)
    coming_key = network.seasons.get(name="Næste år").pk

    renewal.run(coming_key)
    announcement = newest_mail(membership.contact.email)
    assert announcement != welcome
    assert "7.000" in announcement
    assert Charge.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        renewal.run(coming_key)
        renewal.run(coming_key)
    first, second = Charge.objects.order_by("created_at")
    assert (first.net, second.net, second.state) == (LADDER[3], LADDER[3], ChargeState.OPEN)

    page.goto(link_in(welcome, "/mit-medlemskab/"))
    page.locator("a[href$='/udmeld/']").first.click()
    is_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("main form button[type=submit].button-danger").click()
    page.wait_for_load_state()
    membership.refresh_from_db()
    assert (membership.state, membership.ends_on) == (
        Status.ACTIVE,
        today + timedelta(days=39),
    )
    states = dict(Charge.objects.values_list("pk", "state"))
    assert states == {first.pk: ChargeState.OPEN, second.pk: ChargeState.CREDITED}
    assert newest_mail(membership.contact.email) != announcement
    expect(page.locator("main")).to_contain_text(str((today + timedelta(days=39)).year))


def test_the_pages_of_my_membership_are_accessible(
    page: BrowserPage, site, newest_mail, is_accessible
):
    membership = member_with("Anne Fast")
    page.goto(link_in(newest_mail(membership.contact.email), "/mit-medlemskab/"))
    own = page.url
    is_accessible(page)
    for path in ("deltagere/tilfoej/", "moeder/", "fakturaer/", "data/", "emner/", "overdrag/"):
        response = page.goto(own + path)
        assert response.status == 200, path
        is_accessible(page)


def test_an_administrator_reorders_the_line_and_approves_many(
    page: BrowserPage, site, sign_in, is_accessible
):
    network = make_network(capacity=1)
    MembershipFactory(network=network)
    line = [MembershipFactory(network=network, status="waitlisted") for _turn in range(3)]
    pending = [
        MembershipFactory(network=make_network(), status="pending_approval", with_buyer=True)
        for _turn in range(2)
    ]
    Membership.objects.filter(status="pending_approval").update(address_at_domain=False)
    sign_in(page, roles.MEMBER_ADMINISTRATORS)
    page.goto(f"{site}/admin/networks/membership/waiting-list/{network.pk}/")
    page.locator("tbody tr").nth(2).locator("button[value^='first:']").click()
    # The browser itself asks for the reason first.
    assert list(waitlist.line_of(network.pk)) == line
    page.fill("[name=reason]", "Aftalt med kredsen")
    page.locator(f"button[value='first:{line[2].pk}']").click()
    expect(page.locator(".messages .success")).to_be_visible()
    assert list(waitlist.line_of(network.pk)) == [line[2], line[0], line[1]]

    page.goto(f"{site}/admin/networks/membership/?status=pending_approval")
    for row in pending:
        page.locator(f"input[data-object-id='{str(row.pk).replace('-', '_2D')}']").or_(
            page.locator(f"input[data-object-id='{row.pk}']")
        ).first.check()
    page.locator("a[data-bulk-action-button]").first.click()
    page.wait_for_url("**/bulk/approve/**")
    expect(page.locator("main")).to_contain_text(str(pending[0]))
    page.check("[name=confirmed]")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/bulk/run/**")
    states = Membership.objects.filter(pk__in=[row.pk for row in pending])
    assert set(states.values_list("status", flat=True)) == {"active"}
