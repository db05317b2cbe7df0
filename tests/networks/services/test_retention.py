"""Retention: what has been kept long enough goes, and no more."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from cms.access_log import AccessEntry, AccessKind, note
from cms.audit import Actor, AuditEntry, record, reference
from cms.bulk import BulkRun
from cms.messages.models import Message, MessageState
from networks import jobs
from networks.models import (
    Answer,
    ErasureRequest,
    Membership,
    Participant,
    Person,
    PrivacySettings,
    Question,
    RetentionRun,
    Seat,
)
from networks.services import retention
from networks.services.retention_kinds import KINDS
from payments.models import Invoice
from payments.services import invoicing
from tests.factories.connected import connected_person, invoiced_to, traces
from tests.factories.contributions import TopicFactory, first_meeting
from tests.factories.meeting_day import GuestFactory, meeting_at
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def run() -> dict[str, int]:
    """Of the kinds of which something went."""
    return {key: number for key, number in retention.forget_due(KINDS).items() if number}


def ended(days: int, **facts) -> Membership:
    return MembershipFactory(status="ended", closed_at=ago(days), **facts)


def aged(row, **moments):
    type(row)._default_manager.filter(pk=row.pk).update(**moments)
    return row


def test_an_unconfirmed_sign_up_is_deleted_with_its_people_after_thirty_days():
    old = aged(MembershipFactory(status="unconfirmed"), signed_up_at=ago(31))
    new = aged(MembershipFactory(status="unconfirmed"), signed_up_at=ago(29))
    assert run()["unconfirmed"] == 1
    assert list(Membership.objects.all()) == [new]
    assert Person.objects.get(pk=old.contact_id).erased_at


@pytest.mark.parametrize("status", ["rejected", "withdrawn", "expired"])
def test_people_of_what_came_to_nothing_are_forgotten_after_six_months(status):
    old = MembershipFactory(status=status, closed_at=ago(190))
    new = MembershipFactory(status=status, closed_at=ago(170))
    assert run()["closed"] == 1
    old.refresh_from_db()
    assert old.contact.name == "Slettet person"
    assert Person.objects.get(pk=new.contact_id).erased_at is None


def test_people_of_an_ended_membership_are_forgotten_after_a_year_and_the_seats_are_counted():
    membership = ended(370, leaving_reason="Flytter", buyer_contact="Anne", buyer_email="a@b.dk")
    participant = ParticipantFactory(membership=membership)
    meeting = first_meeting(membership.network)
    Seat.objects.create(membership=membership, participant=participant, meeting=meeting, came=True)
    topic = TopicFactory(membership=membership)
    JoinRequestFactory(membership=membership)
    run()
    membership.refresh_from_db()
    participant.refresh_from_db()
    topic.refresh_from_db()
    assert (membership.leaving_reason, membership.buyer_contact, membership.buyer_email) == (
        "",
        "",
        "",
    )
    assert {membership.contact.name, participant.name, topic.author_name} == {"Slettet person"}
    assert Seat.objects.get().came
    assert not membership.join_requests.exists()
    assert membership.erased_at


def test_whoever_has_a_part_elsewhere_is_forgotten_on_the_old_membership_alone():
    person = PersonFactory(name="Bo Berg Holm")
    old = ended(370, contact=person)
    going_on = MembershipFactory(contact=person)
    run()
    old.refresh_from_db()
    person.refresh_from_db()
    assert (person.name, person.erased_at) == ("Bo Berg Holm", None)
    assert going_on.contact == person
    assert old.contact != person
    assert old.contact.name == "Slettet person"


def test_a_second_run_finds_nothing():
    ended(370)
    aged(MembershipFactory(status="unconfirmed"), signed_up_at=ago(31))
    GuestFactory(meeting=meeting_at(ago(400)))
    assert run()
    entries = AuditEntry.objects.count()
    assert run() == {}
    assert AuditEntry.objects.count() == entries


def test_the_preview_tells_what_goes_now_and_soon_and_changes_nothing():
    ended(370)
    ended(350)
    lines = {line.kind.key: line for line in retention.preview(KINDS)}
    assert (lines["ended"].now, lines["ended"].soon) == (1, 1)
    assert len(lines["ended"].rows_now) == 1
    assert not RetentionRun.objects.exists()
    assert run()["ended"] == 1


def test_what_is_kept_longer_by_the_settings_stays():
    site = make_network().get_site()
    PrivacySettings.objects.create(site=site, ended_months=24)
    ended(370)
    assert "ended" not in run()


def test_more_than_a_batch_goes_in_one_night_with_an_entry_for_each_batch(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    network = make_network()
    keys = {str(ended(370, network=network).pk) for _number in range(3)}
    assert run()["ended"] == 3
    entries = AuditEntry.objects.filter(action="retention.forgotten", data__kind="ended")
    assert [entry.data["number"] for entry in entries.order_by("pk")] == [2, 1]
    assert {key for entry in entries for key in entry.data["keys"]} == keys


def test_answers_go_when_their_question_says_so():
    membership = ended(100)
    for months, label in ((2, "kort"), (6, "lang")):
        question = Question.objects.create(
            page=membership.network, label=label, purpose="x", keep_months=months
        )
        Answer.objects.create(membership=membership, question=question, value=label)
    run()
    assert [answer.value for answer in Answer.objects.all()] == ["lang"]


def test_a_participant_who_was_taken_off_long_ago_is_forgotten_though_the_membership_goes_on():
    active = MembershipFactory()
    gone = ParticipantFactory(membership=active, left_at=ago(370))
    recent = ParticipantFactory(membership=active, left_at=ago(30))
    run()
    names = dict(Participant.objects.values_list("pk", "name"))
    assert names == {gone.pk: "Slettet person", recent.pk: recent.name}


def test_a_person_without_any_part_is_deleted():
    lonely = aged(PersonFactory(), created_at=ago(200))
    PersonFactory()
    contact = MembershipFactory().contact
    aged(contact, created_at=ago(200))
    assert run() == {"people": 1}
    assert not Person.objects.filter(pk=lonely.pk).exists()


def test_an_old_mail_is_emptied_and_not_sent_again():
    old = Message.objects.create(
        key="new_link:a@b.dk", to_email="a@b.dk", subject="Hej", body="Hej", state="sent"
    )
    aged(old, created_at=ago(400))
    waiting = Message.objects.create(key="w", to_email="a@b.dk", subject="Hej", state="queued")
    aged(waiting, created_at=ago(400))
    assert run()["messages"] == 1
    old.refresh_from_db()
    assert (old.to_email, old.subject, old.body) == ("", "", "")
    assert "@" not in old.key
    assert Message.objects.get(pk=waiting.pk).state == MessageState.QUEUED


def test_the_history_forgets_which_user_it_was_and_keeps_what_was_done():
    user, membership = make_user(), MembershipFactory()
    entry = record(
        actor=Actor.by(user), action="membership.approved", subject=membership, reason="Ringet"
    )
    aged(entry, at=ago(6 * 366))
    run()
    entry.refresh_from_db()
    assert (entry.user, entry.reason, entry.actor_kind) == (None, "", "user")
    assert entry.subject == reference(membership)


def test_logs_links_and_sessions_go_when_they_are_of_no_use():
    note(make_user(), AccessKind.PAGE, subject="networks.person:1")
    AccessEntry.objects.update(at=ago(800))
    Session.objects.create(session_key="x", session_data="", expire_date=ago(1))
    assert run() == {"readings": 1, "sessions": 1}


def test_everything_about_somebody_connected_is_gone_when_all_is_over():
    connected_person()
    ErasureRequest.objects.update(handled_at=timezone.now())
    BulkRun.objects.update(finished_at=timezone.now())
    Membership.objects.filter(status="active").update(
        status="ended", closed_at=timezone.now(), cancelled_at=timezone.now()
    )
    with time_machine.travel(timezone.now() + timedelta(days=8 * 366)):
        run()
        # A job that waits for a worker is not over.
        assert set(traces()) == {"procrastinate.procrastinatejob.args"}


class TestInvoices:
    """Five years from the end of the accounting year, whatever is erased around them."""

    @pytest.fixture
    def invoice(self) -> Invoice:
        with time_machine.travel(date(2020, 3, 1)):
            make_seller()
            return invoicing.issue_invoice(invoiced_to(connected_person()))

    @pytest.mark.parametrize(("day", "number"), [(date(2025, 12, 30), 0), (date(2026, 1, 2), 1)])
    def test_name_people_for_five_years(self, invoice, day, number):
        with time_machine.travel(day):
            due = retention.forget_due([kind for kind in KINDS if kind.key == "invoices"])
        assert due == {"invoices": number}

    def test_then_keep_number_amounts_and_buyer(self, invoice):
        before = invoice.document
        with time_machine.travel(date(2026, 1, 2)):
            retention.forget_due([kind for kind in KINDS if kind.key == "invoices"])
        invoice.refresh_from_db()
        after = invoice.document
        assert (after.buyer.contact, after.buyer.email, after.buyer_reference) == ("", "", "")
        assert (after.number, after.lines, after.buyer.name) == (
            before.number,
            before.lines,
            before.buyer.name,
        )
        assert invoice.charge.buyer_contact == ""

    def test_nothing_else_of_one_can_be_changed(self, invoice):
        with pytest.raises(DatabaseError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(gross=1)

    def test_can_not_be_kept_shorter(self):
        settings = PrivacySettings(invoice_years=4)
        with pytest.raises(ValidationError, match="5"):
            settings.clean_fields()


def test_the_nightly_job_forgets_and_mails_nobody():
    ended(370)
    jobs.forget_personal_data()
    assert RetentionRun.objects.filter(kind="ended").exists()
    assert not Message.objects.exists()
