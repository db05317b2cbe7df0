"""Memberships under whatever may happen to them, in any order: what must hold, always holds.

``make test`` runs the same examples each time; ``make test-properties`` looks further, with new
ones.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cms.audit import VISITOR, Actor
from networks import jobs
from networks.models import Meeting, Membership, NetworkPage, Participant, Seat
from networks.rules.pricing import TariffKind
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import (
    confirmation,
    lifecycle,
    meetings,
    participants,
    renewal,
    signup,
    terms,
    waitlist,
)
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from networks.services.extras import PriceToAccept
from payments.models import Charge, ChargeState
from payments.services import bank
from tests.factories.networks import make_user
from tests.factories.signups import application
from tests.properties.world import START, Invariants, days, make_world

pytestmark = pytest.mark.django_db

#: What a service says to whoever asks for what can't be.
TOLD = (NotPossible, TransitionNotAllowed, PriceToAccept)
WAITS = (Status.UNCONFIRMED, Status.WAITLISTED, Status.AWAITING_PAYMENT, Status.OFFERED)
#: Which of those that fit; which meeting, municipality, colleague.
which = st.integers(min_value=0, max_value=5)


class Memberships(RuleBasedStateMachine):
    """Steps of visitors, administrators, money and time. What a service refuses changes nothing;
    that, too, is looked at."""

    network_id: int
    municipalities: list[Any]
    administrator: Actor
    run_jobs: Callable[..., list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.now = self.clock.start()
        self.rules_hold = Invariants(self.network)

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @property
    def network(self) -> NetworkPage:
        return NetworkPage.objects.get(pk=self.network_id)

    def one(self, number: int, *states: Status, **facts: Any) -> Membership | None:
        rows = Membership.objects.filter(network_id=self.network_id, **facts)
        rows = rows.filter(status__in=states) if states else rows
        found = list(rows.order_by("signed_up_at", "pk"))
        return found[number % len(found)] if found else None

    def attempt(self, step: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What the step gives; None when it is refused, and then nothing has changed."""
        self.now.shift(1)
        try:
            with transaction.atomic():
                return step(*arguments, **options)
        except TOLD:
            return None

    @invariant()
    def all_is_well(self) -> None:
        self.rules_hold.check()

    # Visitors -----------------------------------------------------------------------------------

    @rule(
        number=which,
        elsewhere=st.booleans(),
        method=st.sampled_from(["card", "invoice"]),
        people=st.integers(0, 3),
        coming=st.booleans(),
    )
    def sign_up(self, number: int, elsewhere: bool, method: str, people: int, coming: bool) -> None:
        form = self.form(number, method, people, coming)
        if elsewhere:
            form = self.form(number, method, people, coming, email=f"{number}@institution.example")
        self.attempt(signup.sign_up, form)

    def form(self, number: int, method: str, people: int, coming: bool, **changes: Any) -> Any:
        network = self.network
        seasons = terms.open_seasons(terms.terms_of(network))
        chosen = seasons[-1 if coming else 0] if seasons else None
        home = self.municipalities[number % len(self.municipalities)]
        entries = [self.colleague(at, home) for at in range(people)]
        if chosen and chosen.tariff == TariffKind.PER_PERSON_PER_MEETING:
            left = [meeting.key for meeting in chosen.meetings_left(timezone.now())][:2]
            entries = [self.colleague(at, home, *left) for at in range(people)]
        season_id = chosen.key if chosen else None
        attendance = {
            key: sum(key in entry.meeting_ids for entry in entries)
            for entry in entries
            for key in entry.meeting_ids
        }
        quote = terms.quote_for(network, terms.terms_of(network), season_id, attendance)
        return application(
            network,
            home,
            season_id=season_id,
            method=method,
            participants=tuple(entries),
            accepted_net=quote.net if quote else 0,
            **changes,
        )

    def colleague(self, number: int, home: Any, *meeting_ids: int) -> ParticipantEntry:
        domain = home.domains[0]
        return ParticipantEntry(f"Kollega {number}", f"k{number}@{domain}", "", meeting_ids)

    @rule(number=which)
    def confirm(self, number: int) -> None:
        if row := self.one(number, address_confirmed_at=None):
            self.attempt(confirmation.confirm, row.pk, accepted_net=row.accepted_net)

    @rule(number=which, net=st.sampled_from([0, 10_000_000]))
    def accept(self, number: int, net: int) -> None:
        """An offer, or a risen price after approval: with a yes to what is asked, or to less."""
        if row := self.one(number, Status.OFFERED, Status.PENDING_APPROVAL):
            self.attempt(confirmation.accept, row.pk, accepted_net=net)

    @rule(number=which)
    def withdraw(self, number: int) -> None:
        if row := self.one(number, *WAITS):
            self.attempt(lifecycle.withdraw, row.pk, actor=VISITOR)

    @rule(number=which)
    def cancel(self, number: int) -> None:
        if row := self.one(number, Status.ACTIVE, cancelled_at=None):
            self.attempt(lifecycle.cancel, row.pk, actor=VISITOR)

    @rule(number=which)
    def undo_cancellation(self, number: int) -> None:
        if row := self.one(number, Status.ACTIVE, cancelled_at__isnull=False):
            self.attempt(lifecycle.undo_cancellation, row.pk, actor=self.administrator)

    # Participants ---------------------------------------------------------------------------------

    @rule(number=which, who=which, at=which, standing=st.booleans(), as_extra=st.booleans())
    def name(self, number: int, who: int, at: int, standing: bool, as_extra: bool) -> None:
        row = self.one(number, Status.ACTIVE)
        if row is None:
            return
        keys = () if standing else (self.meeting(at).pk,)
        self.attempt(
            participants.name,
            row.pk,
            self.colleague(who, row.municipality, *keys),
            actor=self.administrator,
            reason="Ringede",
            as_extra=as_extra,
            accepted_net=10_000_000 if as_extra else 0,
        )

    def meeting(self, number: int) -> Meeting:
        rows = list(Meeting.objects.filter(season__page=self.network_id).order_by("pk"))
        return rows[number % len(rows)]

    def seat(self, number: int) -> Seat | None:
        found = list(Seat.objects.current().order_by("pk"))
        return found[number % len(found)] if found else None

    @rule(number=which, who=which)
    def swap(self, number: int, who: int) -> None:
        if seat := self.seat(number):
            others = self.others_at(seat)
            self.attempt(
                participants.swap,
                seat.membership_id,
                seat.meeting_id,
                leaving=seat.participant_id,
                entry=self.colleague(who, seat.membership.municipality),
                actor=self.administrator,
                reason="Syg",
            )
            assert self.others_at(seat) == others, "another meeting was touched"

    def others_at(self, seat: Seat) -> list[tuple[int, int]]:
        """Who comes to every other meeting on the membership."""
        rows = Seat.objects.current().filter(membership=seat.membership_id)
        rows = rows.exclude(meeting=seat.meeting_id).order_by("pk")
        return list(rows.values_list("participant_id", "meeting_id"))

    @rule(number=which)
    def give_back(self, number: int) -> None:
        if seat := self.seat(number):
            self.attempt(
                participants.give_back,
                seat.membership_id,
                seat.meeting_id,
                participant_id=seat.participant_id,
                actor=self.administrator,
                reason="Syg",
            )

    @rule(number=which)
    def take_off(self, number: int) -> None:
        found = list(Participant.objects.filter(left_at=None).order_by("pk"))
        if found:
            one = found[number % len(found)]
            self.attempt(participants.take_off, one.membership_id, one.pk, actor=self.administrator)

    # Administrators -------------------------------------------------------------------------------

    @rule(number=which)
    def approve(self, number: int) -> None:
        waits = (Status.PENDING_APPROVAL, Status.WAITLISTED)
        if row := self.one(number, *waits, address_at_domain=False):
            self.attempt(lifecycle.approve, row.pk, actor=self.administrator)

    @rule(number=which)
    def reject(self, number: int) -> None:
        if row := self.one(number, Status.PENDING_APPROVAL):
            self.attempt(lifecycle.reject, row.pk, actor=self.administrator, reason="Nej")

    @rule(number=which, above=st.booleans())
    def offer_out_of_turn(self, number: int, above: bool) -> None:
        if row := self.one(number, Status.WAITLISTED):
            self.rules_hold.may_exceed = above
            self.attempt(
                waitlist.offer_place,
                row.pk,
                actor=self.administrator,
                reason="Aftalt",
                above_capacity=above,
            )

    @rule(number=which, position=st.integers(1, 5))
    def move_in_line(self, number: int, position: int) -> None:
        if row := self.one(number, Status.WAITLISTED):
            self.attempt(
                waitlist.move_in_queue,
                row.pk,
                position=position,
                actor=self.administrator,
                reason="Aftalt",
            )

    @rule(number=which, method=st.sampled_from(["card", "invoice"]), above=st.booleans())
    def sign_up_on_behalf(self, number: int, method: str, above: bool) -> None:
        self.rules_hold.may_exceed = above
        self.attempt(
            signup.sign_up_on_behalf,
            self.form(number, method, 1, coming=False),
            actor=self.administrator,
            reason="Ringede",
            above_capacity=above,
        )

    @rule(number=which, by=st.sampled_from([-60, -20, 10, 90]))
    def move_meeting(self, number: int, by: int) -> None:
        """An editor publishes another date."""
        meeting = self.meeting(number)
        if meeting.starts_at and meeting.starts_at > timezone.now():
            meeting.starts_at += days(by)
            meeting.ends_at += days(by)
            meeting.save(update_fields=["starts_at", "ends_at"])

    @rule(number=which)
    def cancel_meeting(self, number: int) -> None:
        meeting = self.meeting(number)
        self.attempt(meetings.cancel_meeting, meeting.pk, actor=self.administrator, reason="Sygdom")

    # Money and time -------------------------------------------------------------------------------

    @rule(number=which)
    def pay(self, number: int) -> None:
        found = list(Charge.objects.filter(state=ChargeState.OPEN).order_by("created_at", "pk"))
        if found:
            self.attempt(bank.settle_outside_stripe, found[number % len(found)])

    @rule(passed=st.sampled_from([0.05, 0.6, 1.1, 4, 8, 35, 150]))
    def let_time_pass(self, passed: float) -> None:
        self.now.shift(days(passed))
        jobs.let_time_pass()
        for season in renewal.due_seasons(timezone.localdate()):
            renewal.run(season.pk)
        self.run_jobs("networks.fill_places")


@pytest.fixture
def at_the_start() -> Iterator[None]:
    with time_machine.travel(START, tick=False):
        yield


@pytest.mark.parametrize("tariff", TariffKind)
def test_whatever_happens_the_rules_hold(tariff, at_the_start, run_jobs):
    network, municipalities = make_world(tariff)
    facts = {
        "network_id": network.pk,
        "municipalities": municipalities,
        "administrator": Actor.by(make_user(superuser=True)),
        "run_jobs": staticmethod(run_jobs),
    }
    machine = type("MembershipsOfOneTariff", (Memberships,), facts)
    is_steady = settings().derandomize
    # A search goes on to the shortest way to what it has found; that takes minutes.
    phases = [Phase.explicit, Phase.generate, *([] if is_steady else [Phase.reuse, Phase.shrink])]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12 if is_steady else 400,
            stateful_step_count=25 if is_steady else 60,
            phases=phases,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
