"""Seats under load: real threads, each with a connection of its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms import audit
from networks.models import Meeting, Membership, NetworkPage, Participant, Seat
from networks.rules.states import Status
from networks.services import lifecycle, participants, seats
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from networks.services.extras import PriceToAccept
from payments.models import Charge, ChargeState
from payments.services import bank, charging
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db(transaction=True)
EXTRA = 150_000


def network_with_extras() -> NetworkPage:
    return make_network(seasons=[season(extra_price=EXTRA)])


def member(network: NetworkPage) -> Membership:
    return MembershipFactory(
        network=network, municipality=MunicipalityFactory(mail_domains="aarup.dk"), with_buyer=True
    )


def meeting(number: int) -> Meeting:
    return Meeting.objects.get(title=f"Møde {number}")


def name(membership: Membership, who: str, number: int, **yes: object) -> Participant:
    entry = ParticipantEntry(who, f"{who.lower()}@aarup.dk", "", (meeting(number).pk,))
    return participants.name(membership.pk, entry, actor=audit.VISITOR, **yes)


def succeeded(results: list) -> list:
    """Those that went through; what was refused says so to a person."""
    refused = [row for row in results if isinstance(row, Exception)]
    assert all(isinstance(row, NotPossible) for row in refused), refused
    return [row for row in results if not isinstance(row, Exception)]


@pytest.mark.parametrize("turn", range(3))
def test_two_ask_for_the_last_seat_at_once_and_one_gets_it(at_once, turn):
    membership = member(make_network())
    name(membership, "Bo", 1)
    results = at_once(
        lambda: name(membership, "Eva", 1),
        lambda: name(membership, "Ib", 1),
    )
    assert len(succeeded(results)) == 1
    taken = Seat.objects.current().filter(meeting=meeting(1))
    assert sorted(taken.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize("turn", range(3))
def test_two_municipalities_ask_for_the_venues_last_place(at_once, turn):
    network = make_network()
    Meeting.objects.filter(title="Møde 1").update(capacity=3)
    first, second, third = member(network), member(network), member(network)
    name(first, "Bo", 1)
    name(first, "Eva", 1)
    results = at_once(lambda: name(second, "Ib", 1), lambda: name(third, "Ea", 1))
    assert len(succeeded(results)) == 1
    assert seats.who_comes(meeting(1)).count() == 3


@pytest.mark.parametrize("turn", range(3))
def test_two_with_a_yes_to_the_extra_price_one_is_included_and_the_other_charged(at_once, turn):
    membership = member(network_with_extras())
    name(membership, "Bo", 1)
    yes = {"as_extra": True, "accepted_net": EXTRA}
    results = at_once(
        lambda: name(membership, "Eva", 1, **yes),
        lambda: name(membership, "Ib", 1, **yes),
    )
    assert len(succeeded(results)) == 2
    taken = Seat.objects.current().filter(meeting=meeting(1))
    assert sorted(taken.values_list("is_extra", flat=True)) == [False, False, True]
    assert Charge.objects.count() == 1


def test_two_without_a_yes_one_is_included_and_the_other_shown_the_price(at_once):
    membership = member(network_with_extras())
    name(membership, "Bo", 1)
    results = at_once(
        lambda: name(membership, "Eva", 1),
        lambda: name(membership, "Ib", 1),
    )
    assert len(succeeded(results)) == 1
    assert any(isinstance(row, PriceToAccept) for row in results)
    assert not Charge.objects.exists()


def test_the_same_extra_pressed_twice_is_one_seat_and_one_charge(at_once):
    membership = member(network_with_extras())
    name(membership, "Bo", 1)
    name(membership, "Eva", 1)
    yes = {"as_extra": True, "accepted_net": EXTRA}
    results = at_once(*[lambda: name(membership, "Ib", 1, **yes)] * 3)
    assert len(succeeded(results)) == 3
    assert Seat.objects.filter(is_extra=True).count() == Charge.objects.count() == 1


def test_standing_taken_by_many_at_once_never_exceeds_the_venue(at_once):
    network = make_network()
    Meeting.objects.filter(title="Møde 2").update(capacity=5)
    rows = [member(network) for _number in range(4)]
    for membership in rows:
        ParticipantFactory.create_batch(2, membership=membership)
    at_once(
        *[lambda row=row: seats.take_standing(row) for row in rows],
        lambda: seats.take_standing_of_network(network.pk),
    )
    assert seats.who_comes(meeting(2)).count() == 5
    assert seats.who_comes(meeting(1)).count() == 8


def test_a_swap_and_a_giving_back_of_one_seat_at_once_leave_one_answer(at_once):
    membership = member(make_network())
    bo = name(membership, "Bo", 1)
    key = meeting(1).pk
    results = at_once(
        lambda: participants.swap(
            membership.pk,
            key,
            leaving=bo.pk,
            entry=ParticipantEntry("Ib", "ib@aarup.dk"),
            actor=audit.VISITOR,
        ),
        lambda: participants.give_back(
            membership.pk, key, participant_id=bo.pk, actor=audit.VISITOR
        ),
    )
    assert len(succeeded(results)) == 1
    assert not bo.seats.current().exists()


def test_naming_while_the_membership_ends_leaves_no_seat_behind(at_once):
    membership = member(make_network())
    Membership.objects.filter(pk=membership.pk).update(
        cancelled_at=timezone.now(), ends_on=timezone.localdate() - timedelta(days=1)
    )
    results = at_once(
        lambda: name(membership, "Bo", 1),
        lambda: lifecycle.end_if_due(membership.pk),
    )
    succeeded([row for row in results if row is not None])
    membership.refresh_from_db()
    assert membership.state == Status.ENDED
    assert not membership.seats.current().exists()


@pytest.mark.parametrize("turn", range(3))
def test_a_predecessors_paid_seat_is_given_back_while_it_is_paid(at_once, turn):
    """Both want the charge and the membership: whoever seats the successor takes them in the same
    order as a payment."""
    network = make_network(unit="person", seasons=[season(extra_price=EXTRA)])
    membership = MembershipFactory(network=network, with_buyer=True)
    before = ParticipantFactory(membership=membership, standing=False)
    charge = charging.create_charge(
        key=f"extra:{before.pk}:meeting:{meeting(1).pk}:1",
        reference=audit.reference(membership),
        scope="",
        scope_label=network.title,
        description="Ekstra deltager",
        method="card",
        lines=[charging.Line("Ekstra deltager", 1, EXTRA, 2500, "")],
        buyer=membership.buyer(),
        period=(timezone.localdate(), timezone.localdate()),
    )
    before.seats.create(
        membership=membership, meeting=meeting(1), is_extra=True, charge_key=charge.key
    )
    results = at_once(
        lambda: bank.settle_outside_stripe(charge),
        lambda: seats.take_standing(membership),
    )
    assert [row for row in results if isinstance(row, Exception)] == []
    charge.refresh_from_db()
    assert charge.state == ChargeState.CREDITED
    assert not before.seats.current().exists()
