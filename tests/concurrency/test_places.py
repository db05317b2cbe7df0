"""Places under load: real threads, each with a connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks.models import JoinRequest, Membership, NetworkPage
from networks.rules.states import Status
from networks.services import confirmation, lifecycle, signup, terms, waitlist
from networks.services.application import Outcome
from networks.services.confirmation import Confirmed
from payments.models import Charge
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)
from tests.factories.signups import application, confirmed

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, PLACES = 200, 50


def crowd(calls: Iterable[Callable[[], Any]], *, at_a_time: int = 24) -> list[Any]:
    """The calls' results in their order, so many at a time, each thread with its connection."""
    calls = list(calls)
    results: list[Any] = [None] * len(calls)
    turns = iter(range(len(calls)))  # Taking the next of it is atomic.

    def work(_thread: int) -> None:
        try:
            for turn in turns:
                results[turn] = calls[turn]()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(at_a_time) as pool:
        list(pool.map(work, range(at_a_time)))
    return results


def states(network: NetworkPage) -> Counter[str]:
    return Counter(network.memberships.values_list("status", flat=True))


def line(network: NetworkPage) -> list[Any]:
    waiting = network.memberships.filter(status=Status.WAITLISTED)
    return list(waiting.order_by("queued_at", "signed_up_at", "pk"))


def test_of_two_hundred_for_fifty_places_fifty_get_one_and_the_rest_stand_in_line():
    network = make_network(unit="person", free_of_charge=True, capacity=PLACES)
    municipality = MunicipalityFactory()
    forms = [
        application(network, municipality, email=f"d{number}@{municipality.domains[0]}")
        for number in range(PEOPLE)
    ]
    results = crowd(lambda form=form: signup.sign_up(form) for form in forms)
    assert Counter(result.outcome for result in results) == {
        Outcome.CONFIRM_ADDRESS: PLACES,
        Outcome.WAITLISTED: PEOPLE - PLACES,
    }
    assert terms.places_of(network).taken == PLACES
    waiting = line(network)
    assert [row.signed_up_at for row in waiting] == sorted(row.signed_up_at for row in waiting)
    holding = network.memberships.holding(timezone.now())
    assert max(row.signed_up_at for row in holding) < min(row.signed_up_at for row in waiting)

    keys = [result.membership.pk for result in reversed(results)]
    outcomes = crowd(lambda key=key: confirmation.confirm(key, accepted_net=0)[0] for key in keys)
    assert Counter(outcomes) == {
        Confirmed.ACTIVE: PLACES,
        Confirmed.WAITLISTED: PEOPLE - PLACES,
    }
    assert states(network) == {"active": PLACES, "waitlisted": PEOPLE - PLACES}
    assert set(network.memberships.filter(status=Status.ACTIVE)) == set(holding)
    assert line(network) == waiting
    assert Message.objects.filter(template="welcome").count() == PLACES


@pytest.mark.parametrize("method", ["card", "invoice"])
def test_many_colleagues_at_once_make_one_membership_of_their_municipality(method):
    network, municipality = make_network(capacity=3), MunicipalityFactory()
    forms = [application(network, municipality, method=method) for _turn in range(16)]
    results = crowd(lambda form=form: signup.sign_up(form) for form in forms)
    if method == "invoice":
        assert {result.outcome for result in results} == {Outcome.CONFIRM_ADDRESS}
        crowd(
            lambda key=result.membership.pk: confirmation.confirm(key, accepted_net=LADDER[3])
            for result in results
        )
    assert Membership.objects.open().count() == 1
    assert JoinRequest.objects.count() == 15
    assert Charge.objects.count() == 1
    assert terms.places_of(network).taken == 1


def test_the_same_form_sent_many_times_at_once_is_one_sign_up():
    form = application(make_network())
    results = crowd([lambda: signup.sign_up(form)] * 12)
    assert len({result.membership.pk for result in results}) == 1
    assert Message.objects.count() == 1


def test_no_place_is_promised_twice_however_many_offer_them():
    network = make_network(free_of_charge=True, capacity=0)
    waiting = [confirmed(network) for _turn in range(10)]
    NetworkPage.objects.filter(pk=network.pk).update(capacity=5)
    user = audit.Actor.by(make_user(superuser=True))
    out_of_turn = waiting[8].pk
    crowd(
        [
            *[lambda: waitlist.fill_places(network.pk)] * 8,
            lambda: _attempt(lambda: waitlist.offer_place(out_of_turn, actor=user)),
        ]
    )
    assert states(network) == {"offered": 5, "waitlisted": 5}
    assert terms.places_of(NetworkPage.objects.get(pk=network.pk)).taken == 5
    in_turn = [row.pk for row in waiting if row.pk != out_of_turn]
    offered = set(network.memberships.filter(status="offered").values_list("pk", flat=True))
    assert offered - {out_of_turn} == set(in_turn[: len(offered - {out_of_turn})])
    assert Message.objects.filter(template="offered").count() == 5


def test_a_place_that_is_given_up_while_many_sign_up_goes_to_one(run_jobs):
    network = make_network(free_of_charge=True, capacity=2)
    leaving = [confirmed(network) for _turn in range(2)]
    forms = [application(network) for _turn in range(12)]
    crowd(
        [
            *(lambda form=form: signup.sign_up(form) for form in forms[:6]),
            *(lambda row=row: lifecycle.cancel(row.pk, actor=audit.VISITOR) for row in leaving),
            *(lambda form=form: signup.sign_up(form) for form in forms[6:]),
        ]
    )
    placed = network.memberships.holding(timezone.now()).count()
    assert placed <= 2
    keys = list(network.memberships.filter(status__in=["unconfirmed", "waitlisted"]))
    crowd(lambda row=row: confirmation.confirm(row.pk, accepted_net=0) for row in keys)
    run_jobs("networks.fill_places")
    assert terms.places_of(network).taken == 2
    assert len(line(network)) == 10


def _attempt(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whoever comes too late is told so
        return error


def test_offers_accepted_and_lapsing_at_once_end_in_one_of_the_two(at_once):
    network = make_network(free_of_charge=True, capacity=4)
    for _turn in range(6):
        membership = MembershipFactory(
            network=network,
            status="offered",
            accepted_net=0,
            deadline=timezone.now() + timedelta(milliseconds=30),
        )
        at_once(
            lambda key=membership.pk: confirmation.accept(key, accepted_net=0),
            lambda key=membership.pk: lifecycle.expire_if_due(key),
            lambda key=membership.pk: lifecycle.withdraw(key, actor=audit.VISITOR),
        )
        membership.refresh_from_db()
        assert membership.status in ("active", "withdrawn", "expired")


class Watch:
    """Counts the places taken in a network, over and over, beside what is done to them."""

    def __init__(self, network: NetworkPage) -> None:
        self.network = network
        self.most = 0
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.is_set():
            self.most = max(self.most, terms.places_of(self.network).taken)
            self.looks += 1
        connections.close_all()

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


def test_freed_accepted_and_lapsed_at_once_promises_no_place_twice_and_overtakes_nobody():
    network = make_network(free_of_charge=True, capacity=10)
    placed = [confirmed(network) for _turn in range(10)]
    waiting = [confirmed(network) for _turn in range(30)]
    forms = [application(network) for _turn in range(4)]
    fill = [lambda: waitlist.fill_places(network.pk)] * 5
    with Watch(network) as watch:
        for turn in range(4):
            offered = list(network.memberships.filter(status=Status.OFFERED).order_by("queued_at"))
            late = timezone.now() - timedelta(seconds=1)
            lapsing = offered[: len(offered) // 2]
            Membership.objects.filter(pk__in=[row.pk for row in lapsing]).update(deadline=late)
            leaving = placed[turn * 2 : turn * 2 + 2]
            crowd(
                [
                    *(
                        lambda row=row: lifecycle.cancel(row.pk, actor=audit.VISITOR)
                        for row in leaving
                    ),
                    *(lambda row=row: lifecycle.expire_if_due(row.pk) for row in lapsing * 2),
                    *(
                        lambda row=row: confirmation.accept(row.pk, accepted_net=0)
                        for row in offered
                        if row not in lapsing
                    ),
                    lambda form=forms[turn]: signup.sign_up(form),
                    *fill,
                ],
                at_a_time=20,
            )
    assert watch.looks > 10
    assert watch.most == 10
    waitlist.fill_places(network.pk)
    assert terms.places_of(network).taken == 10
    told = audit.AuditEntry.objects.filter(action="membership.offered").order_by("pk")
    in_turn = [audit.reference(row) for row in waiting]
    assert list(told.values_list("subject", flat=True)) == in_turn[: told.count()]
    assert told.count() > 8
