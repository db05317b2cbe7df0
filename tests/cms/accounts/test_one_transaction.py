"""A new password or factor and the end of the other sessions come together or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db.models.signals import pre_delete
from django.test import Client
from django.urls import reverse

from cms import audit
from tests.cms.accounts.conftest import ADMIN
from tests.factories.networks import PASSWORD
from tests.factories.users import code_now

pytestmark = pytest.mark.django_db
NEW = "nyt-hemmeligt-4"


class Killed(Exception):
    """The worker dies at this point."""


@contextmanager
def killed_at(signal, sender=None) -> Iterator[None]:
    def die(**kwargs: object) -> None:
        raise Killed

    signal.connect(die, sender=sender)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        signal.disconnect(die, sender=sender)


@pytest.fixture
def elsewhere(client, user, sign_in) -> Client:
    """The user is signed in twice: here, and there."""
    other = Client()
    sign_in(other, user)
    # A code works once, which the cache remembers.
    cache.clear()
    sign_in(client, user)
    return other


def factors(user) -> set[str]:
    return set(user.authenticator_set.values_list("type", flat=True))


def history(user) -> list[str]:
    return list(audit.history(user).values_list("action", flat=True))


def test_a_factor_stays_when_the_sessions_could_not_be_ended(client, user, elsewhere):
    before, told = factors(user), history(user)
    with killed_at(pre_delete, UserSession):
        client.post(reverse("mfa_deactivate_totp"))
    assert (factors(user), history(user)) == (before, told)
    assert elsewhere.get(ADMIN).status_code == 200


def test_none_is_added_either(client, user, elsewhere):
    user.authenticator_set.filter(type=Authenticator.Type.TOTP).delete()
    before = factors(user)
    key = client.get(reverse("mfa_activate_totp")).context["form"].secret
    with killed_at(pre_delete, UserSession):
        client.post(reverse("mfa_activate_totp"), {"code": code_now(key)})
    assert factors(user) == before
    client.post(reverse("mfa_activate_totp"), {"code": code_now(key)})
    assert Authenticator.Type.TOTP in factors(user)
    assert elsewhere.get(ADMIN).status_code == 302
    assert history(user)[0] == "user.second_factor_added"


def test_new_recovery_codes_come_with_the_end_of_the_other_sessions(client, user, elsewhere):
    codes = user.authenticator_set.filter(type=Authenticator.Type.RECOVERY_CODES)
    before = list(codes.values_list("pk", flat=True))
    with killed_at(pre_delete, UserSession):
        client.post(reverse("mfa_generate_recovery_codes"))
    assert list(codes.values_list("pk", flat=True)) == before
    client.post(reverse("mfa_generate_recovery_codes"))
    assert list(codes.values_list("pk", flat=True)) != before
    assert elsewhere.get(ADMIN).status_code == 302
    assert client.get(ADMIN).status_code == 200
    assert history(user)[0] == "user.recovery_codes_new"


def test_a_password_is_new_with_all_that_follows_or_it_is_the_old_one(client, user, elsewhere):
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    with killed_at(password_changed):
        client.post(reverse("account_change_password"), data)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert "user.password_changed" not in history(user)
    client.post(reverse("account_change_password"), data)
    assert elsewhere.get(ADMIN).status_code == 302
    assert client.get(ADMIN).status_code == 200
