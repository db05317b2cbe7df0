"""Signing in as staff, in real Chromium: password, app, passkey, recovery code, new password."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage

from networks import roles
from tests.e2e.conftest import link_in
from tests.factories.networks import PASSWORD, make_user
from tests.factories.users import code_now, sign_in_in_browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOGIN, SECURITY = "/konto/log-ind/", "/konto/sikkerhed/"


@pytest.fixture
def local(site) -> str:
    """Passkeys belong to a name, never to an IP address."""
    return site.replace("127.0.0.1", "localhost")


@pytest.fixture
def newcomer(site) -> User:
    user = make_user(roles.PUBLISHERS)
    user.authenticator_set.all().delete()
    return user


@pytest.fixture
def passkeys(page: BrowserPage) -> Iterator[None]:
    """A computer with a passkey that asks for a fingerprint, and gets it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    session.detach()


@pytest.fixture
def looked_at(is_accessible) -> Callable[[BrowserPage], None]:
    """The page is accessible at both widths, and its policy refused nothing."""

    def look(page: BrowserPage) -> None:
        is_accessible(page)
        page.set_viewport_size({"width": 1280, "height": 900})

    return look


@pytest.fixture(autouse=True)
def nothing_refused(page: BrowserPage) -> Iterator[None]:
    """The strict policy lets everything of these pages through."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    yield
    assert [text for text in said if "Content Security Policy" in text] == []


def give_password(page: BrowserPage, user: User, password: str = PASSWORD) -> None:
    page.fill("[name=login]", user.username)
    page.fill("[name=password]", password)
    press(page, "Log ind")


def press(page: BrowserPage, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: BrowserPage, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def has_heading(page: BrowserPage, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_a_newcomer_sets_an_app_up_and_returns_with_code_and_recovery_code(
    page: BrowserPage, browser: Browser, site, newcomer, looked_at, run_jobs
):
    page.goto(f"{site}/admin/")
    has_heading(page, "Log ind")
    looked_at(page)
    give_password(page, newcomer, "forkert")
    expect(page.locator("#error-summary")).to_contain_text("ikke rigtig")
    looked_at(page)
    give_password(page, newcomer)
    has_heading(page, "Beskyt dit login")
    looked_at(page)
    page.goto(f"{site}/admin/pages/")
    has_heading(page, "Beskyt dit login")

    follow(page, "Sæt en app op")
    looked_at(page)
    key = page.locator(".account-key").inner_text().replace(" ", "")
    page.fill("[name=code]", "000000")
    press(page, "Sæt appen op")
    expect(page.locator("#error-summary")).to_contain_text("Koden er ikke rigtig")
    page.fill("[name=code]", code_now(key))
    press(page, "Sæt appen op")
    has_heading(page, "Gendannelseskoder")
    looked_at(page)
    codes = page.locator(".account-codes code").all_inner_texts()
    with page.expect_download() as download:
        follow(page, "Hent koderne")
    assert download.value.path().read_text().split() == codes
    assert download.value.suggested_filename == "gendannelseskoder.txt"
    follow(page, "Jeg har gemt dem")
    page.wait_for_url("**/admin/")
    run_jobs()
    assert mail.outbox[-1].subject == "Der er sat en app op til dit login"

    for path in (SECURITY, "/konto/enheder/", "/konto/adgangskode/", "/konto/app/fjern/"):
        page.goto(site + path)
        looked_at(page)

    other = browser.new_context(locale="da-DK").new_page()
    other.goto(f"{site}/admin/")
    give_password(other, newcomer)
    has_heading(other, "Det andet trin")
    looked_at(other)
    other.fill("[name=code]", codes[0])
    press(other, "Log ind")
    other.wait_for_url("**/admin/")


def test_a_passkey_is_the_second_step_and_can_sign_in_alone(
    page: BrowserPage, local, newcomer, passkeys, looked_at
):
    page.goto(local + LOGIN)
    give_password(page, newcomer)
    follow(page, "Sæt en adgangsnøgle op")
    looked_at(page)
    page.fill("[name=name]", "Arbejdscomputer")
    page.get_by_label("Log ind med denne adgangsnøgle alene").check(force=True)
    press(page, "Sæt adgangsnøglen op")
    has_heading(page, "Gendannelseskoder")
    page.goto(f"{local}/konto/adgangsnoegler/")
    expect(page.locator(".account-parts")).to_contain_text("Logger ind alene")
    looked_at(page)

    page.goto(f"{local}/konto/log-ud/")
    looked_at(page)
    press(page, "Log ud")
    give_password(page, newcomer)
    press(page, "Brug en adgangsnøgle")
    page.wait_for_url("**/admin/")

    page.goto(f"{local}/konto/log-ud/")
    press(page, "Log ud")
    press(page, "Log ind med en adgangsnøgle")
    page.wait_for_url("**/admin/")


def test_a_passkey_that_is_not_there_is_told(page: BrowserPage, local, passkeys):
    page.goto(local + LOGIN)
    press(page, "Log ind med en adgangsnøgle")
    expect(page.locator("#passkey-refused")).to_be_visible()


def test_who_guesses_is_locked_out(page: BrowserPage, site, newcomer, looked_at):
    page.goto(site + LOGIN)
    for _number in range(5):
        give_password(page, newcomer, "forkert")
    give_password(page, newcomer)
    expect(page.locator("#error-summary")).to_contain_text("Vent 15 minutter")
    looked_at(page)


def test_a_forgotten_password_is_chosen_anew(
    page: BrowserPage, site, newcomer, looked_at, newest_mail
):
    page.goto(site + LOGIN)
    follow(page, "Har du glemt din adgangskode?")
    looked_at(page)
    page.fill("[name=email]", newcomer.email)
    press(page, "Send linket")
    has_heading(page, "Se i din mail")
    looked_at(page)
    link = link_in(newest_mail(newcomer.email), "/konto/adgangskode/ny/")
    page.goto(link)
    has_heading(page, "Vælg en adgangskode")
    looked_at(page)
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", "nyt-hemmeligt-4")
    press(page, "Gem adgangskoden")
    has_heading(page, "Beskyt dit login")
    page.context.clear_cookies()
    page.goto(link)
    has_heading(page, "Linket virker ikke længere")
    looked_at(page)


def test_everything_but_passkeys_works_without_javascript(browser: Browser, site):
    page = browser.new_context(java_script_enabled=False, locale="da-DK").new_page()
    sign_in_in_browser(page, site, make_user(roles.PUBLISHERS), PASSWORD)
    page.goto(site + SECURITY)
    has_heading(page, "Dit login")


def test_the_pages_speak_english_too(browser: Browser, site, looked_at):
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{site}/admin/")
    has_heading(page, "Sign in")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert not re.search(r"[æøåÆØÅ]", page.locator("main").inner_text())


def test_an_administrator_resets_a_colleagues_second_step(
    page: BrowserPage, site, newcomer, looked_at
):
    colleague = make_user(roles.EDITORS)
    sign_in_in_browser(page, site, make_user(superuser=True), PASSWORD)
    page.goto(f"{site}/admin/sign-in/{colleague.pk}/")
    page.fill("[name=reason]", "Mistet telefon")
    press(page, "Nulstil det andet trin")
    expect(page.get_by_text("Det andet trin er nulstillet")).to_be_visible()
    assert not colleague.authenticator_set.exists()
