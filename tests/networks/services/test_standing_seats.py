"""Standing participants take their seats by themselves, and give them back when it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from cms.messages.models import Message
from networks.models import Meeting, MeetingRecord, Membership, Participant, Season, Seat
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.services import lifecycle, seats
from networks.services.application import ParticipantEntry
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    season,
)
from tests.factories.signups import applied, confirmed

pytestmark = pytest.mark.django_db


def numbers(participant: Participant) -> list[int | None]:
    return list(
        participant.seats.current().order_by("meeting__starts_at").values_list("number", flat=True)
    )


def next_season(membership: Membership, **facts: object) -> Season:
    """The season after the first, with two meetings; entered."""
    first = membership.first_season
    later = season(
        name="Næste",
        starts_on=first.ends_on + timedelta(days=1),
        ends_on=first.ends_on + timedelta(days=365),
        meetings=coming_meetings(2, first=timezone.now() + timedelta(days=400)),
        **facts,
    )
    network = membership.network
    network.seasons.add(later)
    network.save()
    membership.entries.create(season=later, entered_at=timezone.now(), price_net=0)
    return later


class TestTaking:
    def test_each_standing_participant_has_the_same_seat_at_every_coming_meeting(self):
        membership = MembershipFactory()
        first, second = ParticipantFactory.create_batch(2, membership=membership)
        assert len(seats.take_standing(membership)) == 6
        assert numbers(first) == [1, 1, 1]
        assert numbers(second) == [2, 2, 2]

    def test_asked_again_nothing_is_taken_and_nobody_told_twice(self):
        membership = MembershipFactory()
        ParticipantFactory.create_batch(2, membership=membership)
        seats.take_standing(membership)
        mails = Message.objects.count()
        assert seats.take_standing(membership) == []
        assert Message.objects.count() == mails == 2

    def test_a_third_has_no_seat_where_two_are_included(self):
        membership = MembershipFactory()
        ParticipantFactory.create_batch(3, membership=membership)
        seats.take_standing(membership)
        assert Seat.objects.count() == 6

    def test_without_a_limit_all_come_on_seats_without_a_number(self):
        network = make_network(seasons=[season(seats_per_meeting=None)])
        membership = MembershipFactory(network=network)
        people = ParticipantFactory.create_batch(4, membership=membership)
        seats.take_standing(membership)
        assert all(numbers(participant) == [None] * 3 for participant in people)

    def test_a_seat_given_back_is_not_taken_again(self):
        membership = MembershipFactory()
        participant = ParticipantFactory(membership=membership)
        seat = seats.take_standing(membership)[0]
        Seat.objects.filter(pk=seat.pk).update(released_at=timezone.now())
        assert seats.take_standing(membership) == []
        assert len(numbers(participant)) == 2

    def test_held_and_cancelled_meetings_are_left_out_and_undated_ones_taken(self):
        held, cancelled, undated = coming_meetings(3)
        held.starts_at = timezone.now() - timedelta(hours=1)
        undated.starts_at = undated.ends_at = None
        undated.date_text = "Efterår"
        network = make_network(seasons=[season(meetings=[held, cancelled, undated])])
        MeetingRecord.objects.create(
            meeting=Meeting.objects.get(title="Møde 2"), cancelled_at=timezone.now()
        )
        membership = MembershipFactory(network=network)
        ParticipantFactory(membership=membership)
        taken = seats.take_standing(membership)
        assert [seat.meeting.title for seat in taken] == ["Møde 3"]

    def test_one_taken_off_and_one_for_chosen_meetings_are_not_standing(self):
        membership = MembershipFactory()
        ParticipantFactory(membership=membership, left_at=timezone.now())
        ParticipantFactory(membership=membership, standing=False)
        assert seats.take_standing(membership) == []

    @pytest.mark.parametrize("status", [Status.WAITLISTED, Status.AWAITING_PAYMENT, Status.ENDED])
    def test_only_an_active_membership_takes_seats(self, status):
        membership = MembershipFactory(status=status)
        ParticipantFactory(membership=membership)
        assert seats.take_standing(membership) == []

    def test_per_person_per_meeting_nobody_is_taken_for_what_would_cost(self):
        tariff = TariffKind.PER_PERSON_PER_MEETING.value
        network = make_network(seasons=[season(tariff=tariff, price_per_person=150_000)])
        membership = MembershipFactory(network=network)
        ParticipantFactory(membership=membership)
        assert seats.take_standing(membership) == []

    def test_a_full_venue_gives_no_seat_and_the_other_meetings_do(self):
        network = make_network()
        narrow = Meeting.objects.get(title="Møde 2")
        narrow.capacity = 1
        narrow.save()
        earlier = MembershipFactory(network=network)
        ParticipantFactory(membership=earlier)
        seats.take_standing(earlier)
        later = MembershipFactory(network=network)
        participant = ParticipantFactory(membership=later)
        seats.take_standing(later)
        assert set(participant.seats.values_list("meeting__title", flat=True)) == {
            "Møde 1",
            "Møde 3",
        }

    def test_a_leaving_membership_takes_none_after_its_last_day(self):
        last_day = timezone.localdate() + timedelta(weeks=6)
        membership = MembershipFactory(cancelled_at=timezone.now(), ends_on=last_day)
        ParticipantFactory(membership=membership)
        assert [seat.meeting.title for seat in seats.take_standing(membership)] == ["Møde 1"]


class TestOverTime:
    def test_a_published_new_meeting_gives_every_membership_seats(self):
        network = make_network()
        for membership in MembershipFactory.create_batch(2, network=network):
            ParticipantFactory(membership=membership)
            seats.take_standing(membership)
        first_season = network.seasons.get()
        start = timezone.now() + timedelta(weeks=20)
        Meeting.objects.create(
            season=first_season, title="Nyt møde", starts_at=start, ends_at=start
        )
        assert seats.take_standing_of_network(network.pk) == 2
        assert seats.take_standing_of_network(network.pk) == 0

    def test_a_season_entered_gives_seats_at_its_meetings_and_one_not_entered_none(self):
        membership = MembershipFactory()
        participant = ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        later = next_season(membership)
        seats.take_standing(membership)
        assert participant.seats.filter(meeting__season=later).count() == 2
        membership.entries.all().delete()
        participant.seats.filter(meeting__season=later).delete()
        assert seats.take_standing(membership) == []

    def test_a_membership_that_becomes_active_has_its_seats(self):
        network = make_network()
        municipality = MunicipalityFactory(mail_domains="aarup.dk")
        named = (ParticipantEntry("Bo Berg", "bo@aarup.dk"),)
        membership = confirmed(network, municipality, participants=named)
        assert membership.seats.current().count() == 3

    def test_a_sign_up_that_is_not_active_has_none_yet(self):
        municipality = MunicipalityFactory(mail_domains="aarup.dk")
        named = (ParticipantEntry("Bo Berg", "bo@aarup.dk"),)
        membership = applied(make_network(), municipality, participants=named)
        assert not membership.seats.exists()


class TestEnding:
    def test_cancelled_the_seats_after_the_last_day_are_given_back_and_may_be_taken_again(self):
        membership = MembershipFactory()
        participant = ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        last_day = timezone.localdate() + timedelta(weeks=6)
        assert seats.release_after(membership, last_day) == 2
        assert len(numbers(participant)) == 1
        assert len(seats.take_standing(membership)) == 2

    def test_what_was_given_back_before_stays_given_back_when_it_is_undone(self):
        membership = MembershipFactory()
        ParticipantFactory(membership=membership)
        last = seats.take_standing(membership)[2]
        Seat.objects.filter(pk=last.pk).update(released_at=timezone.now())
        seats.release_after(membership, timezone.localdate())
        assert len(seats.take_standing(membership)) == 2

    def test_ended_the_coming_seats_are_given_back_and_the_past_ones_stay(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        membership = MembershipFactory()
        ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        Meeting.objects.filter(title="Møde 1").update(starts_at=timezone.now() - timedelta(days=2))
        Membership.objects.filter(pk=membership.pk).update(
            cancelled_at=timezone.now(), ends_on=yesterday
        )
        lifecycle.end_if_due(membership.pk)
        assert [seat.meeting.title for seat in membership.seats.current()] == ["Møde 1"]

    def test_who_comes_is_counted_of_memberships_that_hold_a_place(self):
        network = make_network()
        meeting = Meeting.objects.get(title="Møde 1")
        for status in (Status.ACTIVE, Status.ENDED, Status.WAITLISTED):
            participant = ParticipantFactory(
                membership=MembershipFactory(network=network, status=status)
            )
            Seat.objects.create(
                membership=participant.membership, participant=participant, meeting=meeting
            )
        assert [seat.membership.state for seat in seats.who_comes(meeting)] == [Status.ACTIVE]


class TestInvitations:
    def test_one_mail_names_all_meetings_with_an_invitation_to_each(self):
        membership = MembershipFactory()
        participant = ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        message = Message.objects.get()
        assert message.template == "participant_named"
        assert message.to_email == participant.email
        events = []
        for attachment in message.attachments:
            assert "method=REQUEST" in attachment["content_type"]
            calendar = Calendar.from_ical(attachment["content"])
            assert calendar["METHOD"] == "REQUEST"
            events += calendar.events
        assert {str(event["UID"]) for event in events} == {
            meeting.uid for meeting in Meeting.objects.all()
        }
        assert {str(event["ATTENDEE"]) for event in events} == {f"mailto:{participant.email}"}
        assert all(str(event["ORGANIZER"]).startswith("mailto:") for event in events)

    def test_a_later_act_is_a_mail_of_its_own(self):
        membership = MembershipFactory()
        ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        next_season(membership)
        seats.take_standing(membership)
        later = Message.objects.get(template="seats_given")
        assert len(later.attachments) == 2

    def test_before_the_contacts_address_is_proved_nobody_is_told(self):
        membership = MembershipFactory(address_confirmed_at=None)
        ParticipantFactory(membership=membership)
        assert len(seats.take_standing(membership)) == 3
        assert not Message.objects.exists()

    def test_ending_takes_just_the_dropped_meetings_out_of_the_calendar(self):
        membership = MembershipFactory()
        ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        seats.release_after(membership, timezone.localdate() + timedelta(weeks=6))
        message = Message.objects.get(template="seats_given_back")
        assert len(message.attachments) == 2
        calendar = Calendar.from_ical(message.attachments[0]["content"])
        assert calendar["METHOD"] == "CANCEL"
        assert str(calendar.events[0]["UID"]) == Meeting.objects.get(title="Møde 2").uid


def test_taking_seats_costs_the_same_queries_however_many_have_theirs(
    django_assert_max_num_queries,
):
    membership = MembershipFactory()
    ParticipantFactory.create_batch(2, membership=membership)
    seats.take_standing(membership)
    with django_assert_max_num_queries(12):
        seats.take_standing(membership)
