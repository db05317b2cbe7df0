"""The data protection contact's and a superuser's day in real Chromium."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage

from networks import roles
from networks.models import ErasureRequest
from tests.e2e.conftest import link_in
from tests.e2e.steps import downloaded, in_menu, open_task, opened, press, row_of, told
from tests.factories.networks import PASSWORD, MembershipFactory, make_user
from tests.factories.requests import ErasureRequestFactory
from tests.factories.users import code_now, sign_in_in_browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_data_protection_contact_reads_deadlines_register_and_log(page: BrowserPage, site):
    membership = MembershipFactory()
    request = ErasureRequestFactory(person=membership.contact)
    reader = make_user(roles.MEMBER_ADMINISTRATORS)
    sign_in_in_browser(page, site, reader, PASSWORD)
    page.goto(f"{site}/admin/networks/person/inspect/{membership.contact_id}/")
    page.context.clear_cookies()

    sign_in_in_browser(page, site, make_user(roles.DATA_PROTECTION), PASSWORD)
    in_menu(page, "Databeskyttelse", "Slettefrister")
    opened(page, "Slettefrister")
    expect(row_of(page, "30 dage").first).to_be_visible()
    in_menu(page, "Databeskyttelse", "Fortegnelse over behandlinger")
    opened(page, "Fortegnelse over behandlinger")
    file = downloaded(page, page.get_by_role("link", name="Som PDF"))
    assert file.path().read_bytes().startswith(b"%PDF")
    in_menu(page, "Databeskyttelse", "Hvem har læst hvad")
    expect(row_of(page, reader.get_username()).first).to_be_visible()
    in_menu(page, "Databeskyttelse", "Anmodninger om sletning")
    page.get_by_role("main").get_by_role("link", name=membership.contact.name).first.click()
    opened(page, membership.contact.name)
    assert ErasureRequest.objects.get().handled_at == request.handled_at is None


def test_an_administrator_erases_a_person_who_asked(page: BrowserPage, site, newest_mail):
    membership = MembershipFactory(status="ended", ends_on=timezone.localdate())
    address = membership.contact.email
    ErasureRequestFactory(person=membership.contact)
    sign_in_in_browser(page, site, make_user(roles.MEMBER_ADMINISTRATORS), PASSWORD)
    open_task(page, site, "erasure", number=1)
    row_of(page, address).get_by_role("link").first.click()
    page.get_by_role("main").get_by_role("link", name="Slet personen").click()
    expect(page.locator("[name=outcome]")).not_to_be_empty()
    press(page, "Slet personen")
    expect(page.get_by_role("main")).to_contain_text("Feltet skal udfyldes")
    page.check("[name=confirmed]")
    press(page, "Slet personen")
    told(page, "slettet")
    membership.contact.refresh_from_db()
    assert membership.contact.erased_at is not None
    assert address not in page.get_by_role("main").inner_text()


def test_a_superuser_invites_a_colleague_who_signs_in_and_loses_the_phone(
    page: BrowserPage, browser: Browser, site, newest_mail
):
    sign_in_in_browser(page, site, make_user(superuser=True), PASSWORD)
    page.goto(f"{site}/admin/users/new/")
    for field, text in (
        ("username", "ny"),
        ("email", "ny@example.org"),
        ("first_name", "Nadia"),
        ("last_name", "Eksempel"),
    ):
        page.fill(f"[name={field}]", text)
    expect(page.locator("[name=password1]")).to_have_count(0)
    page.get_by_role("main").locator("button[type=submit]").last.click()
    told(page, "ny")

    other = browser.new_context(locale="da-DK").new_page()
    other.goto(link_in(newest_mail("ny@example.org"), "/konto/adgangskode/ny/"))
    for field in ("password1", "password2"):
        other.fill(f"[name={field}]", "nyt-hemmeligt-4")
    press(other, "Gem adgangskoden")
    opened(other, "Beskyt dit login")
    follow_app(other)
    colleague = User.objects.get(username="ny")
    assert colleague.authenticator_set.exists()

    page.goto(f"{site}/admin/sign-in/{colleague.pk}/")
    press(page, "Nulstil det andet trin")
    expect(page.get_by_role("main")).to_contain_text("skal udfyldes")
    page.fill("[name=reason]", "Ringede fra sit kontor")
    press(page, "Nulstil det andet trin")
    told(page, "Det andet trin er nulstillet")
    assert not colleague.authenticator_set.exists()
    other.goto(f"{site}/admin/")
    expect(other.locator("[name=login]")).to_be_visible()
    other.context.close()


def follow_app(page: BrowserPage) -> None:
    """Sets an app with codes up."""
    page.get_by_role("link", name="Sæt en app op").click()
    key = page.locator(".account-key").inner_text().replace(" ", "")
    page.fill("[name=code]", code_now(key))
    press(page, "Sæt appen op")
    opened(page, "Gendannelseskoder")
