"""Nobody gets past enrolment without a second factor, and sessions end when it changes."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from cms import audit
from cms.accounts import second_factor, secrets
from cms.audit import SYSTEM
from tests.cms.accounts.conftest import ADMIN
from tests.factories.networks import PASSWORD
from tests.factories.users import code_now, sign_in_by_password_alone

ENROL = reverse("mfa_index")
TOTP = reverse("mfa_activate_totp")


@pytest.fixture
def enrol(client, give_password, monkeypatch):
    """Signs a newcomer in and sets an app up; returns the key in it.

    The test's transaction is never committed: what allauth does on commit is done at once.
    """
    monkeypatch.setattr(transaction, "on_commit", lambda function, **options: function())

    def walk(newcomer: User) -> str:
        assert give_password(newcomer.username).url == ADMIN
        assert client.get(ADMIN).url == ENROL
        key = client.get(TOTP).context["form"].secret
        answer = client.post(TOTP, {"code": code_now(key)})
        assert answer.url == reverse("mfa_view_recovery_codes")
        return key

    return walk


def test_a_newcomer_is_led_to_enrol_and_then_let_in(client, newcomer, enrol):
    enrol(newcomer)
    assert client.get(ADMIN).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        ADMIN,
        "/admin/pages/",
        "/admin/account/",
        "/admin/users/",
        "/admin/no-such-page/",
        "/admin/api/main/pages/",
        "/admin/jsi18n/",
        reverse("account_change_password"),
        reverse("usersessions_list"),
        reverse("socialaccount_connections"),
        reverse("mfa_generate_recovery_codes"),
        "/konto/no-such-page/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_until_then_everything_leads_to_enrolment(client, newcomer, path, method):
    sign_in_by_password_alone(client, newcomer)
    assert getattr(client, method)(path).url == ENROL


@pytest.mark.parametrize("path", [ADMIN, ENROL, TOTP, reverse("mfa_add_webauthn")])
def test_a_session_without_the_users_second_factor_never_counts(client, user, path):
    sign_in_by_password_alone(client, user)
    assert client.get(path).url == reverse("mfa_reauthenticate")


def test_but_can_prove_it(client, user):
    sign_in_by_password_alone(client, user)
    client.post(reverse("mfa_reauthenticate"), {"code": code_now()})
    assert client.get(ADMIN).status_code == 200


def test_the_public_site_takes_it_for_a_visitor(client, user, home_page):
    sign_in_by_password_alone(client, user)
    assert "wagtail-userbar" not in client.get("/").content.decode()
    client.force_login(user)
    assert "wagtail-userbar" in client.get("/").content.decode()


def test_previews_and_private_pages_are_kept_from_it(client, user, home_page):
    PageViewRestriction.objects.create(page=home_page, restriction_type="login")
    preview = reverse("wagtailadmin_pages:view_draft", args=[home_page.pk])
    sign_in_by_password_alone(client, user)
    assert client.get(preview).url == reverse("mfa_reauthenticate")
    assert client.get("/").url.startswith(reverse("account_login"))
    client.force_login(user)
    assert client.get("/").status_code == 200


def test_private_documents_are_kept_from_it(client, user, home_page):
    private = Collection.get_first_root_node().add_child(instance=Collection(name="Internt"))
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    document = Document.objects.create(title="Internt", collection=private, file="internt.txt")
    sign_in_by_password_alone(client, user)
    assert client.get(document.url).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("path", [ADMIN, "/", "/admin/pages/"])
def test_a_session_that_has_proved_it_costs_no_query(client, user, home_page, settings, path):
    client.force_login(user)
    counts = []
    for is_required in (True, False, True):
        settings.STAFF_MFA_REQUIRED = is_required
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_a_visitor_without_a_session_gets_no_cookie(client, home_page):
    answer = client.get("/")
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_key_is_sealed(client, newcomer, enrol):
    key = enrol(newcomer)
    stored = Authenticator.objects.get(user=newcomer, type="totp").data["secret"]
    assert key not in stored
    assert secrets.unseal(stored) == key


def test_an_old_secret_key_still_opens_it_and_a_lost_one_lets_nobody_in(
    user, settings, give_password, give_code
):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    give_password(user.username)
    settings.SECRET_KEY_FALLBACKS = []
    assert give_code().status_code == 200
    settings.SECRET_KEY_FALLBACKS = ["test-only"]
    assert give_code().status_code == 302


def test_recovery_codes_are_shown_once_and_can_be_kept(client, newcomer, enrol, give_code):
    enrol(newcomer)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10
    assert f"data:text/plain;charset=utf-8,{codes[0]}%0A" in page
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert codes[0] not in again
    assert client.get(f"{reverse('mfa_view_recovery_codes')}download/").status_code == 404


def test_a_recovery_code_signs_in_once(client, newcomer, enrol, give_password, give_code):
    enrol(newcomer)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    code = re.findall(r"<code>(\d{8})</code>", page)[0]
    for expected in (302, 200):
        other = Client()
        give_password(newcomer.username, by=other)
        assert give_code(code, by=other).status_code == expected


def test_a_new_factor_ends_the_other_sessions(client, newcomer, give_password, enrol):
    other = Client()
    give_password(newcomer.username, by=other)
    assert "_auth_user_id" in other.session
    enrol(newcomer)
    assert other.get(ENROL).url.startswith(reverse("account_login"))
    assert client.get(ADMIN).status_code == 200
    assert UserSession.objects.filter(user=newcomer).count() == 1


def test_removing_the_only_factor_leads_to_enrolment_at_once(client, user, sign_in):
    other = Client()
    sign_in(client, user)
    Authenticator.objects.filter(user=user).update(last_used_at=None)
    from_elsewhere = UserSession.objects.count()
    client.post(reverse("mfa_deactivate_totp"))
    assert from_elsewhere == 1
    assert client.get(ADMIN).url == ENROL
    assert other.get(ADMIN).url.startswith(reverse("account_login"))
    assert [entry.action for entry in audit.history(user)] == ["user.second_factor_removed"]


def test_a_new_password_ends_the_other_sessions(client, user):
    other = Client()
    for browser in (client, other):
        browser.force_login(user)
        assert browser.get(ADMIN).status_code == 200
    session = client.session
    data = {"oldpassword": PASSWORD, "password1": "nyt-hemmeligt-4", "password2": "nyt-hemmeligt-4"}
    assert client.post(reverse("account_change_password"), data).url == ENROL
    assert session.session_key != client.session.session_key
    assert client.get(ADMIN).status_code == 200
    assert other.get(ADMIN).status_code == 302


def test_a_reset_ends_the_sessions_and_is_told(client, user, sign_in, run_jobs, mailoutbox):
    sign_in(client, user)
    second_factor.reset(actor=SYSTEM, user=user, reason="Mistet telefon")
    assert client.get(ADMIN).url.startswith(reverse("account_login"))
    assert not Authenticator.objects.filter(user=user).exists()
    run_jobs()
    assert mailoutbox[-1].to == [user.email]
    assert mailoutbox[-1].subject == "Dit andet trin er nulstillet"
    assert "reset" in {entry.action.rpartition("_")[2] for entry in audit.history(user)}
