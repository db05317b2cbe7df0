"""Sign-in with Entra ID: named tenants, trusted by issuer and object id, never by e-mail."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from cms import audit
from cms.settings.sign_in import PRIVATE_ACCOUNTS, entra_app
from tests.cms.accounts.conftest import ADMIN
from tests.factories.users import code_now
from tests.fakes.entra import FakeEntra
from tests.fakes.entra.server import CLIENT_ID, CLIENT_SECRET

TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "66666666-7777-4888-8999-aaaaaaaaaaaa"
OID = "0f0f0f0f-1111-4222-8333-444444444444"
ENTER = reverse("openid_connect_login", args=[f"entra-{TENANT}"])


@pytest.fixture
def entra(settings) -> Iterator[FakeEntra]:
    with FakeEntra() as fake:
        names = {"client_id": CLIENT_ID, "secret": CLIENT_SECRET, "authority": fake.url}
        apps = [entra_app(f"KL={TENANT}", **names), entra_app(f"BKF={OTHER_TENANT}", **names)]
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": apps}
        }
        fake.claims = {"oid": OID, "preferred_username": "ansat@kl.example"}
        yield fake


@pytest.fixture
def link(user, entra) -> SocialAccount:
    """The user has linked the account in the tenant."""
    return SocialAccount.objects.create(user=user, provider=f"entra-{TENANT}", uid=OID)


@pytest.fixture
def enter(entra) -> Callable[..., Any]:
    """The browser's way to Entra and back; returns the site's answer."""

    def walk(client: Client, path: str = ENTER) -> Any:
        there = client.post(path)
        back = requests.get(there.url, allow_redirects=False, timeout=5).headers["Location"]
        return client.get(back.replace("http://testserver", ""))

    return walk


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_page_of_sign_in_offers_the_named_tenants(client, home_page, entra):
    page = client.get(reverse("account_login")).content.decode()
    assert "Log ind med KL" in page
    assert "Log ind med BKF" in page


def test_a_linked_account_signs_in_and_the_second_step_is_asked_for(
    client, user, link, enter, give_code
):
    assert enter(client).url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert give_code().url == ADMIN


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acrs": ["c1"]}, {"acr": "c1"}])
def test_entras_own_second_step_counts_when_its_claims_say_so(
    client, user, link, enter, entra, settings, claims
):
    settings.ENTRA_MFA_CONTEXT = "c1"
    entra.claims |= claims
    assert enter(client).url == ADMIN
    assert client.get(ADMIN).status_code == 200


@pytest.mark.parametrize("claims", [{"amr": ["pwd"]}, {"amr": "pwd"}, {"acrs": ["c2"]}])
def test_other_claims_say_nothing(client, user, link, enter, entra, settings, claims):
    settings.ENTRA_MFA_CONTEXT = "c1"
    entra.claims |= claims
    assert enter(client).url == reverse("mfa_authenticate")


def test_the_operator_can_vouch_for_the_tenants(client, user, link, enter, settings):
    settings.ENTRA_ENFORCES_MFA = True
    assert enter(client).url == ADMIN
    assert client.get(ADMIN).status_code == 200


def test_who_has_no_second_factor_sets_one_up(client, newcomer, link, enter):
    assert enter(client).url == ADMIN
    assert client.get(ADMIN).url == reverse("mfa_index")


def test_the_same_object_in_another_tenant_is_somebody_else(client, user, link, enter):
    answer = enter(client, reverse("openid_connect_login", args=[f"entra-{OTHER_TENANT}"]))
    assert "Ingen konto er tilknyttet" in answer.content.decode()
    assert not is_signed_in(client)


def test_an_e_mail_signs_nobody_in_and_no_user_is_made(client, user, enter, entra):
    entra.claims |= {"email": user.email, "email_verified": True, "upn": user.username}
    assert "Ingen konto er tilknyttet" in enter(client).content.decode()
    assert not is_signed_in(client)
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_a_closed_user_cannot_sign_in(client, user, link, enter):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert enter(client).url == reverse("account_inactive")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"aud": "somebody-else"},
        {"tid": OTHER_TENANT},
        {"exp": 1},
        {"oid": ""},
    ],
)
def test_a_token_of_another_issuer_audience_tenant_or_time_is_refused(
    client, user, link, enter, entra, claims
):
    entra.claims |= claims
    assert "Login mislykkedes" in enter(client).content.decode()
    assert not is_signed_in(client)


def test_a_token_that_another_key_signed_is_refused(client, user, link, enter, entra):
    entra.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "Login mislykkedes" in enter(client).content.decode()


def test_a_tenant_that_tells_another_issuer_is_refused(client, user, link, enter, entra):
    entra.issuer_told = entra.issuer(OTHER_TENANT)
    assert "Login mislykkedes" in enter(client).content.decode()


def test_an_answer_that_nobody_asked_for_is_refused(client, user, link):
    callback = reverse("openid_connect_callback", args=[f"entra-{TENANT}"])
    answer = client.get(callback, {"code": "stolen", "state": "guessed"})
    assert "Login mislykkedes" in answer.content.decode()


def test_the_request_carries_a_challenge_and_asks_for_no_e_mail(client, home_page, entra):
    query = parse_qs(urlsplit(client.post(ENTER).url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert set(query["scope"][0].split()) == {"openid", "profile"}


def test_a_user_links_and_unlinks_the_account(client, user, sign_in, enter, run_jobs, mailoutbox):
    sign_in(client, user)
    enter(client, f"{ENTER}?process=connect")
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.uid) == (user, f"entra-{TENANT}", OID)
    assert account.extra_data == {
        "id_token": {"oid": OID, "tid": TENANT, "preferred_username": "ansat@kl.example"}
    }
    run_jobs()
    assert mailoutbox[-1].to == [user.email]
    client.post(reverse("socialaccount_connections"), {"account": account.pk})
    assert not SocialAccount.objects.exists()
    actions = [entry.action for entry in audit.history(user)]
    assert actions[:2] == ["user.entra_unlinked", "user.entra_linked"]


def test_an_account_is_linked_to_one_user(client, user, link, sign_in, enter):
    colleague = User.objects.create_user("kollega", "kollega@example.org", "hemmeligt-9")
    client.force_login(colleague)
    enter(client, f"{ENTER}?process=connect")
    assert SocialAccount.objects.get().user == user


def test_who_has_not_proved_the_second_factor_links_nothing(client, newcomer, enter, give_password):
    give_password(newcomer.username)
    assert client.post(f"{ENTER}?process=connect").url == reverse("mfa_index")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("path", [ENTER, reverse("openid_connect_login", args=["entra-other"])])
def test_a_tenant_that_is_not_named_has_no_address(client, home_page, path):
    assert client.post(path).status_code == 404


@pytest.mark.parametrize(
    "tenant", ["common", "organizations", "consumers", "kl.example", "", str(PRIVATE_ACCOUNTS)]
)
def test_only_tenants_are_accepted(tenant):
    with pytest.raises(ImproperlyConfigured):
        entra_app(f"KL={tenant}", client_id="x", secret="y", authority="https://entra.example")


def test_the_code_of_the_app_still_works_beside_it(client, user, link, give_password, give_code):
    give_password(user.username)
    assert give_code(code_now()).url == ADMIN
