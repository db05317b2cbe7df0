"""Naming, swapping, giving back: what is done at one meeting leaves all others as they were."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from cms import audit
from cms.audit import VISITOR, Actor
from cms.messages.models import Message
from networks.models import Meeting, MeetingRecord, Membership, NetworkPage, Participant, Seat, Unit
from networks.rules.states import Status
from networks.services import participants, seats
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    """Of a municipality at aarup.dk, in a network with three coming meetings of two seats each."""
    municipality = MunicipalityFactory(mail_domains="aarup.dk")
    return MembershipFactory(network=make_network(), municipality=municipality)


@pytest.fixture
def staff() -> Actor:
    return Actor.by(make_user(superuser=True))


def meeting(number: int) -> Meeting:
    return Meeting.objects.get(title=f"Møde {number}")


def entry(name: str = "Bo Berg", *meetings: int, domain: str = "aarup.dk") -> ParticipantEntry:
    address = f"{name.split()[0].lower()}@{domain}"
    keys = tuple(meeting(number).pk for number in meetings)
    return ParticipantEntry(name, address, "Leder", keys)


def named(membership: Membership, name: str = "Bo Berg", *meetings: int) -> Participant:
    return participants.name(membership.pk, entry(name, *meetings), actor=VISITOR)


def who(number: int) -> list[tuple[str, int | None]]:
    rows = Seat.objects.current().filter(meeting=meeting(number)).order_by("number", "pk")
    return [(seat.participant.name, seat.number) for seat in rows.select_related("participant")]


def soon(number: int, **ahead: float) -> None:
    """Move the meeting to that long from now."""
    Meeting.objects.filter(pk=meeting(number).pk).update(
        starts_at=timezone.now() + timedelta(**ahead)
    )


class TestNaming:
    def test_standing_for_every_coming_meeting(self, membership):
        named(membership)
        assert [who(number) for number in (1, 2, 3)] == [[("Bo Berg", 1)]] * 3

    def test_for_chosen_meetings_only(self, membership):
        participant = named(membership, "Bo Berg", 1, 3)
        assert not participant.standing
        assert (who(1), who(2), who(3)) == ([("Bo Berg", 1)], [], [("Bo Berg", 1)])

    def test_named_twice_is_named_once(self, membership):
        assert named(membership) == named(membership)
        assert Seat.objects.count() == 3
        assert Message.objects.count() == 1

    def test_a_third_at_a_two_seat_meeting_is_refused(self, membership):
        named(membership, "Bo Berg", 2)
        named(membership, "Eva Eng", 2)
        with pytest.raises(NotPossible, match="2"):
            named(membership, "Ib Ibsen", 2)
        assert not Participant.objects.filter(name="Ib Ibsen").exists()

    def test_a_third_standing_is_refused_where_no_meeting_has_a_seat(self, membership):
        named(membership, "Bo Berg")
        named(membership, "Eva Eng")
        with pytest.raises(NotPossible):
            named(membership, "Ib Ibsen")

    def test_several_meetings_are_all_taken_or_none(self, membership):
        named(membership, "Bo Berg", 2)
        named(membership, "Eva Eng", 2)
        with pytest.raises(NotPossible):
            named(membership, "Ib Ibsen", 1, 2)
        assert who(1) == []

    def test_a_full_venue_refuses_and_says_which_meeting(self, membership):
        Meeting.objects.filter(pk=meeting(2).pk).update(capacity=1)
        named(MembershipFactory(network=membership.network, municipality__mail_domains="aarup.dk"))
        with pytest.raises(NotPossible, match="Møde 2"):
            named(membership, "Eva Eng", 2)

    def test_one_who_was_taken_off_can_be_named_again(self, membership):
        participant = named(membership)
        participants.take_off(membership.pk, participant.pk, actor=VISITOR)
        assert named(membership) == participant
        assert [who(number) for number in (1, 2, 3)] == [[("Bo Berg", 1)]] * 3

    @pytest.mark.parametrize("status", [Status.WAITLISTED, Status.AWAITING_PAYMENT, Status.ENDED])
    def test_on_a_membership_that_is_not_active_nobody_is_named(self, membership, status):
        other = MembershipFactory(network=membership.network, status=status)
        with pytest.raises(NotPossible):
            named(other)

    def test_another_networks_meeting_is_no_part_of_the_membership(self, membership):
        make_network()
        foreign = Meeting.objects.exclude(season__page=membership.network).first()
        with pytest.raises(NotPossible):
            participants.name(
                membership.pk,
                ParticipantEntry("Bo Berg", "bo@aarup.dk", "", (foreign.pk,)),
                actor=VISITOR,
            )

    def test_the_history_names_rows_and_no_people(self, membership):
        participant = named(membership)
        data = audit.history(membership).get(action="participant.named").data
        assert data["participant"] == participant.pk
        assert "Bo" not in str(data)
        assert "aarup" not in str(data)


class TestEligibility:
    def test_an_address_at_no_domain_of_the_municipality_is_refused(self, membership):
        with pytest.raises(NotPossible, match="gmail.example"):
            participants.name(membership.pk, entry(domain="gmail.example"), actor=VISITOR)

    def test_at_a_domain_that_an_administrator_remembered_it_is_taken(self, membership):
        municipality = membership.municipality
        municipality.mail_domains += "\nmuseum.example"
        municipality.save()
        participants.name(membership.pk, entry(domain="museum.example"), actor=VISITOR)

    def test_that_one_contact_elsewhere_was_approved_opens_its_domain_to_nobody(self, membership):
        contact = membership.contact
        contact.email = "anne@museum.example"
        contact.save()
        with pytest.raises(NotPossible):
            participants.name(membership.pk, entry(domain="museum.example"), actor=VISITOR)
        own = ParticipantEntry("Anne", "anne@museum.example")
        assert participants.name(membership.pk, own, actor=VISITOR).standing

    def test_an_administrator_may_name_anybody(self, membership, staff):
        participants.name(membership.pk, entry(domain="gmail.example"), actor=staff)

    def test_whom_an_administrator_named_the_contact_may_send_to_other_meetings(
        self, membership, staff
    ):
        guest = ParticipantEntry("Bo Berg", "bo@gmail.example", "", (meeting(1).pk,))
        participants.name(membership.pk, guest, actor=staff)
        again = ParticipantEntry("Bo Berg", "bo@gmail.example", "", (meeting(2).pk,))
        participants.name(membership.pk, again, actor=VISITOR)
        assert who(2) == [("Bo Berg", 1)]

    def test_an_open_network_takes_anybody(self, membership):
        NetworkPage.objects.filter(pk=membership.network_id).update(eligibility="open")
        participants.name(membership.pk, entry(domain="gmail.example"), actor=VISITOR)

    def test_on_a_persons_membership_nobody_else_comes(self):
        network = make_network(unit=Unit.PERSON.value)
        own = MembershipFactory(network=network)
        with pytest.raises(NotPossible):
            participants.name(own.pk, entry(), actor=VISITOR)
        seats.take_standing(own)
        assert who(1) == [(own.contact.name, 1)]


class TestSwapping:
    def test_at_the_second_meeting_leaves_every_other_meeting_and_the_past_as_they_were(
        self, membership
    ):
        bo, eva = named(membership), named(membership, "Eva Eng")
        soon(1, days=-3)
        Seat.objects.filter(meeting=meeting(1)).update(came=True)
        before = list(Seat.objects.exclude(meeting=meeting(2)).order_by("pk").values())
        participants.swap(
            membership.pk, meeting(2).pk, leaving=bo.pk, entry=entry("Ib Ibsen"), actor=VISITOR
        )
        assert who(2) == [("Ib Ibsen", 1), ("Eva Eng", 2)]
        assert list(Seat.objects.exclude(meeting=meeting(2)).order_by("pk").values()) == before
        assert bo.seats.get(meeting=meeting(2)).released_at is not None
        assert eva.seats.current().count() == 3

    def test_the_new_one_is_invited_and_the_old_one_gets_just_that_meeting_cancelled(
        self, membership
    ):
        bo = named(membership)
        participants.swap(
            membership.pk, meeting(2).pk, leaving=bo.pk, entry=entry("Ib Ibsen"), actor=VISITOR
        )
        told = Message.objects.get(template="seats_given_back")
        (attachment,) = told.attachments
        calendar = Calendar.from_ical(attachment["content"])
        assert (told.to_email, calendar["METHOD"]) == (bo.email, "CANCEL")
        assert str(calendar.events[0]["UID"]) == meeting(2).uid
        invited = Message.objects.get(to_email="ib@aarup.dk")
        assert len(invited.attachments) == 1

    def test_swapped_back_both_are_told_again(self, membership):
        bo = named(membership)
        ib = participants.swap(
            membership.pk, meeting(2).pk, leaving=bo.pk, entry=entry("Ib Ibsen"), actor=VISITOR
        )
        participants.swap(
            membership.pk, meeting(2).pk, leaving=ib.pk, entry=entry("Bo Berg"), actor=VISITOR
        )
        assert who(2) == [("Bo Berg", 1)]
        assert Message.objects.filter(to_email=bo.email, template="seats_given").count() == 1
        assert Message.objects.filter(to_email=ib.email, template="seats_given_back").count() == 1

    def test_with_somebody_who_comes_already_is_refused(self, membership):
        bo = named(membership)
        named(membership, "Eva Eng")
        with pytest.raises(NotPossible):
            participants.swap(
                membership.pk, meeting(2).pk, leaving=bo.pk, entry=entry("Eva Eng"), actor=VISITOR
            )

    def test_works_at_a_venue_that_is_full(self, membership):
        Meeting.objects.filter(pk=meeting(2).pk).update(capacity=1)
        bo = named(membership)
        participants.swap(
            membership.pk, meeting(2).pk, leaving=bo.pk, entry=entry("Ib Ibsen"), actor=VISITOR
        )
        assert who(2) == [("Ib Ibsen", 1)]

    def test_one_without_a_seat_there_can_not_be_swapped(self, membership):
        bo = named(membership, "Bo Berg", 1)
        with pytest.raises(NotPossible):
            participants.swap(
                membership.pk, meeting(2).pk, leaving=bo.pk, entry=entry("Ib Ibsen"), actor=VISITOR
            )


class TestGivingBack:
    def give_back(self, membership: Membership, participant: Participant, **who: object) -> None:
        participants.give_back(
            membership.pk,
            meeting(2).pk,
            participant_id=participant.pk,
            **{"actor": VISITOR, **who},
        )

    def test_frees_the_seat_for_another(self, membership):
        bo = named(membership)
        named(membership, "Eva Eng")
        self.give_back(membership, bo)
        named(membership, "Ib Ibsen", 2)
        assert who(2) == [("Ib Ibsen", 1), ("Eva Eng", 2)]

    def test_the_seat_is_not_taken_again_by_itself(self, membership):
        self.give_back(membership, named(membership))
        seats.take_standing(membership)
        assert who(2) == []

    def test_twice_is_refused(self, membership):
        bo = named(membership)
        self.give_back(membership, bo)
        with pytest.raises(NotPossible):
            self.give_back(membership, bo)

    def test_until_the_deadline_and_not_after(self, membership):
        bo = named(membership)
        soon(2, hours=25)
        self.give_back(membership, bo)
        named(membership, "Bo Berg", 2)
        soon(2, hours=23)
        with pytest.raises(NotPossible):
            self.give_back(membership, bo)

    def test_after_the_deadline_an_administrator_may_with_a_reason(self, membership, staff):
        bo = named(membership)
        soon(2, hours=23)
        with pytest.raises(NotPossible):
            self.give_back(membership, bo, actor=staff)
        self.give_back(membership, bo, actor=staff, reason="Ill.")
        assert audit.history(membership).get(action="seats.released").reason == "Ill."

    def test_a_meeting_that_has_started_is_closed_to_administrators_too(self, membership, staff):
        bo = named(membership)
        soon(2, hours=-1)
        with pytest.raises(NotPossible):
            self.give_back(membership, bo, actor=staff, reason="Ill.")

    def test_a_cancelled_meeting_is_closed(self, membership):
        bo = named(membership)
        MeetingRecord.objects.update_or_create(
            meeting=meeting(2), defaults={"cancelled_at": timezone.now()}
        )
        with pytest.raises(NotPossible, match="Møde 2"):
            self.give_back(membership, bo)


class TestLeavingAndCorrecting:
    def test_taken_off_the_coming_seats_are_free_and_the_past_stays(self, membership):
        bo = named(membership)
        soon(1, days=-3)
        participants.take_off(membership.pk, bo.pk, actor=VISITOR)
        assert (who(1), who(2), who(3)) == ([("Bo Berg", 1)], [], [])
        bo.refresh_from_db()
        assert bo.left_at is not None
        seats.take_standing(membership)
        assert who(2) == []

    def test_name_and_title_are_corrected_and_the_history_says_which(self, membership):
        bo = named(membership)
        participants.correct(
            membership.pk, bo.pk, name="Bo Bergsen", job_title="Leder", actor=VISITOR
        )
        bo.refresh_from_db()
        assert bo.name == "Bo Bergsen"
        entry = audit.history(membership).get(action="participant.corrected")
        assert entry.data == {"fields": ["name"]}

    def test_another_memberships_participant_is_not_found(self, membership):
        other = ParticipantFactory()
        with pytest.raises(NotPossible):
            participants.take_off(membership.pk, other.pk, actor=VISITOR)
        with pytest.raises(NotPossible):
            participants.correct(membership.pk, other.pk, name="X", job_title="", actor=VISITOR)
        other.refresh_from_db()
        assert other.left_at is None


def test_without_a_limit_of_seats_all_come(django_assert_max_num_queries):
    network = make_network(seasons=[season(seats_per_meeting=None)])
    membership = MembershipFactory(network=network, municipality__mail_domains="aarup.dk")
    for number in range(4):
        named(membership, f"Person{number}")
    assert len(who(1)) == 4
    with django_assert_max_num_queries(75):
        named(membership, "Person9")
