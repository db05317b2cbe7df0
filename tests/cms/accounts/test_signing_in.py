"""Signing in with password and code, and what the sign-in pages don't offer."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import NoReverseMatch, reverse

from networks import roles
from tests.cms.accounts.conftest import ADMIN
from tests.factories.networks import PASSWORD, make_user
from tests.factories.users import code_now, sign_in_by_password_alone

LOGIN = reverse("account_login")


def test_password_and_code_sign_in(client, user, give_password, give_code):
    assert give_password(user.username).url == reverse("mfa_authenticate")
    assert client.get(ADMIN).url == f"{LOGIN}?next={ADMIN}"
    assert give_code().url == ADMIN
    assert client.get(ADMIN).status_code == 200


def test_the_way_asked_for_is_where_one_arrives(client, user, give_code):
    data = {"login": user.username, "password": PASSWORD, "next": "/admin/pages/"}
    client.post(LOGIN, data)
    assert give_code().url == "/admin/pages/"


def test_another_site_is_no_way_to_arrive(client, user, give_code):
    data = {"login": user.username, "password": PASSWORD, "next": "https://else.example/"}
    client.post(LOGIN, data)
    assert give_code().url == ADMIN


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_an_e_mail_signs_in_in_whatever_case(user, give_password, change):
    assert give_password(change(user.email)).url == reverse("mfa_authenticate")


def test_an_e_mail_of_two_users_signs_nobody_in(user, give_password):
    other = make_user(roles.FINANCE)
    type(other).objects.update(email="faelles@example.org")
    assert give_password("faelles@example.org").status_code == 200


def test_what_was_wrong_is_not_told(user, give_password):
    wrong = give_password(user.username, "wrong").content.decode()
    unknown = give_password("nobody", PASSWORD).content.decode()
    text = "Brugernavnet eller adgangskoden er ikke rigtig."
    assert text in wrong
    assert text in unknown


def test_a_code_works_once(user, give_password, give_code):
    code = code_now()
    other = Client()
    give_password(user.username)
    assert give_code(code).status_code == 302
    give_password(user.username, by=other)
    assert give_code(code, by=other).status_code == 200


def test_a_closed_user_cannot_sign_in(user, give_password):
    type(user).objects.update(is_active=False)
    assert give_password(user.username).url == reverse("account_inactive")


def test_nobody_signs_up(client, user):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    for path in ("/konto/signup/", "/konto/opret/", "/accounts/signup/"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/admin/login/", "/_util/login/"])
def test_wagtails_own_pages_of_sign_in_lead_here(client, user, path):
    assert client.get(f"{path}?next=/admin/pages/").url == f"{LOGIN}?next=/admin/pages/"
    data = {"username": user.username, "password": PASSWORD}
    assert client.post(path, data).status_code == 302
    assert "_auth_user_id" not in client.session


def test_wagtails_own_password_pages_are_gone(client, user):
    assert client.get("/admin/password_reset/").status_code == 404
    client.force_login(user)
    account = client.get(reverse("wagtailadmin_account")).content.decode()
    assert "password" not in account


def test_no_second_address_is_ever_kept(client, user, sign_in):
    sign_in(client, user)
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert not EmailAddress.objects.exists()


def test_the_session_ends_with_the_browser(client, user, sign_in):
    sign_in(client, user)
    assert client.session.get_expire_at_browser_close()


@pytest.mark.parametrize(
    ("language", "text"), [("da", "Log ind"), ("en", "Sign in"), ("de", "Log ind")]
)
def test_the_page_speaks_the_browsers_language(client, home_page, language, text):
    page = client.get(LOGIN, headers={"accept-language": language}).content.decode()
    assert text in page


def test_sign_in_pages_keep_the_strict_policy(client, home_page):
    answer = client.get(LOGIN)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "login.microsoftonline" not in answer.headers["Content-Security-Policy"]


def test_signing_out_ends_the_session(client, user, sign_in):
    sign_in(client, user)
    assert client.post(reverse("account_logout")).url == LOGIN
    assert client.get(ADMIN).status_code == 302


def test_a_session_by_password_alone_shows_the_page_of_sign_in_no_door(client, user):
    sign_in_by_password_alone(client, user)
    assert client.get(LOGIN).url == ADMIN
    assert client.get(ADMIN).url == reverse("mfa_reauthenticate")
