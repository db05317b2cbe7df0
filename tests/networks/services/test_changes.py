"""What a publication changes is told once, to those who come, and to nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from cms.messages.models import Message
from networks import jobs
from networks.models import Guest, Meeting, MeetingRecord, NetworkPage, Seat
from networks.services import calendar, changes
from tests.factories.meeting_day import SeatFactory
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    coming_meetings,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def network() -> NetworkPage:
    network = make_network()
    network.save_revision().publish()
    return NetworkPage.objects.get(pk=network.pk)


@pytest.fixture
def meeting(network) -> Meeting:
    return network.seasons.get().meetings.order_by("pk").first()


def publish(network: NetworkPage, place: int = 0, **facts: Any) -> None:
    """Publish a version in which one meeting of the season says something else."""
    draft(network, place, **facts).publish()


def latest(network: NetworkPage) -> Any:
    """The version that was saved last, with its rows in memory."""
    return NetworkPage.objects.get(pk=network.pk).get_latest_revision().as_object()


def draft(network: NetworkPage, place: int = 0, **facts: Any) -> Any:
    page = latest(network)
    row = sorted(page.seasons.all()[0].meetings.all(), key=lambda row: row.pk)[place]
    for name, value in facts.items():
        setattr(row, name, value)
    return page.save_revision()


def moved(meeting: Meeting, by: timedelta = WEEK) -> dict[str, Any]:
    return {"starts_at": meeting.starts_at + by, "ends_at": meeting.ends_at + by}


def comes(meeting: Meeting, **facts: Any) -> Seat:
    """A seat of somebody who comes to this meeting only."""
    membership = facts.pop("membership", None) or MembershipFactory(network=meeting.season.page)
    participant = facts.pop("participant", None) or ParticipantFactory(
        membership=membership, standing=False
    )
    return SeatFactory(meeting=meeting, membership=membership, participant=participant, **facts)


def told() -> list[str]:
    return sorted(Message.objects.values_list("to_email", flat=True))


def sequence(meeting: Meeting) -> int:
    return MeetingRecord.objects.get(meeting=meeting).sequence


def test_what_is_published_first_is_told_to_nobody(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    assert told() == []
    assert sequence(meeting) == 0
    assert calendar.told_of(fresh(meeting)) == calendar.said_of(fresh(meeting))


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("record", "host", "season__page").get(pk=meeting.pk)


def test_those_who_come_are_told_with_the_next_number_of_the_same_event(network, meeting, run_jobs):
    seats = [comes(meeting=meeting) for _turn in range(2)]
    comes(meeting=meeting, membership=seats[0].membership, released_at=timezone.now())
    other = network.seasons.get().meetings.order_by("pk").last()
    comes(meeting=other, membership=seats[0].membership)
    for status in ("ended", "waitlisted", "pending_approval"):
        comes(meeting=meeting, membership=MembershipFactory(network=network, status=status))
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    assert told() == sorted(seat.participant.email for seat in seats)
    message = Message.objects.get(to_email=seats[0].participant.email)
    entry = Calendar.from_ical(message.attachments[0]["content"])
    event = entry.events[0]
    assert (entry["method"], event["uid"], event["sequence"]) == ("REQUEST", meeting.uid, 1)
    assert event["dtstart"].dt == meeting.starts_at + WEEK
    assert "method=REQUEST" in message.attachments[0]["content_type"]
    assert message.links[0]["purpose"] == "membership"
    entry = audit.history(meeting).get(action="meeting.changed")
    assert entry.data == {"fields": ["starts_at", "ends_at"]}


def test_several_changed_meetings_come_in_one_mail_with_a_file_each(network, meeting, run_jobs):
    seat = comes(meeting=meeting)
    last = network.seasons.get().meetings.order_by("pk").last()
    comes(meeting=last, membership=seat.membership, participant=seat.participant)
    run_jobs("networks.tell_changes")
    page = latest(network)
    for row in page.seasons.all()[0].meetings.all():
        row.venue = "Rådhuset" if row.pk in (meeting.pk, last.pk) else row.venue
    page.save_revision().publish()
    run_jobs("networks.tell_changes")
    message = Message.objects.get()
    assert message.to_email == seat.participant.email
    files = [Calendar.from_ical(row["content"]).events for row in message.attachments]
    assert [events[0]["uid"] for events in files] == [meeting.uid, last.uid]
    assert "Rådhuset" in message.body


@pytest.mark.parametrize(
    "facts",
    [
        {"venue": "Et andet sted"},
        {"online_link": "https://video.example/ny"},
        {"starts_at": None, "ends_at": None, "date_text": "Senere"},
    ],
    ids=["place", "link", "date"],
)
def test_another_place_link_or_no_date_any_more_is_told(network, meeting, run_jobs, facts):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    publish(network, **facts)
    run_jobs("networks.tell_changes")
    assert Message.objects.count() == 1
    assert sequence(meeting) == 1


def test_without_a_date_it_leaves_the_calendar_and_comes_back_with_one(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    publish(network, starts_at=None, ends_at=None, date_text="Til efteråret")
    run_jobs("networks.tell_changes")
    entry = Calendar.from_ical(Message.objects.get().attachments[0]["content"])
    event = entry.events[0]
    assert (entry["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert event["dtstart"].dt == meeting.starts_at
    assert "Til efteråret" in Message.objects.get().body
    publish(network, **moved(meeting), date_text="")
    run_jobs("networks.tell_changes")
    entry = Calendar.from_ical(Message.objects.first().attachments[0]["content"])
    assert (entry["method"], entry.events[0]["sequence"]) == ("REQUEST", 2)


def test_a_text_that_changes_is_told_to_nobody(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    publish(network, title="Nyt navn", agenda="<p>Ny dagsorden</p>", speakers="En taler")
    run_jobs("networks.tell_changes")
    assert (told(), sequence(meeting)) == ([], 0)


def test_a_draft_and_a_page_taken_off_tell_nothing(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    draft(network, **moved(meeting))
    jobs.catch_up_changes()
    run_jobs("networks.tell_changes")
    NetworkPage.objects.get(pk=network.pk).unpublish()
    # The rows of a page that is not live are those of its draft.
    Meeting.objects.filter(pk=meeting.pk).update(**moved(meeting))
    jobs.catch_up_changes()
    assert changes.tell_changes(network.pk) == 0
    assert told() == []


def test_told_twice_or_published_twice_it_is_told_once(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    for _turn in range(2):
        publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    assert changes.tell_changes(network.pk) == 0
    assert (Message.objects.count(), sequence(meeting)) == (1, 1)


def test_moved_back_before_it_was_told_nobody_hears_of_it(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    publish(network, **moved(meeting, timedelta()))
    run_jobs("networks.tell_changes")
    assert (told(), sequence(meeting)) == ([], 0)


def test_moved_back_after_it_was_told_it_is_told_again(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    for by in (WEEK, timedelta()):
        publish(network, **moved(meeting, by))
        run_jobs("networks.tell_changes")
    assert (Message.objects.count(), sequence(meeting)) == (2, 2)


def test_the_contact_is_told_where_nobody_is_named_and_otherwise_not(network, meeting, run_jobs):
    seat, alone = comes(meeting=meeting), MembershipFactory(network=network)
    later = MembershipFactory(
        network=network, ends_on=timezone.localdate(), cancelled_at=timezone.now()
    )
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    assert told() == sorted([seat.participant.email, alone.contact.email])
    assert later.contact.email not in told()


def test_before_the_address_is_proved_its_colleagues_hear_nothing(network, meeting, run_jobs):
    membership = MembershipFactory(network=network, address_confirmed_at=None)
    comes(meeting=meeting, membership=membership)
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    assert told() == [membership.contact.email]
    assert Message.objects.get().links == []


def test_an_address_on_two_memberships_gets_one_mail(network, meeting, run_jobs):
    person = PersonFactory()
    for _turn in range(2):
        membership = MembershipFactory(network=network)
        comes(
            meeting=meeting,
            membership=membership,
            participant=ParticipantFactory(
                membership=membership, email=person.email, standing=False
            ),
        )
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    assert told() == [person.email]


def test_guests_who_are_expected_are_told(network, meeting, run_jobs):
    for state in ("invited", "accepted", "declined"):
        Guest.objects.create(
            meeting=meeting, name="Taler", email=f"{state}@taler.example", state=state
        )
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    files = {row.to_email: len(row.attachments) for row in Message.objects.all()}
    assert files == {"invited@taler.example": 0, "accepted@taler.example": 1}


def test_a_meeting_that_was_held_is_put_right_in_silence(run_jobs):
    ago = timezone.now().replace(microsecond=0) - timedelta(days=3)
    network = make_network(seasons=[season(meetings=coming_meetings(1, first=ago))])
    network.save_revision().publish()
    meeting = network.seasons.get().meetings.get()
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    publish(network, ends_at=meeting.ends_at + timedelta(hours=1))
    run_jobs("networks.tell_changes")
    assert told() == []
    assert changes.networks_with_news() == []


def test_a_new_meeting_gives_standing_participants_their_seats_and_invitation(network, run_jobs):
    membership = MembershipFactory(network=network)
    participant = ParticipantFactory(membership=membership)
    run_jobs()
    Message.objects.all().delete()
    page = latest(network)
    own = page.seasons.all()[0]
    (new,) = coming_meetings(1, first=timezone.now().replace(microsecond=0) + 30 * WEEK)
    new.included = False
    own.meetings.add(new)
    page.save_revision().publish()
    run_jobs("networks.tell_changes")
    stored = network.seasons.get().meetings.order_by("pk").last()
    assert Seat.objects.current().filter(meeting=stored, participant=participant).exists()
    message = Message.objects.get(to_email=participant.email)
    event = Calendar.from_ical(message.attachments[0]["content"]).events[0]
    assert (event["uid"], event["sequence"]) == (stored.uid, 0)


def test_a_wake_up_that_was_lost_is_caught_up(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    Meeting.objects.filter(pk=meeting.pk).update(**moved(meeting))
    jobs.catch_up_changes()
    assert run_jobs("networks.tell_changes") == ["networks.tell_changes"]
    assert Message.objects.count() == 1
    assert changes.networks_with_news() == []


def test_an_unused_network_may_still_drop_its_meetings(network, run_jobs):
    run_jobs("networks.tell_changes")
    jobs.catch_up_changes()
    assert not MeetingRecord.objects.exists()
    page = latest(network)
    own = page.seasons.all()[0]
    own.meetings = list(own.meetings.all())[:2]
    page.save_revision().publish()
    assert Meeting.objects.count() == 2


def test_who_was_mailed_the_meetings_is_told_though_no_job_ran_before(network, meeting, run_jobs):
    seat = comes(meeting=meeting)
    calendar.attachment(network)
    publish(network, **moved(meeting))
    run_jobs("networks.tell_changes")
    assert told() == [seat.participant.email]


def test_public_calendars_say_the_number_that_will_be_told(network, meeting, run_jobs):
    comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    publish(network, **moved(meeting))
    numbers = [_public_number(meeting)]
    run_jobs("networks.tell_changes")
    numbers.append(_public_number(meeting))
    assert numbers == [1, 1]


def _public_number(meeting: Meeting) -> int:
    text = calendar.calendar_of(meeting.season.page, [fresh(meeting)])
    return int(Calendar.from_ical(text).events[0]["sequence"])


def test_many_who_come_are_found_in_few_queries(
    network, meeting, run_jobs, django_assert_max_num_queries
):
    for _turn in range(12):
        comes(meeting=meeting)
    run_jobs("networks.tell_changes")
    with django_assert_max_num_queries(6):
        changes.networks_with_news()
