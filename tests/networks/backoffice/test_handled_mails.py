"""Mails that did not arrive: said to be handled, taken up again, sent again, one or many."""

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from wagtail.users.models import UserProfile

from cms.audit import history
from cms.messages import outbox
from cms.messages.models import Message, MessageState
from networks import roles
from networks.services.scopes import scope_of
from networks.wagtail_hooks import messages
from tests.factories.networks import MembershipFactory, make_user
from tests.networks.backoffice.bulk_steps import address, assert_refused, send, told

pytestmark = pytest.mark.django_db

AGAIN, HANDLED = messages.row_url("again_many"), messages.row_url("handle_many")


def mail(state: str = "failed", scope: str = "", **facts: object) -> Message:
    number = Message.objects.count()
    values = {
        "key": f"k{number}",
        "template": "welcome",
        "scope": scope,
        "to_email": f"k{number}@example.org",
        "subject": f"Velkommen {number}",
        "body": "Kære du",
        "state": state,
        **facts,
    }
    return Message.objects.create(**values)


@pytest.fixture
def administrator(client: Client) -> Client:
    client.user = make_user(roles.MEMBER_ADMINISTRATORS)
    client.user.first_name = "Maja"
    client.user.save()
    client.force_login(client.user)
    return client


def listed(client: Client, **query: str) -> list[Message]:
    return list(client.get(messages.row_url("index"), query).context["object_list"])


def desk(client: Client) -> set[str]:
    panels = client.get(reverse("wagtailadmin_home")).context["panels"]
    areas = next(each for each in panels if each.name == "desk").get_context_data({})["areas"]
    return {waiting.task.key for area in areas for waiting in area.tasks}


@pytest.mark.parametrize(("state", "task"), [("failed", "failed"), ("bounced", "returning")])
def test_a_handled_mail_leaves_the_desk_and_is_found_by_its_filter(administrator, state, task):
    message = mail(state)
    assert task in desk(administrator)
    page = administrator.get(messages.row_url("inspect", message.pk)).content.decode()
    assert messages.row_url("handled", message.pk) in page
    administrator.post(messages.row_url("handled", message.pk), {"because": "reached"})
    assert task not in desk(administrator)
    assert listed(administrator, handled="yes") == [message]
    assert listed(administrator, handled="no") == []
    assert listed(administrator, state=state) == [message]
    page = administrator.get(messages.row_url("inspect", message.pk)).content.decode()
    for text in (
        ", behandlet",
        "Modtageren er nået på anden vis",
        "Markeret som behandlet",
        "Maja",
    ):
        assert text in page, text


def test_who_and_why_are_kept_in_the_sites_language(administrator):
    message = mail()
    UserProfile.objects.create(user=administrator.user, preferred_language="en")
    administrator.post(messages.row_url("handled", message.pk), {"because": "left"})
    entry = history(message).get()
    assert (entry.action, entry.user) == ("message.handled", administrator.user)
    assert entry.reason == "Modtageren er fratrådt"
    message.refresh_from_db()
    assert message.handled_at is not None


def test_a_reason_is_chosen_not_written(administrator):
    message = mail()
    for data in ({}, {"because": "Hr. Hansen er syg"}):
        response = administrator.post(messages.row_url("handled", message.pk), data)
        assert response.status_code == 200
    message.refresh_from_db()
    assert message.handled_at is None
    assert not history(message).exists()


def test_a_handled_mail_is_taken_up_again(administrator):
    message = mail()
    administrator.post(messages.row_url("handled", message.pk), {"because": "corrected"})
    administrator.post(messages.row_url("take_up_again", message.pk))
    message.refresh_from_db()
    assert (message.handled_at, message.handled_because) == (None, "")
    assert "failed" in desk(administrator)
    assert [entry.action for entry in history(message)] == [
        "message.taken_up_again",
        "message.handled",
    ]


def test_only_what_did_not_arrive_is_handled_and_once(administrator):
    sent, handled = mail("sent"), mail()
    outbox.handle(handled.pk, because="left", actor=outbox.SYSTEM)
    for message in (sent, handled):
        with pytest.raises(outbox.NotNow):
            outbox.handle(message.pk, because="reached", actor=outbox.SYSTEM)
    with pytest.raises(outbox.NotNow):
        outbox.take_up_again(sent.pk, actor=outbox.SYSTEM)
    with pytest.raises(IntegrityError, match="handled_did_not_arrive"):
        Message.objects.filter(pk=handled.pk).update(state="sent")


def test_sent_again_it_is_not_handled_any_more(administrator):
    message = mail()
    outbox.handle(message.pk, because="left", actor=outbox.SYSTEM)
    administrator.post(messages.row_url("again", message.pk))
    message.refresh_from_db()
    assert (message.state, message.handled_at) == (MessageState.QUEUED, None)


def test_each_role_handles_what_it_may_send_again(client: Client) -> None:
    network = MembershipFactory().network
    own, foreign, sites = mail(scope=scope_of(network)), mail(scope="999"), mail()
    client.force_login(make_user(roles.COORDINATORS, networks=[network]))
    for hidden in (foreign, sites):
        for name in ("handled", "take_up_again"):
            address_ = messages.row_url(name, hidden.pk)
            assert client.get(address_).status_code == 404
            assert client.post(address_, {"because": "left"}).status_code == 404
    assert client.post(messages.row_url("handled", own.pk), {"because": "left"}).status_code == 302
    client.force_login(make_user(roles.AUDITORS))
    assert_refused(client.get(messages.row_url("take_up_again", own.pk)))
    own.refresh_from_db()
    assert own.handled_at is not None


def test_the_row_menu_offers_what_fits(administrator):
    failed, handled = mail(), mail()
    outbox.handle(handled.pk, because="left", actor=outbox.SYSTEM)
    page = administrator.get(messages.row_url("index")).content.decode()
    assert messages.row_url("handled", failed.pk) in page
    assert messages.row_url("handled", handled.pk) not in page
    assert messages.row_url("take_up_again", handled.pk) in page


# Many ---------------------------------------------------------------------------------------------


def test_many_are_handled_those_alone_that_wait(administrator):
    failed, bounced, sent = mail(), mail("bounced"), mail("sent")
    page = administrator.get(address(HANDLED, failed, bounced, sent))
    assert told(page, "coming") == {"Forlader skrivebordet": [str(bounced), str(failed)]}
    assert told(page, "impossible") == {"Tilstanden er: Sendt": [str(sent)]}
    done = send(administrator, address(HANDLED, failed, bounced, sent), because="not_needed")
    assert done.context["number_done"] == 2
    handled = Message.objects.filter(handled_because="not_needed")
    assert set(handled) == {failed, bounced}
    assert history(failed).get().user == administrator.user


def test_many_are_sent_again(administrator):
    failed, stopped, queued = mail(), mail("stopped"), mail("queued")
    done = send(administrator, address(AGAIN, failed, stopped, queued))
    assert done.context["number_done"] == 2
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}
    assert history(failed).get().action == "message.sent_again"
    assert not history(queued).exists()


def test_many_by_a_coordinator_are_of_their_networks(client: Client) -> None:
    network = MembershipFactory().network
    own, foreign = mail(scope=scope_of(network)), mail(scope="999")
    client.force_login(make_user(roles.COORDINATORS, networks=[network]))
    done = send(client, f"{AGAIN}?id=all")
    assert done.context["total"] == 1
    assert client.get(address(AGAIN, foreign)).status_code == 404
    assert set(Message.objects.filter(state="queued")) == {own}
    client.force_login(make_user(roles.AUDITORS))
    assert_refused(client.get(address(HANDLED, own)))


def test_more_than_a_few_are_a_jobs(administrator, run_jobs):
    rows = [mail() for _turn in range(22)]
    send(administrator, address(HANDLED, *rows), because="left")
    assert not Message.objects.filter(handled_at__isnull=False).exists()
    run_jobs("networks.carry_out_many")
    assert Message.objects.filter(handled_because="left").count() == 22
