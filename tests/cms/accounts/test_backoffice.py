"""An administrator helps a colleague to sign in; nobody else can."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from cms import audit
from cms.accounts import lockout
from cms.accounts.lockout import Step
from networks import roles
from tests.factories.networks import make_user


@pytest.fixture
def page(user) -> str:
    return reverse("accounts_sign_in", args=[user.pk])


@pytest.fixture
def administrator(client, home_page):
    made = make_user(superuser=True)
    client.force_login(made)
    return made


def test_an_administrator_resets_a_colleagues_second_factor(client, user, page, administrator):
    client.post(page, {"action": "reset", "reason": "Mistet telefon, ringede selv"})
    assert not Authenticator.objects.filter(user=user).exists()
    entry = next(e for e in audit.history(user) if e.action == "user.second_factor_reset")
    assert (entry.user, entry.reason) == (administrator, "Mistet telefon, ringede selv")
    assert "Andet trin nulstillet" in client.get(page).content.decode()


def test_not_without_a_reason(client, user, page, administrator):
    assert client.post(page, {"action": "reset", "reason": ""}).status_code == 200
    assert Authenticator.objects.filter(user=user).exists()


def test_an_administrator_unlocks_a_colleague(client, user, page, administrator):
    for _number in range(lockout.PER_USER_AND_ADDRESS):
        lockout.begin(Step.CODE, user.username, "198.51.100.7")
    assert "Låst ude" in client.get(page).content.decode()
    client.post(page, {"action": "unlock"})
    assert "Låst ude" not in client.get(page).content.decode()
    lockout.begin(Step.CODE, user.username, "198.51.100.7")


def test_the_list_of_users_leads_there(client, page, administrator):
    assert page in client.get(reverse("wagtailusers_users:index")).content.decode()


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_role_has_it(client, user, page, role, method):
    client.force_login(make_user(role))
    data = {"action": "reset", "reason": "Fordi"}
    assert getattr(client, method)(page, data).status_code in (302, 403)
    assert Authenticator.objects.filter(user=user).exists()


def test_a_user_who_is_not_there_is_not_found(client, administrator):
    assert client.get(reverse("accounts_sign_in", args=[987654])).status_code == 404


def test_the_page_costs_few_queries(client, page, administrator, django_assert_max_num_queries):
    client.get(page)
    with django_assert_max_num_queries(14):
        client.get(page)


def test_each_right_of_a_group_is_named_in_the_users_language(client, administrator):
    group = Group.objects.get(name=roles.FINANCE)
    form = client.get(reverse("wagtailusers_groups:edit", args=[group.pk])).content.decode()
    assert "Tilføj: opkrævning" in form
    assert "Kan eksportere" in form
    assert "Redigere alle sider" in form
    assert "Can " not in form
    boxes = re.findall(r'<input[^>]*name="permissions"[^>]*>', form)
    ticked = {int(re.search(r'value="(\d+)"', box)[1]) for box in boxes if " checked" in box}
    # Some rights are given by migrations alone: Wagtail's form neither shows nor takes them.
    shown = {int(re.search(r'value="(\d+)"', box)[1]) for box in boxes}
    own = set(Permission.objects.filter(group=group).values_list("pk", flat=True))
    assert ticked == own & shown
    assert len(ticked) > 10


def test_a_command_resets_the_last_administrator(user):
    call_command("reset_second_factor", user.username, reason="Eneste administrator")
    assert not Authenticator.objects.filter(user=user).exists()
    assert audit.history(user)[0].reason == "Eneste administrator"
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody", reason="x")
