"""A municipality is merged away while somebody signs up there: everybody gets an answer, and the
membership is the new municipality's."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cms import audit
from cms.audit import SYSTEM
from networks.models import Membership, Municipality, NetworkPage
from networks.rules.states import OPEN
from networks.services import lifecycle, mergers
from networks.services.application import Outcome
from networks.services.errors import NotPossible
from networks.services.mergers import Choice
from networks.services.transitions import lock_places
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)
from tests.factories.signups import application, apply

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old() -> Municipality:
    return MunicipalityFactory(name="Gammelby", mail_domains="gammelby.dk")


@pytest.fixture
def new() -> Municipality:
    return MunicipalityFactory(name="Nyby", mail_domains="nyby.dk")


def merge(old: Municipality, new: Municipality, **choices: Choice) -> Callable[[], Municipality]:
    return lambda: mergers.merge(
        old.pk, new.pk, choices=choices, actor=SYSTEM, reason="Sammenlægning"
    )


def no_surprises(results: list[Any]) -> None:
    surprises = [
        row for row in results if isinstance(row, Exception) and not isinstance(row, NotPossible)
    ]
    assert surprises == []


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("turn", range(3))
def test_signing_up_while_it_is_merged_leads_to_the_new_one(at_once, old, new, is_known, turn):
    """Known: the network has a membership of the old municipality, so that both lock its places."""
    network = make_network()
    if is_known:
        MembershipFactory(network=network, municipality=old, status="expired")
    results = at_once(lambda: apply(network, old, method="invoice"), merge(old, new))
    no_surprises(results)
    signed_up, merged = results
    assert (signed_up.outcome, merged) == (Outcome.CONFIRM_ADDRESS, new)
    membership = Membership.objects.get(pk=signed_up.membership.pk)
    assert (membership.municipality, membership.unit_key) == (new, f"municipality:{new.pk}")
    assert membership.contact.municipality == new
    assert not Membership.objects.filter(municipality=old).exists()


def held_up(
    network: NetworkPage,
    meanwhile: Callable[[], Any] = lambda: None,
    begun: threading.Event | None = None,
) -> Callable[[], None]:
    """Holds the network's places until the others have had time to come to them."""

    def hold() -> None:
        with transaction.atomic():
            lock_places(network)
            if begun:
                begun.set()
            threading.Event().wait(0.5)
            meanwhile()

    return hold


def test_a_form_that_was_read_before_the_merger_counts_for_the_new_one(old, new):
    network = make_network()
    read = application(network, old)
    merge(old, new)()
    membership = apply(network, read.municipality, email=read.email).membership
    assert membership.municipality == new
    assert membership.address_at_domain


@pytest.mark.parametrize("turn", range(3))
def test_both_get_an_open_membership_in_that_moment_and_nobody_an_error_page(
    at_once, old, new, turn
):
    """The old one is a member; the new one's sign-up is put in line while they are merged."""
    network = make_network(capacity=1)
    member = MembershipFactory(network=network, municipality=old)
    results = at_once(
        lambda: apply(network, new, method="invoice"), merge(old, new), held_up(network)
    )
    no_surprises(results)
    signed_up, merged = results[:2]
    assert signed_up.outcome in (Outcome.WAITLISTED, Outcome.JOIN_REQUESTED)
    if isinstance(merged, NotPossible):
        assert "Vælg, hvilket medlemskab" in merged.message
        choices = {network.pk: Choice(surviving=member.pk)}
        mergers.merge(old.pk, new.pk, choices=choices, actor=SYSTEM, reason="Sammenlægning")
    unit = Membership.objects.filter(network=network, unit_key=f"municipality:{new.pk}")
    assert unit.filter(status__in=OPEN).get() == member


def test_an_address_is_approved_and_its_domain_remembered_while_it_is_merged(at_once, old, new):
    waiting = MembershipFactory(
        network=make_network(),
        municipality=old,
        status="pending_approval",
        address_at_domain=False,
        accepted_net=700_000,
        with_buyer=True,
    )
    results = at_once(
        lambda: lifecycle.approve(waiting.pk, actor=SYSTEM, remember_domain=True), merge(old, new)
    )
    no_surprises(results)
    waiting.refresh_from_db()
    assert waiting.municipality == new
    assert audit.history(waiting).filter(action="membership.approved").exists()
    new.refresh_from_db()
    assert waiting.contact.email.rpartition("@")[2] in new.domains


def test_the_administrator_is_asked_about_a_member_of_that_moment_and_keeps_what_was_typed(
    at_once, home_page, old, new
):
    network = make_network()
    MembershipFactory(network=network, municipality=old)
    client, begun = Client(), threading.Event()
    client.force_login(make_user(superuser=True))
    address = f"{reverse('municipalities:merge', args=[old.pk])}?into={new.pk}"
    typed = {"reason": "Lov om sammenlægning", "confirmed": "on"}

    def post() -> Any:
        begun.wait(5)
        return client.post(address, typed)

    def join() -> None:
        MembershipFactory(network=network, municipality=new)

    answer = at_once(post, held_up(network, join, begun))[0]
    assert answer.status_code == 200
    assert f'name="surviving_{network.pk}"' in answer.text
    assert "Lov om sammenlægning" in answer.text
    assert Municipality.objects.get(pk=old.pk).merged_into is None
