"""Guests: invited, told, answering; never members, never counted, forgotten after a year."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar

from cms import audit, links
from cms.audit import Actor, reference
from cms.messages.models import Message
from networks.models import Guest, GuestState, MeetingRecord, Membership, Person, Seat
from networks.services import guests
from networks.services.check_in import PURPOSE as CHECK_IN
from networks.services.errors import NotPossible
from networks.services.notices.guests import PURPOSE
from networks.services.seats import venue_is_full
from payments.models import Charge
from tests.factories.meeting_day import GuestFactory, meeting_at
from tests.factories.networks import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_at(timezone.now() + timedelta(days=10))


def invite(meeting, email="gaest@firma.example", **changes):
    arguments = {"name": "Gry Eksempel", "purpose": "Holde oplæg", "actor": audit.SYSTEM, **changes}
    return guests.invite(meeting.pk, email=email, **arguments)


def templates():
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


def test_the_invitation_tells_the_meeting_what_for_who_keeps_the_data_and_how_long(meeting):
    meeting.venue = "Rådhuset"
    meeting.save()
    guest = invite(meeting, " Gaest@Firma.example ")
    message = Message.objects.get()
    assert (message.to_email, guest.state) == ("gaest@firma.example", "invited")
    for told in ("Møde 1", "Rådhuset", "Holde oplæg", "12 måneder", meeting.season.page.title):
        assert told in message.body
    assert [link["purpose"] for link in message.links] == [PURPOSE]


def test_a_guest_is_no_member_takes_no_place_and_is_not_charged(meeting):
    meeting.capacity = 1
    meeting.save()
    guests.answer(invite(meeting).pk, accepts=True)
    for model in (Membership, Person, Seat, Charge):
        assert not model.objects.exists()
    assert not venue_is_full(meeting)


def test_nobody_is_invited_twice_but_who_declined_can_be_invited_again(meeting):
    guest = invite(meeting)
    with pytest.raises(NotPossible):
        invite(meeting)
    guests.answer(guest.pk, accepts=False)
    again = invite(meeting, purpose="Være med i panelet")
    assert (again.pk, again.state, again.answered_at) == (guest.pk, "invited", None)
    assert Guest.objects.get().purpose == "Være med i panelet"
    assert templates() == ["guest_invited", "guest_invited"]


def test_nobody_is_invited_to_a_meeting_that_is_cancelled_or_has_begun(meeting):
    begun = meeting_at(timezone.now() - timedelta(minutes=1))
    MeetingRecord.objects.create(meeting=meeting, cancelled_at=timezone.now())
    for closed in (begun, meeting):
        with pytest.raises(NotPossible):
            invite(closed)
    assert not Guest.objects.exists()


def test_a_yes_sends_the_meeting_for_the_calendar_the_link_and_the_code(meeting, run_jobs):
    meeting.online_link = "https://video.example/moede"
    meeting.save()
    guest = invite(meeting)
    assert "video.example" not in Message.objects.get().body
    run_jobs()
    guests.answer(guest.pk, accepts=True)
    run_jobs()
    message = Message.objects.get(template="guest_accepted")
    event = Calendar.from_ical(message.attachments[0]["content"]).events[0]
    assert event["uid"] == meeting.uid
    assert "video.example" in message.body
    sent = mail.outbox[-1]
    assert "/indtjekning/" in sent.body
    assert any("png" in str(part) for part in sent.attachments)


def test_a_date_to_be_announced_has_nothing_for_the_calendar(meeting):
    meeting.starts_at = meeting.ends_at = None
    meeting.date_text = "Til efteråret"
    meeting.save()
    guests.answer(invite(meeting).pk, accepts=True)
    assert "Til efteråret" in Message.objects.get(template="guest_invited").body
    accepted = Message.objects.get(template="guest_accepted")
    assert accepted.attachments == []
    assert [link["purpose"] for link in accepted.links] == [PURPOSE]


def test_the_answer_may_change_and_is_noted_once(meeting):
    guest = invite(meeting)
    for accepts in (True, True, False, False, True):
        guests.answer(guest.pk, accepts=accepts)
    guest.refresh_from_db()
    assert guest.state == "accepted"
    told = [entry.action for entry in audit.history(guest)]
    assert told == [
        "guest.accepted",
        "guest.declined",
        "guest.accepted",
        "guest.invited",
    ]


def test_whoever_invited_is_told_the_answer(meeting):
    user = make_user()
    guest = invite(meeting, actor=Actor.by(user))
    guests.answer(guest.pk, accepts=False)
    told = Message.objects.get(template="guest_answered")
    assert told.to_email == user.email
    assert "Gry Eksempel" in told.subject


def test_once_the_meeting_has_begun_the_answer_stands():
    guest = GuestFactory(state=GuestState.INVITED, meeting=meeting_at(timezone.now()))
    with pytest.raises(NotPossible):
        guests.answer(guest.pk, accepts=True)


def test_a_withdrawn_invitation_is_told_and_its_links_are_dead(meeting, run_jobs):
    guest = invite(meeting)
    guests.answer(guest.pk, accepts=True)
    run_jobs()
    for _turn in range(2):
        guests.withdraw(guest.pk, actor=audit.SYSTEM)
    assert templates()[-1] == "guest_withdrawn"
    assert templates().count("guest_withdrawn") == 1
    calendar = Calendar.from_ical(newest().attachments[0]["content"])
    assert calendar["method"] == "CANCEL"
    assert not links.Link.objects.filter(revoked_at__isnull=True).exists()
    with pytest.raises(NotPossible):
        guests.answer(guest.pk, accepts=True)


def newest() -> Message:
    return Message.objects.order_by("pk").last()


def test_sent_again_the_old_link_no_longer_works(meeting, run_jobs):
    guest = invite(meeting)
    run_jobs()
    old = links.Link.objects.get()
    guests.resend(guest.pk, actor=audit.SYSTEM)
    run_jobs()
    old.refresh_from_db()
    assert old.revoked_at is not None
    assert links.Link.objects.filter(revoked_at__isnull=True).count() == 1
    guests.answer(guest.pk, accepts=True)
    guests.resend(guest.pk, actor=audit.SYSTEM)
    assert templates()[-1] == "guest_accepted"


def test_only_who_accepted_is_told_of_changes(meeting):
    for state in GuestState:
        GuestFactory(meeting=meeting, state=state)
    assert [guest.state for guest in guests.to_tell(meeting)] == ["accepted"]


def test_a_year_after_the_meeting_the_guest_is_forgotten_and_the_count_is_kept(run_jobs):
    old = GuestFactory(meeting=meeting_at(timezone.now() - timedelta(days=366)), came=True)
    recent = GuestFactory(meeting=meeting_at(timezone.now() - timedelta(days=360)))
    Message.objects.create(key="x", about=reference(old), to_email=old.email, subject="Hej")
    a_year_ago = timezone.now() - timedelta(days=365)
    assert list(guests.due_to_be_forgotten(a_year_ago)) == [old]
    guests.forget(old.pk)
    old.refresh_from_db()
    assert (old.name, old.organisation, old.purpose, old.came) == ("–", "", "", True)
    assert "firma" not in old.email
    assert not Message.objects.exists()
    assert list(guests.due_to_be_forgotten(a_year_ago)) == []
    recent.refresh_from_db()
    assert recent.name != "–"


def test_the_check_in_link_goes_to_who_accepted_only(meeting):
    guest = invite(meeting)
    guests.answer(guest.pk, accepts=True)
    purposes = {
        message.template: {link["purpose"] for link in message.links}
        for message in Message.objects.all()
    }
    assert purposes == {"guest_invited": {PURPOSE}, "guest_accepted": {PURPOSE, CHECK_IN}}
