"""The outbox in the administration: who sees which mail, and what can be done about it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.audit import history, reference
from cms.messages.models import Message, MessageState
from networks import roles
from networks.models import Membership
from networks.services.scopes import scope_of
from networks.wagtail_hooks import memberships, message_texts, messages
from tests.factories.networks import MembershipFactory, make_network, make_user

pytestmark = pytest.mark.django_db


def signed_in(role: str, *networks: Any) -> Client:
    client = Client()
    client.force_login(make_user(role, networks=networks))
    return client


def mail(membership: Membership, **facts: object) -> Message:
    number = Message.objects.count()
    values = {
        "key": f"k{number}",
        "template": "welcome",
        "about": reference(membership),
        "scope": scope_of(membership.network),
        "to_name": membership.contact.name,
        "to_email": membership.contact.email,
        "subject": f"Velkommen {number}",
        "body": "Kære du\n\nMit medlemskab:\n[[membership]]",
        "state": MessageState.SENT,
        "sent_at": timezone.now(),
        **facts,
    }
    return Message.objects.create(**values)


def page(client: Client, message: Message) -> str:
    return client.get(messages.row_url("inspect", message.pk)).content.decode()


@pytest.fixture
def membership() -> Membership:
    return MembershipFactory(network=make_network(title="Kulturnetværket"))


@pytest.fixture
def admin_client_() -> Client:
    return signed_in(roles.MEMBER_ADMINISTRATORS)


def test_the_list_tells_state_kind_and_network(admin_client_, membership):
    mail(membership, state=MessageState.BOUNCED)
    shown = admin_client_.get(messages.row_url("index")).content.decode()
    for text in ("Kulturnetværket", membership.contact.email, "backoffice-status--critical"):
        assert text in shown


def test_the_list_is_filtered_by_state_kind_network_and_date(admin_client_, membership):
    other = MembershipFactory()
    mail(membership, subject="Første")
    mail(other, subject="Anden", state=MessageState.FAILED, template="offered")
    today = timezone.localdate().isoformat()
    for query, found in [
        ({"state": "failed"}, "Anden"),
        ({"template": "welcome"}, "Første"),
        ({"network": other.network_id}, "Anden"),
        ({"q": membership.contact.email}, "Første"),
        ({"q": "anden"}, "Anden"),
    ]:
        shown = admin_client_.get(messages.row_url("results"), query).content.decode()
        assert [title for title in ("Første", "Anden") if title in shown] == [found]
    shown = admin_client_.get(messages.row_url("results"), {"created_at_to": today})
    assert "Første" in shown.content.decode()
    shown = admin_client_.get(messages.row_url("results"), {"created_at_to": "2020-01-01"})
    assert "Første" not in shown.content.decode()


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    admin_client_, membership, django_assert_max_num_queries
):
    for _number in range(12):
        mail(membership)
    with django_assert_max_num_queries(14):
        admin_client_.get(messages.row_url("index"))


def test_the_page_shows_the_text_as_sent_and_no_link(admin_client_, membership):
    message = mail(membership, attachments=[{"filename": "moeder.ics"}])
    shown = page(admin_client_, message)
    assert "[personligt link]" in shown
    assert "[[membership]]" not in shown
    assert "moeder.ics" in shown
    assert memberships.row_url("inspect", membership.pk) in shown


def test_a_mail_that_came_back_is_sent_again(admin_client_, membership, run_jobs, mailoutbox):
    message = mail(membership, state=MessageState.BOUNCED, error="550 No such user")
    assert "550 No such user" in page(admin_client_, message)
    admin_client_.post(messages.row_url("again", message.pk))
    run_jobs("cms.send_message")
    message.refresh_from_db()
    assert (message.state, len(mailoutbox)) == (MessageState.SENT, 1)
    assert history(message).get().action == "message.sent_again"


def test_a_mail_that_was_sent_is_not_sent_again(admin_client_, membership):
    message = mail(membership)
    assert messages.row_url("again", message.pk) not in page(admin_client_, message)
    admin_client_.post(messages.row_url("again", message.pk))
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_a_waiting_mail_is_stopped(admin_client_, membership, run_jobs, mailoutbox):
    message = mail(membership, state=MessageState.RETRYING, sent_at=None)
    admin_client_.post(messages.row_url("stop", message.pk), {"reason": "Forkert"})
    message.refresh_from_db()
    assert message.state == MessageState.STOPPED
    assert history(message).get().reason == "Forkert"


def test_coordinators_see_and_send_their_own_networks_mails(membership, run_jobs):
    client = signed_in(roles.COORDINATORS, membership.network)
    own = mail(membership, state=MessageState.FAILED)
    foreign = mail(MembershipFactory(), state=MessageState.FAILED)
    sites = mail(membership, scope="", subject="Hele sitets")
    shown = client.get(messages.row_url("index")).content.decode()
    assert own.subject in shown
    assert foreign.subject not in shown
    assert sites.subject not in shown
    for hidden in (foreign, sites):
        for name in ("inspect", "again", "stop"):
            assert client.get(messages.row_url(name, hidden.pk)).status_code == 404
            assert client.post(messages.row_url(name, hidden.pk)).status_code == 404
    assert client.post(messages.row_url("again", own.pk)).status_code == 302
    own.refresh_from_db()
    assert own.state == MessageState.QUEUED


def test_auditors_read_and_change_nothing(membership):
    client = signed_in(roles.AUDITORS)
    message = mail(membership, state=MessageState.FAILED)
    assert messages.row_url("again", message.pk) not in page(client, message)
    client.post(messages.row_url("again", message.pk))
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


@pytest.mark.parametrize("role", [roles.EDITORS, roles.PUBLISHERS, roles.FINANCE, roles.HOSTS])
def test_others_see_no_mails(membership, role):
    client = signed_in(role)
    message = mail(membership)
    for address in (messages.row_url("index"), messages.row_url("inspect", message.pk)):
        assert client.get(address).status_code == 302


def test_a_membership_tells_that_mail_to_its_people_comes_back(admin_client_, membership):
    address = memberships.row_url("inspect", membership.pk)
    assert "kommer retur" not in admin_client_.get(address).content.decode()
    mail(membership, state=MessageState.BOUNCED)
    shown = admin_client_.get(address).content.decode()
    assert "kommer retur" in shown
    assert "[[membership]]" not in shown
    found = admin_client_.get(memberships.row_url("index"), {"task": "mail_returns"})
    assert membership.contact.email in found.content.decode()
    mail(membership)
    assert "kommer retur" not in admin_client_.get(address).content.decode()


@pytest.mark.parametrize(
    ("role", "shown"), [(roles.COORDINATORS, True), (roles.AUDITORS, True), (roles.EDITORS, False)]
)
def test_the_menu_has_mails_for_those_who_may_see_them(membership, role, shown):
    page = signed_in(role, membership.network).get(reverse("wagtailadmin_home")).content.decode()
    for admin in (messages, message_texts):
        assert (admin.row_url("index") in page) == shown
