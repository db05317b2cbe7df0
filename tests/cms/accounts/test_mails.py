"""Mails about accounts wait in the outbox without a secret, and only superusers see them there."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.serializers import serialize
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from cms.accounts.mails import WAITED_FOR
from cms.audit import SYSTEM
from cms.messages import outbox
from cms.messages.models import Message, MessageState
from networks import roles
from networks.policies import message_policy
from tests.cms.accounts.test_passwords import choose, link_in
from tests.factories.networks import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(client, user) -> Message:
    """Somebody has forgotten the password."""
    client.post(reverse("account_reset_password"), {"email": user.email})
    return Message.objects.get()


def test_neither_the_outbox_nor_the_queue_holds_the_link_before_or_after(
    asked, run_jobs, mailoutbox
):
    for _moment in ("before", "after"):
        stored = serialize("json", Message.objects.all())
        stored += str(list(ProcrastinateJob.objects.values_list("args", flat=True)))
        assert "adgangskode/ny" not in stored
        assert "[[choose_password]]" in stored
        run_jobs()
    path = link_in(mailoutbox[0])
    assert path.strip("/").rpartition("-")[2] not in serialize("json", Message.objects.all())
    assert path in mailoutbox[0].alternatives[0][0]
    assert choose(Client(), path).status_code == 302


@pytest.mark.parametrize("change", [{"email": "ny@example.org"}, {"is_active": False}])
def test_no_link_is_made_for_an_address_that_is_no_longer_the_users(
    asked, user, run_jobs, mailoutbox, change
):
    User.objects.filter(pk=user.pk).update(**change)
    run_jobs()
    asked.refresh_from_db()
    assert (asked.state, asked.error) == (MessageState.STOPPED, "Det, den var til, er ovre.")
    outbox.send_again(asked.pk, actor=SYSTEM)
    run_jobs()
    assert not mailoutbox


def test_who_forgot_a_password_is_not_surprised_by_a_late_mail(asked, run_jobs, mailoutbox):
    with time_machine.travel(timezone.now() + WAITED_FOR + timedelta(minutes=1)):
        run_jobs()
    assert not mailoutbox


def test_staff_who_read_messages_do_not_see_those_about_accounts(asked):
    member_administrator = make_user(roles.MEMBER_ADMINISTRATORS)
    assert not message_policy.rows(member_administrator).exists()
    assert message_policy.rows(make_user(superuser=True)).get() == asked
