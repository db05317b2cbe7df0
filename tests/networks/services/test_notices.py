"""What is mailed: every template renders, carries the right links, and they work."""

import re
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from cms.links import Link
from cms.messages.models import Message
from networks.models import JoinRequest, Membership
from networks.rules.states import Status
from networks.services import lifecycle
from networks.services.notices import membership as notices
from networks.services.notices import requests as request_notices
from networks.services.notices import seats as seat_notices
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
)
from tests.factories.signups import applied, confirmed

pytestmark = pytest.mark.django_db

PAGE_OF = {
    "confirm": "bekraeft",
    "accept": "accept",
    "pay": "betaling",
    "membership": "mit-medlemskab",
}
#: notice → the purposes of its links.
NOTICES = {
    "confirm_address": ["confirm"],
    "waitlisted": ["confirm"],
    "payment_begun": ["confirm", "pay"],
    "awaits_approval": [],
    "approved_to_pay": ["pay"],
    "offered": ["accept"],
    "welcome": ["membership"],
    "expired": [],
    "cancelled": [],
    "new_link": ["membership"],
    "already_member": ["membership"],
    "paid_too_late": [],
}


@pytest.fixture
def membership() -> Membership:
    return MembershipFactory(
        status=Status.AWAITING_PAYMENT,
        method="card",
        cancelled_at=timezone.now(),
        ends_on=timezone.localdate(),
    )


def give(notice: str, membership: Membership) -> None:
    facts = {"credited": False} if notice == "cancelled" else {}
    getattr(notices, notice)(membership, **facts)


def only_message() -> Message:
    return Message.objects.get()


@pytest.mark.parametrize(("notice", "purposes"), NOTICES.items())
def test_each_notice_renders_with_its_links_and_no_token_in_the_outbox(
    membership, notice, purposes
):
    give(notice, membership)
    message = only_message()
    assert membership.network.title in f"{message.subject} {message.body}"
    assert message.subject
    assert [link["purpose"] for link in message.links] == purposes
    assert re.findall(r"\[\[(\w+)\]\]", message.body) == purposes
    assert "http" not in message.body.replace(membership.network.full_url, "")
    assert not Link.objects.exists()
    assert message.about == audit.reference(membership)


@pytest.mark.parametrize(("notice", "purposes"), NOTICES.items())
def test_sent_by_a_job_it_carries_links_that_work(membership, notice, purposes, run_jobs):
    give(notice, membership)
    run_jobs()
    sent = mail.outbox[0]
    assert sent.to == [f"{membership.contact.name} <{membership.contact.email}>"]
    assert "[[" not in sent.body
    html = sent.alternatives[0][0]
    for purpose in purposes:
        address = re.search(rf"http://localhost:8000(/{PAGE_OF[purpose]}/\S+)", sent.body)
        assert address[0] in html
        assert Client().get(address[1]).status_code == 200
    assert {link.address for link in Link.objects.all()} <= {membership.contact.email}


def test_the_price_and_the_deadline_stand_in_kroner_and_local_time(membership):
    membership.deadline = timezone.make_aware(datetime(2027, 7, 1, 14, 5))
    notices.approved_to_pay(membership)
    assert "7.000 kr." in only_message().body
    assert "14.05" in only_message().body


def test_a_risen_price_is_named_beside_the_old_one(membership):
    notices.price_to_accept(membership, 750_000)
    assert "7.500 kr." in only_message().body
    assert "7.000 kr." in only_message().body
    assert [link["purpose"] for link in only_message().links] == ["accept"]


def test_before_the_proof_no_personal_link_is_sent(membership):
    membership.address_confirmed_at = None
    for notice in (notices.welcome, notices.new_link, notices.already_member):
        notice(membership)
    purposes = {link["purpose"] for row in Message.objects.all() for link in row.links}
    assert purposes == {"confirm"}


def test_the_coming_meetings_come_along_for_the_calendar(run_jobs):
    network = make_network()
    confirmed(network)
    run_jobs()
    welcome = next(row for row in mail.outbox if row.attachments)
    filename, content, content_type = welcome.attachments[0]
    assert filename.endswith(".ics")
    assert content_type.startswith("text/calendar")
    assert len(Calendar.from_ical(content).events) == 3
    part = welcome.message().get_payload()[1]
    assert part.get_content_type() == "text/calendar"


def test_a_named_colleague_is_told_by_whom_and_which_rights_that_gives():
    participant = ParticipantFactory(membership__contact__name="Anne Andersen")
    seat_notices.invited(participant, [])
    message = only_message()
    assert message.to_email == participant.email
    assert "Anne Andersen" in message.body
    assert participant.membership.network.full_url in message.body
    assert [link["purpose"] for link in message.links] == ["membership"]


def test_who_named_oneself_is_not_told():
    membership = MembershipFactory()
    participant = ParticipantFactory(membership=membership, email=membership.contact.email)
    seat_notices.invited(participant, [])
    assert not Message.objects.exists()


def test_the_contact_is_told_who_wants_to_join():
    request = JoinRequestFactory(name="Bo Berg", job_title="Leder")
    request_notices.asked(request)
    message = only_message()
    assert message.to_email == request.membership.contact.email
    assert "Bo Berg (" in message.body
    assert JoinRequest.objects.get().handled_at is None


def test_of_a_cancellation_the_invoice_contact_is_told_too():
    membership = MembershipFactory(invoice_contact=PersonFactory())
    lifecycle.cancel(membership.pk, actor=audit.VISITOR)
    told = set(Message.objects.values_list("to_email", flat=True))
    assert told == {membership.contact.email, membership.invoice_contact.email}


def test_a_cancellation_says_whether_the_season_is_credited_or_stands():
    for credited in (True, False):
        notices.cancelled(MembershipFactory(cancelled_at=timezone.now()), credited=credited)
    stands, is_credited = Message.objects.order_by("-pk").values_list("body", flat=True)
    assert is_credited.split("\n")[2:] != stands.split("\n")[2:]


def test_what_a_visitor_typed_is_text_in_the_html(run_jobs):
    network = make_network(title="Kultur & <b>fritid</b>")
    applied(network, name="<script>alert(1)</script>")
    run_jobs()
    html = mail.outbox[0].alternatives[0][0]
    assert "<script>alert" not in html
    assert "<b>fritid" not in html
    assert network.title in mail.outbox[0].subject


def test_the_same_notice_is_never_sent_twice(run_jobs):
    membership = MembershipFactory()
    for _turn in range(3):
        notices.welcome(membership)
        run_jobs()
    assert len(mail.outbox) == 1


def test_a_mail_rolled_back_was_never_written(membership):
    with transaction.atomic():
        notices.offered(membership)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_links_live_as_long_as_they_say(run_jobs):
    membership = applied(make_network())
    run_jobs()
    link = Link.objects.get(subject=audit.reference(membership))
    assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
