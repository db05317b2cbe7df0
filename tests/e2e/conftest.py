"""The site as a visitor's browser meets it, with Stripe, mail and jobs beside it."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import Page as BrowserPage

from networks import roles
from tests import indexes
from tests.factories.networks import PASSWORD, make_index, make_user
from tests.factories.users import sign_in_in_browser
from tests.fakes.stripe import FakeStripe


@pytest.fixture(autouse=True)
def _indexes(settings) -> None:
    """In a browser everything is as the users have it."""
    settings.TASKS = indexes.KEPT


@pytest.fixture
def stripe(live_server, settings) -> Iterator[FakeStripe]:
    """A fake Stripe whose webhooks reach this site."""
    with FakeStripe(webhook_url=f"{live_server.url}/stripe/webhook/") as fake:
        settings.STRIPE_API_BASE = fake.url
        settings.STRIPE_SECRET_KEY = fake.api_key
        yield fake


@pytest.fixture
def site(live_server, settings) -> str:
    """The address of the site, with a list of networks and no network yet."""
    settings.WAGTAILADMIN_BASE_URL = live_server.url
    make_index()
    return str(live_server.url)


@pytest.fixture
def newest_mail(run_jobs) -> Callable[[str], str]:
    """Sends what waits in the outbox, and gives the text of the newest mail to an address."""

    def find(address: str) -> str:
        run_jobs()
        for message in reversed(mail.outbox):
            if address in message.to[0]:
                return str(message.body)
        raise AssertionError(f"no mail to {address}")

    return find


def link_in(text: str, path: str) -> str:
    """The first link of a mail that leads below the path."""
    found = re.search(rf"https?://\S+{re.escape(path)}\S+", text)
    assert found, text
    return found.group()


@pytest.fixture
def sign_in(site) -> Callable[..., None]:
    """Signs a new user of a role in to the admin."""

    def enter(page: BrowserPage, role: str = roles.PUBLISHERS) -> None:
        sign_in_in_browser(page, site, make_user(role), PASSWORD)

    return enter


@pytest.fixture
def is_accessible() -> Callable[[BrowserPage], None]:
    """No axe violation at the width of a screen and of a phone, and nothing wider than they."""
    axe = Axe()

    def check(page: BrowserPage) -> None:
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 900})
            results = axe.run(page)
            assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    return check
