"""The main job from end to end, in real Chromium: publish, sign up, pay, administer."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect
from playwright.sync_api import Page as BrowserPage

from networks import roles
from networks.models import Membership, NetworkIndexPage, NetworkPage
from networks.rules.states import Status
from payments.models import Charge, ChargeState, Payment
from tests.e2e.conftest import link_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Netværk for digital læring"


def write_rich_text(page: BrowserPage, field: str, text: str) -> None:
    editor = page.locator(f"[data-contentpath={field}] [role=textbox]").first
    editor.click()
    editor.press_sequentially(text)


def open_tab(page: BrowserPage, number: int) -> None:
    page.locator("[role=tablist] [role=tab]").nth(number).click()


def add_row(page: BrowserPage, relation: str) -> None:
    page.locator(f"#id_{relation}-ADD").click()


def write_texts(page: BrowserPage) -> None:
    page.fill("#id_title", TITLE)
    page.fill("#id_introduction", "For skoleforvaltninger, der arbejder med digital læring.")
    write_rich_text(page, "purpose", "At lære af hinandens forsøg.")
    write_rich_text(page, "audience", "Konsulenter i skoleforvaltningen.")
    page.fill("#id_audience_summary", "Konsulenter i skoleforvaltningen")


def write_season(page: BrowserPage, today: date) -> None:
    add_row(page, "seasons")
    page.fill("#id_seasons-0-name", "Netværksår 1")
    page.fill("#id_seasons-0-starts_on", f"{today - timedelta(days=10):%Y-%m-%d}")
    page.fill("#id_seasons-0-ends_on", f"{today + timedelta(days=200):%Y-%m-%d}")
    page.fill("#id_seasons-0-seats_per_meeting", "2")
    for step, (left, price) in enumerate(((2, "5.200"), (1, "3.300"))):
        add_row(page, "seasons-0-ladder")
        page.fill(f"#id_seasons-0-ladder-{step}-meetings_left", str(left))
        page.fill(f"#id_seasons-0-ladder-{step}-price", price)
    for row in range(2):
        add_row(page, "seasons-0-meetings")
        day = today + timedelta(days=30 * (row + 1))
        page.fill(f"#id_seasons-0-meetings-{row}-title", f"Møde {row + 1}")
        page.fill(f"#id_seasons-0-meetings-{row}-starts_at", f"{day:%Y-%m-%d} 09:30")
        page.fill(f"#id_seasons-0-meetings-{row}-ends_at", f"{day:%Y-%m-%d} 15:30")


def publish_network(page: BrowserPage, site: str) -> NetworkPage:
    """An editor fills in the panels, sees the preview and publishes."""
    index = NetworkIndexPage.objects.get()
    page.goto(f"{site}/admin/pages/add/networks/networkpage/{index.pk}/")
    write_texts(page)
    open_tab(page, 2)
    write_season(page, timezone.localdate())
    page.locator("[data-side-panel-toggle=preview]").click()
    preview = page.frame_locator("[data-controller=w-preview] iframe").last
    expect(preview.locator("h1")).to_contain_text(TITLE, timeout=20000)
    expect(preview.locator("body")).to_contain_text("5.200 kr.")
    page.locator("[data-side-panel-toggle=preview]").click()
    page.locator("[data-w-dropdown-target=toggle]").last.click()
    page.locator("button[name=action-publish]").first.click()
    page.wait_for_load_state("load")
    expect(page.locator(".messages .success")).to_be_visible()
    return NetworkPage.objects.live().get(title=TITLE)


def fill_contact(page: BrowserPage, name: str, email: str, municipality: str) -> None:
    page.fill("#id_name", name)
    page.fill("#id_job_title", "Konsulent")
    page.fill("#id_email", email)
    page.fill("#id_organisation", municipality)
    page.get_by_role("option", name=municipality).first.click()


def fill_address(page: BrowserPage) -> None:
    page.fill("#id_buyer_street", "Rådhuspladsen 1")
    page.fill("#id_buyer_postal_code", "8000")
    page.fill("#id_buyer_city", "Aarhus")


def test_a_network_is_published_joined_by_card_and_by_invoice_and_administered(
    page: BrowserPage, context: BrowserContext, site, stripe, sign_in, newest_mail, run_jobs
):
    sign_in(page, roles.PUBLISHERS)
    network = publish_network(page, site)

    visitor = context.browser.new_context(locale="da-DK").new_page()
    outside: list[str] = []
    visitor.on("request", lambda request: outside.append(request.url))
    visitor.goto(site + network.url)
    assert visitor.context.cookies() == []
    assert all("://localhost:" in url or url.startswith("data:") for url in outside), outside
    pay_by_card(visitor, stripe, newest_mail)
    sign_up_by_invoice(visitor, site + network.url, newest_mail)

    admin = context.browser.new_context(locale="da-DK").new_page()
    sign_in(admin, roles.MEMBER_ADMINISTRATORS)
    administer(admin, site)


def pay_by_card(visitor: BrowserPage, stripe, newest_mail) -> None:
    """Sign up, pay at the hosted page, come back, get the mail, open the link."""
    fill_contact(visitor, "Kort Eksempel", "kort@aarhus.dk", "Aarhus")
    visitor.check("input[name=method][value=card]")
    fill_address(visitor)
    visitor.click(".signup-submit")
    visitor.wait_for_url(f"{stripe.url}/**")
    expect(visitor.locator("body")).to_contain_text("6.500")
    visitor.get_by_role("button", name="Betal", exact=True).click()
    visitor.wait_for_url("**/betaling/**")
    stripe.flush()
    membership = Membership.objects.get(contact__email="kort@aarhus.dk")
    assert membership.state == Status.ACTIVE
    assert Charge.objects.get().state == ChargeState.PAID
    assert Payment.objects.get().amount == 650_000
    visitor.goto(link_in(newest_mail("kort@aarhus.dk"), "/bekraeft/"))
    membership.refresh_from_db()
    assert membership.address_confirmed_at is None, "opening a link must not act"
    visitor.locator("main form button[type=submit]").click()
    visitor.goto(link_in(newest_mail("kort@aarhus.dk"), "/mit-medlemskab/"))
    expect(visitor.locator("main")).to_contain_text(TITLE)


def sign_up_by_invoice(visitor: BrowserPage, address: str, newest_mail) -> None:
    """A mistake is shown by its field and keeps what was typed; then it goes through."""
    visitor.goto(address)
    fill_contact(visitor, "Faktura Eksempel", "faktura@odense.dk", "Odense")
    visitor.check("input[name=method][value=invoice]")
    visitor.fill("#id_buyer_gln", "5798009811579")
    visitor.fill("#id_buyer_reference", "Skole")
    fill_address(visitor)
    visitor.click(".signup-submit")
    expect(visitor.locator("#error-summary a")).to_have_count(1)
    expect(visitor.locator("#id_name")).to_have_value("Faktura Eksempel")
    visitor.fill("#id_buyer_gln", "5798009811578")
    visitor.click(".signup-submit")
    visitor.wait_for_url("**/tilmelding/modtaget/**")
    visitor.goto(link_in(newest_mail("faktura@odense.dk"), "/bekraeft/"))
    visitor.locator("main form button[type=submit]").click()
    membership = Membership.objects.get(contact__email="faktura@odense.dk")
    assert membership.state == Status.ACTIVE
    charge = Charge.objects.get(method="invoice")
    assert (charge.net, charge.vat, charge.buyer_gln) == (520_000, 130_000, "5798009811578")
    assert charge.buyer_name == "Odense Kommune"


def administer(admin: BrowserPage, site: str) -> None:
    """Both are found, exported, and one is cancelled with a reason."""
    admin.goto(f"{site}/admin/networks/membership/")
    for name in ("Aarhus", "Odense"):
        expect(admin.locator("table").first).to_contain_text(name)
    with admin.expect_download() as download:
        admin.goto(f"{site}/admin/networks/membership/")
        admin.evaluate("location.search = '?export=csv'")
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) == 3
    membership = Membership.objects.get(contact__email="faktura@odense.dk")
    admin.goto(f"{site}/admin/networks/membership/inspect/{membership.pk}/")
    admin.locator("a[href*='/cancel/']").first.click()
    admin.fill("[name=reason]", "Ønske fra kommunen")
    admin.locator("form[method=post] button[type=submit]").last.click()
    admin.wait_for_url("**/inspect/**")
    membership.refresh_from_db()
    assert membership.ends_on == timezone.localdate() + timedelta(days=200)
    expect(admin.locator("body")).to_contain_text("Ønske fra kommunen")
