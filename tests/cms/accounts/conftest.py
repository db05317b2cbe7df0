"""What the tests of sign-in share: a user who must sign in, and their browser's steps."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from networks import roles
from tests.factories.networks import PASSWORD, make_user
from tests.factories.users import code_now

ADMIN = "/admin/"


@pytest.fixture
def user(home_page) -> User:
    """A publisher with an app."""
    return make_user(roles.PUBLISHERS)


@pytest.fixture
def newcomer(user) -> User:
    """A publisher without a second factor."""
    user.authenticator_set.all().delete()
    return user


@pytest.fixture
def give_password(client) -> Callable[..., Any]:
    def post(login: str, password: str = PASSWORD, by: Client | None = None, **more: str) -> Any:
        data = {"login": login, "password": password}
        return (by or client).post(reverse("account_login"), data, **more)

    return post


@pytest.fixture
def give_code(client) -> Callable[..., Any]:
    def post(code: str | None = None, by: Client | None = None) -> Any:
        data = {"code": code or code_now()}
        return (by or client).post(reverse("mfa_authenticate"), data)

    return post


@pytest.fixture
def sign_in(give_password, give_code) -> Callable[[Client, User], None]:
    """Signs a user with an app in, in both steps."""

    def enter(client: Client, user: User) -> None:
        assert give_password(user.username, by=client).url == reverse("mfa_authenticate")
        assert give_code(by=client).url == ADMIN

    return enter
