"""People × meetings ordered with a sign-up, where the venue holds only so many."""

import pytest

from cms import audit
from networks.models import Meeting, Membership, NetworkPage
from networks.rules.states import Status
from networks.services import confirmation, signup, waitlist
from networks.services.application import Outcome, ParticipantEntry
from networks.services.errors import NotPossible
from tests.factories.networks import make_network, make_user, season
from tests.factories.signups import application

pytestmark = pytest.mark.django_db

PRICE = 100_000


@pytest.fixture
def network() -> NetworkPage:
    terms = season(tariff="per_person_per_meeting", price_per_person=PRICE, seats_per_meeting=None)
    network = make_network(seasons=[terms])
    Meeting.objects.filter(season__page=network).update(capacity=3)
    return network


def order(network: NetworkPage, people: int, number: int = 0, **changes: object) -> Membership:
    """So many people at one meeting."""
    meeting = Meeting.objects.filter(season__page=network).order_by("starts_at")[number]
    form = application(network, accepted_net=people * PRICE, **changes)
    domain = form.municipality.domains[0]
    entries = tuple(
        ParticipantEntry(f"Kollega {at}", f"k{at}@{domain}", meeting_ids=(meeting.pk,))
        for at in range(people)
    )
    return application(
        network, form.municipality, participants=entries, accepted_net=people * PRICE, **changes
    )


def states(*rows: Membership) -> list[str]:
    stored = dict(Membership.objects.values_list("pk", "status"))
    return [stored[row.pk] for row in rows]


def people_at(membership: Membership) -> int:
    return membership.seats.current().count()


def test_more_than_the_venue_holds_are_not_signed_up_and_nothing_is_stored(network):
    assert signup.sign_up(order(network, 2)).outcome == Outcome.CONFIRM_ADDRESS
    assert signup.sign_up(order(network, 2)).outcome == Outcome.MEETING_FULL
    assert Membership.objects.count() == 1
    assert signup.sign_up(order(network, 2, number=1)).outcome == Outcome.CONFIRM_ADDRESS
    assert signup.sign_up(order(network, 1)).outcome == Outcome.CONFIRM_ADDRESS


def test_an_administrator_goes_above_it_only_when_asked_for(network):
    actor = audit.Actor.by(make_user(superuser=True))
    form = order(network, 4)
    with pytest.raises(NotPossible):
        signup.sign_up_on_behalf(form, actor=actor, reason="Ringede")
    result = signup.sign_up_on_behalf(form, actor=actor, reason="Ringede", above_capacity=True)
    assert people_at(result.membership) == 4


def test_seats_that_were_filled_while_it_held_no_place_are_not_owed(network):
    """An address at another domain holds nothing until it is confirmed."""
    late = signup.sign_up(order(network, 2, email="a@institution.example")).membership
    quick = signup.sign_up(order(network, 2)).membership
    confirmation.confirm(quick.pk, accepted_net=2 * PRICE)
    confirmation.confirm(late.pk, accepted_net=2 * PRICE)
    assert states(quick, late) == ["active", "pending_approval"]
    assert people_at(late) == 1
    assert audit.history(late).filter(action="seats.released").exists()


def test_an_offer_is_for_the_seats_that_are_left(network):
    waiting = signup.sign_up(order(network, 3)).membership
    Membership.objects.filter(pk=waiting.pk).update(
        status=Status.WAITLISTED, queued_at=waiting.signed_up_at, holds_until=None
    )
    quick = signup.sign_up(order(network, 2)).membership
    confirmation.confirm(quick.pk, accepted_net=2 * PRICE)
    confirmation.confirm(waiting.pk, accepted_net=3 * PRICE)
    waitlist.fill_places(network.pk)
    assert people_at(waiting) == 1
    _outcome, accepted = confirmation.accept(waiting.pk, accepted_net=3 * PRICE)
    assert (accepted.state, accepted.price_net) == (Status.ACTIVE, PRICE)
