"""A charge made out anew: season, seats and buyer of the membership follow it."""

import pytest

from cms.audit import SYSTEM
from networks.models import Membership, SeasonEntry, Seat
from networks.rules.pricing import TariffKind
from networks.services import season_fees
from payments.models import Charge, ChargeState
from payments.services import crediting, ledger
from payments.services.ordering import create_charges
from payments.services.reissue import credit_and_reissue
from tests.factories.networks import MembershipFactory, ParticipantFactory, make_network, season
from tests.factories.signups import confirmed

pytestmark = pytest.mark.django_db


def corrected(charge: Charge, **changes: str) -> Charge:
    buyer = {**charge.buyer(), **changes}
    return credit_and_reissue(charge, buyer=buyer, reason="Forkert", actor=SYSTEM)


def test_the_entry_of_the_season_is_paid_for_by_the_new_charge() -> None:
    membership = confirmed(make_network())
    entry = SeasonEntry.objects.get(membership=membership)
    new = corrected(Charge.objects.get(), order_number="4711")
    entry.refresh_from_db()
    assert entry.charge_key == new.key
    season_fees.credit_entries([entry], reason="Udmeldt")
    new.refresh_from_db()
    assert new.state == ChargeState.CREDITED
    assert list(ledger.differences()) == []


def test_the_membership_stands_and_remembers_the_corrected_buyer() -> None:
    membership = confirmed(make_network())
    before = membership.state
    corrected(Charge.objects.get(), order_number="4711", buyer_street="Nygade 2")
    membership.refresh_from_db()
    assert (membership.order_number, membership.buyer_street) == ("4711", "Nygade 2")
    assert membership.state == before


def seat_paid_by(charge: Charge, membership: Membership, number: int) -> Seat:
    meeting = membership.network.seasons.get().meetings.order_by("pk")[number]
    participant = ParticipantFactory(membership=membership)
    return Seat.objects.create(
        membership=membership, participant=participant, meeting=meeting, charge_key=charge.key
    )


def test_seats_follow_except_those_that_were_credited() -> None:
    network = make_network(
        seasons=[season(tariff=TariffKind.PER_PERSON_PER_MEETING.value, price_per_person=300_000)]
    )
    membership = MembershipFactory(network=network, with_buyer=True)
    from_signup = season_fees.season_order(
        membership, network.seasons.get(), net=600_000, key=f"membership:{membership.pk}:season:1:1"
    )
    [charge] = create_charges([from_signup])
    kept, given_back = (seat_paid_by(charge, membership, number) for number in range(2))
    crediting.credit_part(
        charge, net=300_000, key=f"seat:{charge.pk}:{given_back.pk}", reason="Frigivet"
    )
    new = corrected(charge, order_number="4711")
    kept.refresh_from_db()
    given_back.refresh_from_db()
    assert (kept.charge_key, given_back.charge_key) == (new.key, charge.key)
    assert new.net == 300_000
