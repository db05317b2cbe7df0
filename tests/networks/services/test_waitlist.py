"""The waiting list: in order, confirmed and approved only, offered with a deadline."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks import jobs
from networks.models import JoinRequest, Membership, NetworkPage
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import confirmation, lifecycle, signup, terms, waitlist
from networks.services.application import Outcome
from networks.services.confirmation import Confirmed
from networks.services.errors import NotPossible
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)
from tests.factories.signups import application, applied, apply, confirmed, elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return audit.Actor.by(make_user(superuser=True))


def full_network(**facts):
    network = make_network(capacity=1, free_of_charge=True, **facts)
    return network, confirmed(network)


def states(*memberships) -> list[str]:
    stored = dict(Membership.objects.values_list("pk", "status"))
    return [stored[membership.pk] for membership in memberships]


def leave(membership) -> None:
    lifecycle.cancel(membership.pk, actor=audit.VISITOR)


def test_a_freed_place_is_offered_to_the_first_in_line(run_jobs):
    network, member = full_network()
    first, second = confirmed(network), confirmed(network)
    leave(member)
    run_jobs()
    assert states(first, second) == ["offered", "waitlisted"]
    assert Message.objects.get(template="offered").to_email == first.contact.email
    first.refresh_from_db()
    assert timedelta(days=2) < first.deadline - timezone.now() <= timedelta(days=3)
    entry = audit.history(first).get(action="membership.offered")
    assert (entry.actor_kind, entry.data) == ("system", {"before": "waitlisted"})


def test_an_offer_holds_the_place_against_new_sign_ups(run_jobs):
    network, member = full_network()
    confirmed(network)
    leave(member)
    run_jobs()
    assert terms.places_of(network).taken == 1
    assert apply(network).membership.state == Status.WAITLISTED


def test_no_offer_goes_to_an_unconfirmed_one_until_it_is_confirmed(run_jobs):
    network, member = full_network()
    first, second = applied(network), confirmed(network)
    leave(member)
    run_jobs()
    assert states(first, second) == ["waitlisted", "offered"]
    lifecycle.withdraw(second.pk, actor=audit.VISITOR)
    confirmation.confirm(first.pk, accepted_net=0)
    run_jobs()
    assert states(first) == ["offered"]


def test_no_offer_goes_to_one_that_lacks_approval_until_it_is_approved(run_jobs, administrator):
    network, member = full_network()
    membership = confirmed(network, **elsewhere())
    leave(member)
    run_jobs()
    assert states(membership) == ["waitlisted"]
    lifecycle.approve(membership.pk, actor=administrator)
    assert states(membership) == ["waitlisted"]
    run_jobs()
    assert states(membership) == ["offered"]


def test_accepting_an_offer_makes_a_member():
    network = make_network(capacity=1)
    membership = MembershipFactory(network=network, status="offered", accepted_net=LADDER[3])
    outcome, membership = confirmation.accept(membership.pk, accepted_net=LADDER[3])
    assert (outcome, membership.state) == (Confirmed.ACTIVE, Status.ACTIVE)
    again, _membership = confirmation.accept(membership.pk, accepted_net=LADDER[3])
    assert again == Confirmed.ACTIVE


def test_accepting_by_card_gives_three_days_to_pay():
    membership = MembershipFactory(network=make_network(), status="offered", method="card")
    outcome, membership = confirmation.accept(membership.pk, accepted_net=LADDER[3])
    assert outcome == Confirmed.PAY
    assert membership.deadline > timezone.now() + timedelta(days=2, hours=23)


def test_an_offer_at_a_higher_price_asks_for_a_new_yes():
    membership = MembershipFactory(network=make_network(), status="offered", accepted_net=LADDER[2])
    assert confirmation.accept(membership.pk, accepted_net=LADDER[2])[0] == Confirmed.PRICE_ROSE
    outcome, membership = confirmation.accept(membership.pk, accepted_net=LADDER[3])
    assert (outcome, membership.price_net) == (Confirmed.ACTIVE, LADDER[3])


def test_an_offer_lapses_to_the_next_in_line(run_jobs):
    network, member = full_network()
    first, second = confirmed(network), confirmed(network)
    leave(member)
    run_jobs()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1), tick=False):
        with pytest.raises(NotPossible):
            confirmation.accept(first.pk, accepted_net=0)
        jobs.let_time_pass()
        run_jobs()
        assert states(first, second) == ["expired", "offered"]
    assert Message.objects.get(template="expired").to_email == first.contact.email


def test_declining_gives_the_place_to_the_next(run_jobs):
    network, member = full_network()
    first, second = confirmed(network), confirmed(network)
    leave(member)
    run_jobs()
    lifecycle.withdraw(first.pk, actor=audit.VISITOR, reason="Nej tak")
    run_jobs()
    assert states(first, second) == ["withdrawn", "offered"]


def test_a_place_that_was_held_for_24_hours_is_offered_when_they_are_over(run_jobs):
    network = make_network(capacity=1, free_of_charge=True)
    applied(network)
    waiting = confirmed(network)
    run_jobs()
    assert states(waiting) == ["waitlisted"]
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=False):
        jobs.let_time_pass()
    assert states(waiting) == ["offered"]


@pytest.mark.parametrize("capacity", [2, None])
def test_when_an_editor_raises_the_capacity_the_places_are_offered(capacity):
    network, _member = full_network()
    first, second = confirmed(network), confirmed(network)
    network.capacity = capacity
    network.save_revision().publish()
    jobs.let_time_pass()
    expected = ["offered", "offered" if capacity is None else "waitlisted"]
    assert states(first, second) == expected


def test_offering_again_changes_nothing():
    network, _member = full_network()
    confirmed(network)
    assert waitlist.fill_places(network.pk) == 0
    network.capacity = 2
    network.save()
    assert waitlist.fill_places(network.pk) == 1
    assert waitlist.fill_places(network.pk) == 0


class TestTheAdministrator:
    def test_moves_one_up_out_of_turn(self, administrator):
        network, member = full_network()
        first, second = confirmed(network), confirmed(network)
        leave(member)
        waitlist.offer_place(second.pk, actor=administrator, reason="Ny kommune")
        assert states(first, second) == ["waitlisted", "offered"]

    def test_goes_above_capacity_only_when_asked_for_and_with_a_reason(self, administrator):
        network, _member = full_network()
        waiting = confirmed(network)
        with pytest.raises(NotPossible):
            waitlist.offer_place(waiting.pk, actor=administrator, reason="Ny kommune")
        with pytest.raises(NotPossible):
            waitlist.offer_place(waiting.pk, actor=administrator, above_capacity=True)
        assert states(waiting) == ["waitlisted"]
        waitlist.offer_place(
            waiting.pk, actor=administrator, reason="Ny kommune", above_capacity=True
        )
        assert states(waiting) == ["offered"]
        entry = audit.history(waiting).get(action="membership.offered")
        assert (entry.user, entry.reason) == (administrator.user, "Ny kommune")

    def test_offers_nothing_to_an_unconfirmed_one(self, administrator):
        waiting = applied(make_network(capacity=0))
        with pytest.raises(NotPossible):
            waitlist.offer_place(
                waiting.pk, actor=administrator, reason="Plads", above_capacity=True
            )

    def test_offers_nothing_to_one_that_does_not_wait(self, administrator):
        with pytest.raises(TransitionNotAllowed):
            waitlist.offer_place(MembershipFactory().pk, actor=administrator)

    @pytest.mark.parametrize(
        ("position", "order"),
        [(1, [2, 0, 1]), (2, [0, 2, 1]), (3, [0, 1, 2]), (9, [0, 1, 2])],
    )
    def test_gives_one_another_place_in_line(self, administrator, position, order):
        network, _member = full_network()
        waiting = [confirmed(network) for _turn in range(3)]
        waitlist.move_in_queue(
            waiting[2].pk, position=position, actor=administrator, reason="Aftalt"
        )
        assert list(waitlist.line_of(network.pk)) == [waiting[index] for index in order]
        assert audit.history(waiting[2]).first().action == "membership.moved_in_line"

    def test_keeps_everyone_elses_order_however_close_they_stand(self, administrator):
        network, _member = full_network()
        waiting = [confirmed(network) for _turn in range(5)]
        network.memberships.filter(status="waitlisted").update(queued_at=timezone.now())
        for one, position in ((4, 1), (3, 2), (2, 2), (4, 5), (0, 3), (1, 1)):
            before = [row for row in waitlist.line_of(network.pk) if row != waiting[one]]
            waitlist.move_in_queue(
                waiting[one].pk, position=position, actor=administrator, reason="Aftalt"
            )
            before.insert(position - 1, waiting[one])
            assert list(waitlist.line_of(network.pk)) == before

    def test_moves_nobody_without_a_reason_or_who_does_not_wait(self, administrator):
        network, member = full_network()
        waiting = confirmed(network)
        for key, reason in ((waiting.pk, " "), (member.pk, "Aftalt")):
            with pytest.raises(NotPossible):
                waitlist.move_in_queue(key, position=1, actor=administrator, reason=reason)


class TestAnUnprovedOneInLine:
    """Anyone can type a municipality's name: who has not proved an address keeps nobody out."""

    @pytest.fixture
    def stranger(self):
        network, _member = full_network()
        return applied(network, MunicipalityFactory())

    def colleague(self, stranger, **changes):
        return applied(stranger.network, stranger.municipality, **changes)

    def test_gives_way_to_a_colleague_who_proves_theirs(self, stranger):
        colleague = self.colleague(stranger)
        assert states(stranger, colleague) == ["waitlisted", "unconfirmed"]
        assert JoinRequest.objects.count() == 0
        outcome, _membership = confirmation.confirm(colleague.pk, accepted_net=0)
        assert outcome == Confirmed.WAITLISTED
        assert states(stranger, colleague) == ["withdrawn", "waitlisted"]
        assert audit.history(stranger).first().reason

    def test_wins_its_successor_no_earlier_place(self, stranger):
        between = confirmed(stranger.network)
        colleague = self.colleague(stranger)
        confirmation.confirm(colleague.pk, accepted_net=0)
        assert list(waitlist.line_of(stranger.network_id)) == [between, colleague]

    def test_wins_when_it_is_confirmed_first(self, stranger):
        colleague = self.colleague(stranger)
        confirmation.confirm(stranger.pk, accepted_net=0)
        outcome, _membership = confirmation.confirm(colleague.pk, accepted_net=0)
        assert outcome == Confirmed.JOIN_REQUESTED
        assert states(stranger, colleague) == ["waitlisted", "withdrawn"]

    def test_does_not_keep_out_a_colleague_for_whom_there_is_room_by_now(self, stranger):
        NetworkPage.objects.filter(pk=stranger.network_id).update(capacity=5)
        stranger.network.refresh_from_db()
        colleague = self.colleague(stranger)
        confirmation.confirm(colleague.pk, accepted_net=0)
        assert states(stranger, colleague) == ["withdrawn", "active"]

    def test_makes_a_colleague_who_pays_by_card_prove_the_address_first(self):
        network, municipality = make_network(capacity=0), MunicipalityFactory()
        stranger = applied(network, municipality)
        NetworkPage.objects.filter(pk=network.pk).update(capacity=5)
        network.refresh_from_db()
        result = apply(network, municipality, method="card")
        assert (result.outcome, result.membership.state) == (
            Outcome.CONFIRM_ADDRESS,
            Status.UNCONFIRMED,
        )
        outcome, colleague = confirmation.confirm(result.membership.pk, accepted_net=LADDER[3])
        assert (outcome, colleague.state) == (Confirmed.PAY, Status.AWAITING_PAYMENT)
        assert states(stranger) == ["withdrawn"]

    def test_does_not_keep_an_administrator_from_acting_for_the_municipality(
        self, stranger, administrator
    ):
        result = signup.sign_up_on_behalf(
            application(stranger.network, stranger.municipality),
            actor=administrator,
            reason="Ringede",
            above_capacity=True,
        )
        assert states(stranger, result.membership) == ["withdrawn", "active"]
        assert audit.history(stranger).first().user == administrator.user
