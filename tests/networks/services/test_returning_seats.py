"""What a cancellation took of seats comes back when it is undone, as far as there is room."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cms import audit
from cms.audit import VISITOR, Actor
from cms.messages.models import Message
from networks.models import Meeting, MeetingRecord, Membership, Participant, Seat, Unit
from networks.services import lifecycle, participants, returning_seats
from networks.services.application import ParticipantEntry
from networks.services.extras import PriceToAccept
from networks.services.lifecycle import Undone
from networks.services.returning_seats import Obstacle
from payments.models import Charge, ChargeState
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db
EXTRA = 150_000


@pytest.fixture
def administrator() -> Actor:
    return Actor.by(make_user(superuser=True))


def member(**facts: object) -> Membership:
    """Of a municipality at aarup.dk, with three meetings and two seats at each."""
    return MembershipFactory(
        network=make_network(seasons=[season(extra_price=EXTRA, **facts)]),
        municipality=MunicipalityFactory(mail_domains="aarup.dk"),
        with_buyer=True,
    )


def meeting(number: int) -> Meeting:
    return Meeting.objects.get(title=f"Møde {number}")


def day_of(number: int) -> date:
    return timezone.localdate(meeting(number).starts_at)


def name(membership: Membership, who: str, *numbers: int, **yes: object) -> Participant:
    keys = tuple(meeting(number).pk for number in numbers)
    entry = ParticipantEntry(who, f"{who.lower()}@aarup.dk", "", keys)
    return participants.name(membership.pk, entry, actor=VISITOR, **yes)


def extra(membership: Membership, who: str, *numbers: int, net: int = EXTRA) -> Participant:
    return name(membership, who, *numbers, as_extra=True, accepted_net=net)


def cancel(membership: Membership, administrator: Actor, last_day: date) -> None:
    lifecycle.cancel(membership.pk, actor=administrator, reason="Aftalt", ends_on=last_day)


def undo(membership: Membership) -> Undone:
    return lifecycle.undo_cancellation(membership.pk, actor=VISITOR)


def coming(membership: Membership) -> list[tuple[str, str, int | None]]:
    """(meeting, name, number) of every current seat."""
    rows = membership.seats.current().order_by("meeting__starts_at", "number", "pk")
    return list(rows.values_list("meeting__title", "participant__name", "number"))


def obstacles(undone: Undone) -> list[tuple[str, str, Obstacle | None]]:
    return [
        (row.seat.participant.name, row.seat.meeting.title, row.obstacle) for row in undone.lost
    ]


def test_all_seats_come_back_as_they_were_of_whoever_was_named_for_one_meeting_too(administrator):
    membership = member()
    name(membership, "Bo", 3)
    name(membership, "Eva")
    name(membership, "Ib", 1, 2)
    before = coming(membership)
    cancel(membership, administrator, day_of(1))
    assert {row[0] for row in coming(membership)} == {"Møde 1"}
    assert undo(membership).lost == []
    assert coming(membership) == before
    assert not Seat.objects.filter(by_cancellation=True).exists()


def test_whoever_gets_a_seat_back_is_told_and_the_history_tells(administrator):
    membership = member()
    bo = name(membership, "Bo", 2, 3)
    cancel(membership, administrator, timezone.localdate())
    undo(membership)
    assert Message.objects.filter(template="seats_given", to_email=bo.email).count() == 1
    entry = audit.history(membership).get(action="seats.returned")
    assert entry.data["participants"] == [bo.pk]
    cancel(membership, administrator, timezone.localdate())
    undo(membership)
    assert Message.objects.filter(template="seats_given", to_email=bo.email).count() == 2


def test_nobody_who_gave_a_seat_back_or_was_taken_off_meanwhile_is_given_one(administrator):
    membership = member()
    bo, eva = name(membership, "Bo"), name(membership, "Eva", 2, 3)
    participants.give_back(membership.pk, meeting(3).pk, participant_id=bo.pk, actor=VISITOR)
    cancel(membership, administrator, day_of(1))
    participants.take_off(membership.pk, eva.pk, actor=VISITOR)
    name(membership, "Eva", 1)
    assert undo(membership).lost == []
    assert coming(membership) == [
        ("Møde 1", "Bo", 1),
        ("Møde 1", "Eva", 2),
        ("Møde 2", "Bo", 1),
    ]


def test_where_the_venue_has_filled_the_first_named_comes_first_and_it_is_said(administrator):
    membership = member()
    name(membership, "Eva", 2)
    name(membership, "Bo", 2)
    cancel(membership, administrator, day_of(1))
    Meeting.objects.filter(pk=meeting(2).pk).update(capacity=2)
    other = MembershipFactory(network=membership.network)
    ParticipantFactory(membership=other).seats.create(membership=other, meeting=meeting(2))
    foretold = returning_seats.outlook(membership)
    assert [(row.seat.participant.name, row.obstacle) for row in foretold] == [
        ("Eva", None),
        ("Bo", Obstacle.FULL),
    ]
    undone = undo(membership)
    assert obstacles(undone) == [("Bo", "Møde 2", Obstacle.FULL)]
    assert coming(membership) == [("Møde 2", "Eva", 1)]
    body = Message.objects.get(template="cancellation_undone").body
    assert str(undone.lost[0]) in body
    assert body.count("Møde 2") == 1


def test_who_comes_every_time_is_seated_when_there_is_room_again_and_others_are_not(administrator):
    membership = member()
    name(membership, "Bo")
    name(membership, "Eva", 2)
    cancel(membership, administrator, day_of(1))
    Meeting.objects.filter(pk=meeting(2).pk).update(capacity=0)
    assert len(undo(membership).lost) == 2
    Meeting.objects.filter(pk=meeting(2).pk).update(capacity=None)
    assert [str(seat) for seat in returning_seats.seats.take_standing(membership)]
    assert ("Møde 2", "Bo", 1) in coming(membership)
    assert ("Møde 2", "Eva", 2) not in coming(membership)


def test_cancelled_and_begun_meetings_and_seats_that_are_fewer_now_are_said(administrator):
    membership = member()
    bo = name(membership, "Bo", 1, 2, 3)
    name(membership, "Eva", 3)
    cancel(membership, administrator, timezone.localdate())
    Meeting.objects.filter(pk=meeting(1).pk).update(starts_at=timezone.now() - timedelta(hours=1))
    MeetingRecord.objects.update_or_create(
        meeting=meeting(2), defaults={"cancelled_at": timezone.now()}
    )
    membership.first_season.seats_per_meeting = 1
    membership.first_season.save()
    assert obstacles(undo(membership)) == [
        (bo.name, "Møde 1", Obstacle.BEGUN),
        (bo.name, "Møde 2", Obstacle.CANCELLED),
        ("Eva", "Møde 3", Obstacle.TAKEN),
    ]
    assert coming(membership) == [("Møde 3", "Bo", 1)]


class TestWhatWasPaidFor:
    def test_credited_it_is_neither_free_nor_charged_again_but_can_be_had_anew(self, administrator):
        membership = member()
        name(membership, "Bo")
        name(membership, "Eva")
        ib = extra(membership, "Ib", 2)
        cancel(membership, administrator, day_of(1))
        (row,) = undo(membership).lost
        assert (row.seat.participant, row.obstacle, row.price_net) == (ib, Obstacle.CREDITED, EXTRA)
        assert "1.500" in str(row)
        assert [charge.state for charge in Charge.objects.all()] == [ChargeState.CREDITED]
        assert not ib.seats.current().exists()
        with pytest.raises(PriceToAccept):
            name(membership, "Ib", 2)
        extra(membership, "Ib", 2)
        assert Charge.objects.filter(state=ChargeState.OPEN).get().net == EXTRA

    def test_where_the_charge_stands_it_comes_back_and_nothing_more_is_charged(self, administrator):
        membership = member()
        name(membership, "Bo", 1)
        name(membership, "Eva", 1)
        soon = timezone.now() + timedelta(hours=30)
        ib = extra(membership, "Ib", 1)
        Meeting.objects.filter(pk=meeting(1).pk).update(starts_at=soon)
        membership.network.swap_deadline_hours = 48
        membership.network.save()
        cancel(membership, administrator, timezone.localdate())
        assert undo(membership).lost == []
        seat = ib.seats.current().get()
        assert (seat.is_extra, seat.charge_key) == (True, Charge.objects.get().key)
        assert Charge.objects.get().state == ChargeState.OPEN

    def test_a_seasons_extra_whose_charge_was_not_credited_has_all_meetings_again(
        self, administrator
    ):
        membership = member(extra_scope="season")
        name(membership, "Bo")
        name(membership, "Eva")
        ib = extra(membership, "Ib")
        cancel(membership, administrator, day_of(1))
        assert Charge.objects.get().state == ChargeState.OPEN
        assert undo(membership).lost == []
        assert ib.seats.current().count() == 3
        assert Charge.objects.count() == 1


class TestALastDayMovedLater:
    def test_gives_the_seats_back_that_lie_before_it(self, administrator):
        membership = member()
        name(membership, "Bo")
        name(membership, "Eva", 2, 3)
        cancel(membership, administrator, timezone.localdate())
        assert coming(membership) == []
        cancel(membership, administrator, day_of(2))
        assert [row[:2] for row in coming(membership)] == [
            ("Møde 1", "Bo"),
            ("Møde 2", "Bo"),
            ("Møde 2", "Eva"),
        ]
        assert undo(membership).lost == []
        assert len(coming(membership)) == 5

    def test_moved_earlier_again_they_are_taken_again(self, administrator):
        membership = member()
        name(membership, "Eva", 2)
        for number, left in ((1, 0), (2, 1), (1, 0)):
            cancel(membership, administrator, day_of(number))
            assert len(coming(membership)) == left


def test_a_person_who_was_it_before_has_no_seat_to_come_back_to(administrator):
    membership = MembershipFactory(network=make_network(unit=Unit.PERSON.value))
    before = ParticipantFactory(membership=membership, standing=False)
    before.seats.create(
        membership=membership,
        meeting=meeting(1),
        released_at=timezone.now(),
        by_cancellation=True,
    )
    Membership.objects.filter(pk=membership.pk).update(
        cancelled_at=timezone.now(), ends_on=timezone.localdate()
    )
    assert returning_seats.outlook(membership) == []
    undo(membership)
    names = set(membership.seats.current().values_list("participant__email", flat=True))
    assert names == {membership.contact.email}


def test_what_would_come_back_costs_the_same_queries_however_many(
    administrator, django_assert_num_queries
):
    membership = member(seats_per_meeting=None)
    for who in ("Bo", "Eva", "Ib"):
        name(membership, who, 1, 2, 3)
    cancel(membership, administrator, timezone.localdate())
    with django_assert_num_queries(3):
        assert len(returning_seats.outlook(membership)) == 9
