"""Passwords are chosen by those who use them: invitation, forgotten password."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from cms.messages.models import Message, MessageState
from networks import roles
from tests.cms.accounts.conftest import ADMIN
from tests.factories.networks import PASSWORD, make_user

RESET = reverse("account_reset_password")
NEW = "nyt-hemmeligt-4"


def link_in(mail) -> str:
    found = re.search(r"http://localhost:8000(/konto/adgangskode/ny/\S+)", mail.body)
    assert found, mail.body
    return found.group(1)


def choose(client: Client, path: str, password: str = NEW):
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_a_forgotten_password_is_chosen_anew_and_the_second_step_stays(
    client, user, run_jobs, mailoutbox, change
):
    assert client.post(RESET, {"email": change(user.email)}).status_code == 302
    assert not mailoutbox
    run_jobs()
    mail = mailoutbox[-1]
    assert mail.to == [user.email]
    assert mail.subject == "Vælg en ny adgangskode"
    assert user.username in mail.body
    assert choose(client, link_in(mail)).url == reverse("mfa_authenticate")
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_the_link_works_once(client, user, run_jobs, mailoutbox):
    client.post(RESET, {"email": user.email})
    run_jobs()
    path = link_in(mailoutbox[0])
    choose(client, path)
    page = Client().get(path).content.decode()
    assert "Linket virker ikke længere" in page


def test_the_link_is_void_once_the_address_is_another(client, user, run_jobs, mailoutbox):
    client.post(RESET, {"email": user.email})
    run_jobs()
    User.objects.filter(pk=user.pk).update(email="ny@example.org")
    assert "Linket virker ikke længere" in Client().get(link_in(mailoutbox[0])).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, user, run_jobs, mailoutbox):
    known = client.post(RESET, {"email": user.email})
    unknown = client.post(RESET, {"email": "ukendt@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    run_jobs()
    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_down_keeps_nobody_waiting_and_is_tried_again(
    client, user, settings, run_jobs
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert client.post(RESET, {"email": user.email}).status_code == 302
    run_jobs()
    assert Message.objects.get().state == MessageState.RETRYING


def test_a_weak_password_is_refused(client, user, run_jobs, mailoutbox):
    client.post(RESET, {"email": user.email})
    run_jobs()
    assert choose(client, link_in(mailoutbox[0]), "12345678").status_code == 200


def test_who_has_a_new_password_is_told(client, user, run_jobs, mailoutbox):
    client.force_login(user)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post(reverse("account_change_password"), data)
    run_jobs()
    assert mailoutbox[-1].subject == "Din adgangskode er skiftet"
    assert mailoutbox[-1].to == [user.email]
    assert "127.0.0.1" in mailoutbox[-1].body


@pytest.fixture
def make_colleague(client, home_page):
    """An administrator makes a user in Wagtail's form; returns the new user."""

    def make() -> User:
        client.force_login(make_user(superuser=True))
        form = client.get(reverse("wagtailusers_users:add")).content.decode()
        assert "password" not in form
        data = {
            "username": "ny",
            "email": "ny@example.org",
            "first_name": "Ny",
            "last_name": "Kollega",
            "groups": [Group.objects.get(name=roles.PUBLISHERS).pk],
        }
        assert client.post(reverse("wagtailusers_users:add"), data).status_code == 302
        return User.objects.get(username="ny")

    return make


def test_a_new_user_is_invited_and_chooses_the_password(make_colleague, run_jobs, mailoutbox):
    colleague = make_colleague()
    assert not colleague.has_usable_password()
    run_jobs()
    assert mailoutbox[-1].subject == "Du er inviteret til administrationen"
    browser = Client()
    assert choose(browser, link_in(mailoutbox[-1])).url == ADMIN
    assert browser.get(ADMIN).url == reverse("mfa_index")


def test_an_invitation_that_is_lost_or_too_old_is_asked_for_anew(
    client, make_colleague, run_jobs, mailoutbox
):
    colleague = make_colleague()
    run_jobs()
    client.post(reverse("accounts_sign_in", args=[colleague.pk]), {"action": "invite"})
    run_jobs()
    assert len(mailoutbox) == 2
    Client().post(RESET, {"email": colleague.email})
    run_jobs()
    assert choose(Client(), link_in(mailoutbox[-1])).url == ADMIN


def test_no_invitation_goes_to_who_has_a_password_since(make_colleague, run_jobs, mailoutbox):
    colleague = make_colleague()
    colleague.set_password(NEW)
    colleague.save()
    run_jobs()
    assert not mailoutbox
