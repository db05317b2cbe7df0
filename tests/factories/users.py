"""Staff with a second factor, and how tests sign in as them."""

import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from playwright.sync_api import Page

from cms.accounts import secrets

#: The key in every test user's app.
TOTP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_second_factor(user: User) -> Authenticator:
    """An app with codes: ``code_now`` says what it shows."""
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": secrets.seal(TOTP_KEY)}
    )


def code_now(key: str = TOTP_KEY) -> str:
    return format_hotp_value(hotp_value(key, int(time.time()) // 30))


def prove_second_factor(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """``client.force_login`` signs in as staff do: with the second factor.

    It hands Django a bare request without an address; a sign-in through a page has one.
    """
    if request is not None and not request.path:
        record_authentication(request, user, "mfa", type="totp")


def force_login_proves_second_factor() -> None:
    user_logged_in.connect(prove_second_factor, dispatch_uid="tests.force_login")


def sign_in_by_password_alone(client: Any, user: User) -> None:
    """A session that has proved no second factor."""
    user_logged_in.disconnect(dispatch_uid="tests.force_login")
    try:
        client.force_login(user)
    finally:
        force_login_proves_second_factor()


def sign_in_in_browser(page: Page, site: str, user: User, password: str) -> None:
    """Password and code, then the administration.

    A code works once, which the cache remembers: forgotten, so that a test can sign in again at
    once.
    """
    cache.clear()
    page.goto(f"{site}{reverse('wagtailadmin_home')}")
    page.fill("[name=login]", user.get_username())
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Log ind", exact=True).click()
    page.fill("[name=code]", code_now())
    page.get_by_role("button", name="Log ind", exact=True).click()
    page.wait_for_url("**/admin/")
