"""Reminders: due and not yet done, anew when a date moves, never of what is cancelled or over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cms import audit
from cms.audit import SYSTEM
from cms.messages.models import Message, MessageState
from networks.models import Meeting, Membership, NetworkPage, SeasonEntry, Seat
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.services import reminders
from networks.services.meetings import cancel_meeting
from networks.services.notices import membership as membership_notices
from payments.models import Charge, ChargeState
from payments.services import crediting
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    season,
)
from tests.factories.payments import ChargeFactory

pytestmark = pytest.mark.django_db

#: Noon, Copenhagen, on the day of the meeting.
STARTS = datetime(2027, 3, 18, 11, 0, tzinfo=UTC)
Move = Callable[[datetime], None]


@pytest.fixture
def move_to(time_machine) -> Move:
    def move(moment: datetime) -> None:
        time_machine.move_to(moment, tick=False)

    move(STARTS - timedelta(days=30))
    return move


@pytest.fixture
def network(move_to) -> NetworkPage:
    """One meeting, of which its network reminds seven days before."""
    meeting = Meeting(
        title="Forårsmøde", venue="Rådhuset", starts_at=STARTS, ends_at=STARTS + timedelta(hours=4)
    )
    return make_network(seasons=[season(meetings=[meeting])], reminder_days=7)


@pytest.fixture
def meeting(network) -> Meeting:
    return Meeting.objects.get()


def seat(meeting: Meeting, membership: Membership | None = None, **facts: object) -> Seat:
    membership = membership or MembershipFactory(network=meeting.season.page)
    number = membership.seats.filter(meeting=meeting).count() + 1
    participant = ParticipantFactory(membership=membership)
    values = {"number": number, **facts}
    return Seat.objects.create(
        membership=membership, participant=participant, meeting=meeting, **values
    )


def mails(template: str) -> list[Message]:
    return list(Message.objects.filter(template=template).order_by("pk"))


class TestMeetings:
    def test_who_has_a_seat_is_reminded_from_the_morning_of_the_day(self, meeting, move_to):
        first = seat(meeting)
        move_to(STARTS - timedelta(days=7, hours=5))  # 7 o'clock
        assert reminders.remind_of_meetings() == 0
        move_to(STARTS - timedelta(days=7, hours=4))
        assert reminders.remind_of_meetings() == 1
        (mail,) = mails("meeting_reminder")
        assert mail.to_email == first.participant.email
        assert "Forårsmøde" in mail.subject
        assert "Rådhuset" in mail.body
        assert [link["purpose"] for link in mail.links] == ["membership", "check_in"]
        assert mail.useful_until == STARTS
        assert len(mail.attachments) == 1

    def test_it_comes_once_however_often_the_job_runs(self, meeting, move_to):
        seat(meeting)
        move_to(STARTS - timedelta(days=6))
        assert [reminders.remind_of_meetings() for _turn in range(3)] == [1, 0, 0]

    def test_days_that_were_missed_are_caught_up_until_it_begins(self, meeting, move_to):
        seat(meeting)
        move_to(STARTS - timedelta(minutes=1))
        assert reminders.remind_of_meetings() == 1

    def test_once_it_has_begun_nobody_is_reminded(self, meeting, move_to):
        seat(meeting)
        move_to(STARTS)
        assert reminders.remind_of_meetings() == 0

    def test_moved_it_is_reminded_of_anew(self, meeting, move_to):
        seat(meeting)
        move_to(STARTS - timedelta(days=6))
        reminders.remind_of_meetings()
        later = STARTS + timedelta(days=14)
        Meeting.objects.update(starts_at=later, ends_at=later + timedelta(hours=4))
        assert reminders.remind_of_meetings() == 0
        move_to(later - timedelta(days=6))
        assert reminders.remind_of_meetings() == 1
        assert len(mails("meeting_reminder")) == 2

    def test_cancelled_it_is_not(self, meeting, move_to):
        seat(meeting)
        cancel_meeting(meeting.pk, actor=SYSTEM, reason="Sygdom")
        move_to(STARTS - timedelta(days=6))
        assert reminders.remind_of_meetings() == 0

    def test_nor_is_who_gave_the_seat_back_or_whose_membership_is_over(self, meeting, move_to):
        seat(meeting, released_at=timezone.now())
        seat(meeting, MembershipFactory(network=meeting.season.page, status=Status.ENDED.value))
        move_to(STARTS - timedelta(days=6))
        assert reminders.remind_of_meetings() == 0

    def test_who_got_the_seat_after_that_day_has_just_been_told(self, meeting, move_to):
        move_to(STARTS - timedelta(days=5))
        seat(meeting)
        assert reminders.remind_of_meetings() == 0

    def test_a_network_may_have_no_reminders(self, meeting, move_to, network):
        seat(meeting)
        NetworkPage.objects.filter(pk=network.pk).update(reminder_days=0)
        move_to(STARTS - timedelta(days=1))
        assert reminders.remind_of_meetings() == reminders.remind_of_names() == 0

    def test_before_the_address_is_proved_no_personal_link_is_sent(self, meeting, move_to, network):
        seat(meeting, MembershipFactory(network=network, address_confirmed_at=None))
        move_to(STARTS - timedelta(days=6))
        reminders.remind_of_meetings()
        (mail,) = mails("meeting_reminder")
        assert [link["purpose"] for link in mail.links] == ["check_in"]
        assert mail.body.count("[[") == 1

    def test_it_is_in_the_memberships_language(self, meeting, move_to, network):
        seat(meeting, MembershipFactory(network=network, language="en"))
        move_to(STARTS - timedelta(days=6))
        reminders.remind_of_meetings()
        assert mails("meeting_reminder")[0].subject.startswith("See you soon")

    def test_one_that_waits_too_long_in_the_outbox_is_not_sent(
        self, meeting, move_to, run_jobs, mailoutbox
    ):
        seat(meeting)
        move_to(STARTS - timedelta(days=1))
        reminders.remind_of_meetings()
        move_to(STARTS + timedelta(minutes=1))
        run_jobs("cms.send_message")
        assert mails("meeting_reminder")[0].state == MessageState.STOPPED
        assert mailoutbox == []

    def test_when_all_are_reminded_a_run_asks_little(
        self, meeting, move_to, django_assert_max_num_queries
    ):
        for _number in range(5):
            seat(meeting)
        move_to(STARTS - timedelta(days=6))
        assert reminders.remind_of_meetings() == 5
        with django_assert_max_num_queries(3):
            assert reminders.remind_of_meetings() == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_remind_once(meeting, move_to, at_once):
    seat(meeting)
    move_to(STARTS - timedelta(days=6))
    results = at_once(reminders.remind_of_meetings, reminders.remind_of_meetings)
    assert not [each for each in results if isinstance(each, Exception)]
    assert len(mails("meeting_reminder")) == 1


class TestMissingNames:
    def test_the_contact_is_asked_a_week_before_names_can_no_longer_be_given(
        self, meeting, move_to, network
    ):
        membership = MembershipFactory(network=network)
        seat(meeting, membership)
        move_to(STARTS - timedelta(days=9))
        assert reminders.remind_of_names() == 0
        move_to(STARTS - timedelta(days=8))
        assert [reminders.remind_of_names() for _turn in range(2)] == [1, 0]
        (mail,) = mails("names_reminder")
        assert mail.to_email == membership.contact.email
        assert [link["purpose"] for link in mail.links] == ["membership"]
        assert mail.useful_until == STARTS - timedelta(hours=24)

    def test_whose_seats_are_filled_is_not_asked_extra_ones_do_not_count(
        self, meeting, move_to, network
    ):
        full, extra = MembershipFactory(network=network), MembershipFactory(network=network)
        seat(meeting, full)
        seat(meeting, full)
        seat(meeting, extra)
        seat(meeting, extra, number=None, is_extra=True)
        move_to(STARTS - timedelta(days=7))
        reminders.remind_of_names()
        assert [mail.to_email for mail in mails("names_reminder")] == [extra.contact.email]

    def test_nor_is_who_is_not_in_the_season_or_has_left_by_then(self, meeting, move_to, network):
        MembershipFactory(network=network, first_season=None)
        MembershipFactory(network=network, status=Status.WAITLISTED.value)
        MembershipFactory(
            network=network,
            cancelled_at=timezone.now(),
            ends_on=timezone.localdate(STARTS) - timedelta(days=1),
        )
        later = MembershipFactory(network=network, first_season=None)
        SeasonEntry.objects.create(
            membership=later,
            season=meeting.season,
            entered_at=timezone.now(),
            price_net=0,
        )
        move_to(STARTS - timedelta(days=7))
        reminders.remind_of_names()
        assert [mail.to_email for mail in mails("names_reminder")] == [later.contact.email]

    def test_after_the_deadline_it_is_of_no_use(self, meeting, move_to, network):
        MembershipFactory(network=network)
        move_to(STARTS - timedelta(hours=24))
        assert reminders.remind_of_names() == 0

    def test_where_every_seat_is_paid_for_nobody_is_asked_to_fill_them(self, meeting, move_to):
        season_of = meeting.season
        season_of.tariff = TariffKind.PER_PERSON_PER_MEETING.value
        season_of.save()
        MembershipFactory(network=season_of.page)
        move_to(STARTS - timedelta(days=7))
        assert reminders.remind_of_names() == 0


class TestDeadlines:
    def test_an_offer_is_reminded_of_a_day_before_it_lapses(self, move_to):
        start = STARTS - timedelta(days=30)
        offered = MembershipFactory(
            status=Status.OFFERED.value, deadline=start + timedelta(hours=72)
        )
        move_to(start + timedelta(hours=47))
        assert reminders.remind_of_deadlines() == 0
        move_to(start + timedelta(hours=48))
        assert [reminders.remind_of_deadlines() for _turn in range(2)] == [1, 0]
        (mail,) = mails("offer_reminder")
        assert (mail.to_email, mail.useful_until) == (offered.contact.email, offered.deadline)
        assert [link["purpose"] for link in mail.links] == ["accept"]

    def test_one_that_has_lapsed_or_was_answered_is_not(self, move_to):
        start = STARTS - timedelta(days=30)
        MembershipFactory(status=Status.OFFERED.value, deadline=start - timedelta(minutes=1))
        MembershipFactory(status=Status.ACTIVE.value, deadline=start + timedelta(hours=3))
        assert reminders.remind_of_deadlines() == 0

    def test_who_has_days_to_pay_is_reminded_a_day_before(self, move_to):
        start = STARTS - timedelta(days=30)
        membership = MembershipFactory(
            status=Status.AWAITING_PAYMENT.value,
            method="card",
            deadline=start + timedelta(hours=72),
        )
        membership_notices.approved_to_pay(membership)
        move_to(start + timedelta(hours=49))
        assert [reminders.remind_of_deadlines() for _turn in range(2)] == [1, 0]
        assert [link["purpose"] for link in mails("payment_reminder")[0].links] == ["pay"]

    def test_who_pays_right_after_the_form_is_not_reminded_within_the_hour(self, move_to):
        membership = MembershipFactory(
            status=Status.AWAITING_PAYMENT.value,
            method="card",
            deadline=timezone.now() + timedelta(hours=1),
        )
        membership_notices.payment_begun(membership)
        assert reminders.remind_of_deadlines() == 0


class TestCharges:
    @pytest.fixture
    def charge(self, move_to) -> Charge:
        membership = MembershipFactory(method="card", invoice_contact=PersonFactory())
        return ChargeFactory(reference=audit.reference(membership))

    def test_an_open_one_is_reminded_of_after_seven_and_twenty_one_days(self, charge, move_to):
        counts = []
        for days in (6, 7, 8, 20, 21, 40):
            move_to(charge.created_at + timedelta(days=days))
            counts.append(reminders.remind_of_charges())
        assert counts == [0, 1, 0, 0, 1, 0]
        mail = mails("charge_reminder")[0]
        assert mail.to_email == Membership.objects.get().invoice_contact.email
        assert "7.000 kr." in mail.body
        assert [link["purpose"] for link in mail.links] == ["pay"]

    def test_after_a_long_silence_one_mail_comes_not_two(self, charge, move_to):
        move_to(charge.created_at + timedelta(days=60))
        assert [reminders.remind_of_charges() for _turn in range(2)] == [1, 0]

    def test_what_is_paid_or_credited_is_not_reminded_of(self, charge, move_to):
        crediting.credit_charge(charge, key="x", reason="Fejl")
        assert Charge.objects.get().state == ChargeState.CREDITED
        move_to(charge.created_at + timedelta(days=8))
        assert reminders.remind_of_charges() == 0

    def test_nor_who_gets_an_e_invoice_or_is_no_member(self, charge, move_to):
        Membership.objects.update(status=Status.ENDED.value)
        ChargeFactory(reference=audit.reference(MembershipFactory()), method="invoice")
        move_to(charge.created_at + timedelta(days=8))
        assert reminders.remind_of_charges() == 0
