"""Extra participants and people at meetings sold one by one: a yes to the price, a charge of its
own, and a credit for what is given back in time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms import audit
from cms.audit import VISITOR, Actor, reference
from cms.messages.models import Message
from networks.models import Meeting, Membership, Participant, Seat
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.services import lifecycle, participants, paying, seats
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from networks.services.extras import PriceToAccept
from payments.models import Charge, ChargeState, Payment, PaymentMethod
from payments.services import bank
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)
from tests.factories.signups import confirmed

pytestmark = pytest.mark.django_db
EXTRA = 150_000
PER_PERSON = TariffKind.PER_PERSON_PER_MEETING.value


def member(**terms: object) -> Membership:
    """Of a municipality at aarup.dk, two of whose people stand at each of three meetings."""
    network = make_network(seasons=[season(**{"extra_price": EXTRA, **terms})])
    membership = MembershipFactory(
        network=network, municipality=MunicipalityFactory(mail_domains="aarup.dk"), with_buyer=True
    )
    if "tariff" not in terms:
        name(membership, "Bo")
        name(membership, "Eva")
    return membership


def name(membership: Membership, who: str, *meetings: int, **yes: object) -> Participant:
    keys = tuple(meeting(number).pk for number in meetings)
    entry = ParticipantEntry(who, f"{who.lower()}@aarup.dk", "", keys)
    return participants.name(membership.pk, entry, **{"actor": VISITOR, **yes})


def meeting(number: int) -> Meeting:
    return Meeting.objects.get(title=f"Møde {number}")


def yes(net: int = EXTRA) -> dict[str, object]:
    return {"as_extra": True, "accepted_net": net}


def give_back(membership: Membership, participant: Participant, number: int, **who: object) -> None:
    participants.give_back(
        membership.pk,
        meeting(number).pk,
        participant_id=participant.pk,
        **{"actor": VISITOR, **who},
    )


def charges(membership: Membership) -> list[Charge]:
    return list(Charge.objects.filter(reference=reference(membership)).order_by("created_at"))


class TestAnExtraAtAMeeting:
    def test_is_offered_at_its_price_and_nothing_happens_without_a_yes(self):
        membership = member()
        with pytest.raises(PriceToAccept) as offered:
            name(membership, "Ib", 2)
        assert (offered.value.net, offered.value.is_extra) == (EXTRA, True)
        assert "1.500" in offered.value.message
        assert "1.875" in offered.value.message
        assert not Participant.objects.filter(name="Ib").exists()
        assert charges(membership) == []

    def test_accepted_it_stands_at_once_with_an_open_charge_of_its_own(self):
        membership = member()
        ib = name(membership, "Ib", 2, **yes())
        seat = ib.seats.get()
        (charge,) = charges(membership)
        assert (seat.is_extra, seat.number, seat.charge_key) == (True, None, charge.key)
        assert (charge.net, charge.vat, charge.gross) == (150_000, 37_500, 187_500)
        assert (charge.state, charge.method) == (ChargeState.OPEN, PaymentMethod.INVOICE)
        line = charge.lines.get()
        assert "Ib" in line.description
        assert "Møde 2" in line.description
        day = timezone.localtime(meeting(2).starts_at).date()
        assert (charge.period_start, charge.period_end) == (day, day)
        assert charge.buyer_gln == membership.buyer_gln

    def test_a_price_that_has_risen_since_it_was_shown_is_shown_again(self):
        membership = member()
        with pytest.raises(PriceToAccept):
            name(membership, "Ib", 2, **yes(EXTRA - 1))
        assert charges(membership) == []

    def test_a_yes_to_the_price_alone_is_no_yes_to_an_extra(self):
        membership = member()
        with pytest.raises(PriceToAccept):
            name(membership, "Ib", 2, accepted_net=EXTRA)

    def test_where_the_season_has_no_price_it_is_refused(self):
        membership = member(extra_price=None)
        with pytest.raises(NotPossible) as refused:
            name(membership, "Ib", 2, **yes())
        assert not isinstance(refused.value, PriceToAccept)

    def test_pressed_twice_it_is_charged_once(self):
        membership = member()
        name(membership, "Ib", 2, **yes())
        name(membership, "Ib", 2, **yes())
        assert len(charges(membership)) == 1

    def test_at_a_full_venue_no_price_helps(self):
        membership = member()
        Meeting.objects.filter(pk=meeting(2).pk).update(capacity=2)
        with pytest.raises(NotPossible, match="Møde 2"):
            name(membership, "Ib", 2, **yes())

    def test_a_free_seat_is_taken_before_an_extra(self):
        membership = member()
        give_back(membership, Participant.objects.get(name="Bo"), 2)
        ib = name(membership, "Ib", 2, **yes())
        assert (ib.seats.get().number, charges(membership)) == (1, [])

    def test_given_back_before_the_deadline_its_charge_is_credited(self):
        membership = member()
        give_back(membership, name(membership, "Ib", 2, **yes()), 2)
        assert [charge.state for charge in charges(membership)] == [ChargeState.CREDITED]

    def test_given_back_after_the_deadline_its_charge_stands(self):
        membership = member()
        ib = name(membership, "Ib", 2, **yes())
        soon = timezone.now() + timedelta(hours=5)
        Meeting.objects.filter(pk=meeting(2).pk).update(starts_at=soon)
        staff = {"actor": Actor.by(make_user(superuser=True)), "reason": "Ill."}
        give_back(membership, ib, 2, **staff)
        assert [charge.state for charge in charges(membership)] == [ChargeState.OPEN]
        # The charge that stands is not made again when they come after all.
        name(membership, "Ib", 2, **staff)
        assert len(charges(membership)) == 1
        assert ib.seats.current().get().is_extra

    def test_named_again_after_a_credit_it_is_a_new_charge(self):
        membership = member()
        give_back(membership, name(membership, "Ib", 2, **yes()), 2)
        with pytest.raises(PriceToAccept):
            name(membership, "Ib", 2)
        ib = name(membership, "Ib", 2, **yes())
        first, second = charges(membership)
        assert (first.state, second.state) == (ChargeState.CREDITED, ChargeState.OPEN)
        assert ib.seats.get().charge_key == second.key

    def test_swapped_the_charge_goes_on_with_the_seat(self):
        membership = member()
        ib = name(membership, "Ib", 2, **yes())
        ea = participants.swap(
            membership.pk,
            meeting(2).pk,
            leaving=ib.pk,
            entry=ParticipantEntry("Ea", "ea@aarup.dk"),
            actor=VISITOR,
        )
        (charge,) = charges(membership)
        assert charge.state == ChargeState.OPEN
        assert ea.seats.get().charge_key == charge.key
        give_back(membership, ea, 2)
        assert charges(membership)[0].state == ChargeState.CREDITED

    def test_taken_off_all_that_is_ahead_is_credited(self):
        membership = member()
        ib = name(membership, "Ib", 2, 3, **yes(2 * EXTRA))
        participants.take_off(membership.pk, ib.pk, actor=VISITOR)
        assert {charge.state for charge in charges(membership)} == {ChargeState.CREDITED}

    def test_after_a_cancellation_extras_beyond_the_last_day_are_credited(self):
        membership = member()
        name(membership, "Ib", 1, 3, **yes(2 * EXTRA))
        seats.release_after(membership, timezone.localdate() + timedelta(weeks=5))
        assert [charge.state for charge in charges(membership)] == [
            ChargeState.OPEN,
            ChargeState.CREDITED,
        ]

    def test_when_the_membership_has_ended_the_extra_that_came_is_still_owed(self):
        membership = member()
        name(membership, "Ib", 1, **yes())
        past = timezone.now() - timedelta(days=2)
        Meeting.objects.filter(pk=meeting(1).pk).update(starts_at=past)
        Membership.objects.filter(pk=membership.pk).update(
            cancelled_at=past, ends_on=timezone.localdate() - timedelta(days=1)
        )
        lifecycle.end_if_due(membership.pk)
        assert charges(membership)[0].state == ChargeState.OPEN


class TestAnExtraForASeason:
    def test_is_one_charge_for_all_its_meetings(self):
        membership = member(extra_scope="season")
        with pytest.raises(PriceToAccept):
            name(membership, "Ib")
        ib = name(membership, "Ib", **yes())
        (charge,) = charges(membership)
        assert charge.net == EXTRA
        assert charge.period_end == membership.first_season.ends_on
        assert set(ib.seats.values_list("is_extra", "charge_key")) == {(True, charge.key)}
        assert ib.seats.count() == 3

    def test_a_meeting_published_later_is_covered_too(self):
        membership = member(extra_scope="season")
        ib = name(membership, "Ib", **yes())
        start = timezone.now() + timedelta(weeks=20)
        Meeting.objects.create(
            season=membership.first_season, title="Nyt", starts_at=start, ends_at=start
        )
        seats.take_standing(membership)
        assert ib.seats.current().count() == 4
        assert len(charges(membership)) == 1

    def test_is_not_sold_by_the_meeting(self):
        membership = member(extra_scope="season")
        with pytest.raises(NotPossible) as refused:
            name(membership, "Ib", 2, **yes())
        assert not isinstance(refused.value, PriceToAccept)

    def test_given_back_at_one_meeting_it_stands_and_at_all_it_is_credited(self):
        membership = member(extra_scope="season")
        ib = name(membership, "Ib", **yes())
        give_back(membership, ib, 1)
        assert charges(membership)[0].state == ChargeState.OPEN
        participants.take_off(membership.pk, ib.pk, actor=VISITOR)
        assert charges(membership)[0].state == ChargeState.CREDITED

    def test_taken_off_after_the_first_meeting_it_stands(self):
        membership = member(extra_scope="season")
        ib = name(membership, "Ib", **yes())
        past = timezone.now() - timedelta(days=2)
        Meeting.objects.filter(pk=meeting(1).pk).update(starts_at=past)
        participants.take_off(membership.pk, ib.pk, actor=VISITOR)
        assert charges(membership)[0].state == ChargeState.OPEN


class TestPerPersonPerMeeting:
    def signed_up(self) -> Membership:
        """Three people at two meetings each."""
        network = make_network(
            seasons=[season(tariff=PER_PERSON, price_per_person=EXTRA, seats_per_meeting=None)]
        )
        keys = (meeting(1).pk, meeting(2).pk)
        people = tuple(
            ParticipantEntry(who, f"{who.lower()}@aarup.dk", "", keys)
            for who in ("Bo", "Eva", "Ib")
        )
        return confirmed(
            network,
            MunicipalityFactory(mail_domains="aarup.dk"),
            participants=people,
            accepted_net=900_000,
        )

    def test_three_people_at_two_meetings_are_lines_of_one_charge(self):
        membership = self.signed_up()
        (charge,) = charges(membership)
        assert (charge.net, charge.gross) == (900_000, 1_125_000)
        assert list(charge.lines.values_list("quantity", "unit_price")) == [(3, EXTRA), (3, EXTRA)]
        assert set(Seat.objects.values_list("charge_key", flat=True)) == {charge.key}

    def test_a_later_one_is_a_charge_of_its_own_after_a_yes(self):
        membership = self.signed_up()
        with pytest.raises(PriceToAccept) as offered:
            name(membership, "Ea", 2)
        assert (offered.value.net, offered.value.is_extra) == (EXTRA, False)
        ea = name(membership, "Ea", 2, accepted_net=EXTRA)
        added = charges(membership)[1]
        assert (added.net, added.state) == (EXTRA, ChargeState.OPEN)
        assert not ea.seats.get().is_extra

    def test_one_given_back_in_time_is_taken_off_the_first_charge(self):
        membership = self.signed_up()
        give_back(membership, Participant.objects.get(name="Bo"), 2)
        (charge,) = charges(membership)
        assert (charge.state, charge.credited) == (ChargeState.OPEN, 187_500)
        # Coming after all is an addition, paid for anew.
        with pytest.raises(PriceToAccept):
            name(membership, "Bo", 2)
        name(membership, "Bo", 2, accepted_net=EXTRA)
        give_back(membership, Participant.objects.get(name="Bo"), 2)
        first, second = charges(membership)
        assert (first.credited, second.state) == (187_500, ChargeState.CREDITED)

    def test_all_given_back_the_first_charge_is_credited_whole(self):
        membership = self.signed_up()
        for participant in Participant.objects.all():
            participants.take_off(membership.pk, participant.pk, actor=VISITOR)
        (charge,) = charges(membership)
        assert (charge.state, charge.credited) == (ChargeState.CREDITED, charge.gross)

    def test_standing_costs_nothing_since_it_gives_no_seats(self):
        membership = self.signed_up()
        assert name(membership, "Ea").seats.count() == 0
        assert len(charges(membership)) == 1


class TestPaying:
    def by_card(self) -> tuple[Membership, Charge]:
        membership = member()
        Membership.objects.filter(pk=membership.pk).update(method=PaymentMethod.CARD)
        name(membership, "Ib", 2, **yes())
        return membership, charges(membership)[0]

    def test_an_extra_by_card_paid_changes_no_state_and_tells_nobody_that_it_came_too_late(self):
        membership, charge = self.by_card()
        bank.settle_outside_stripe(charge)
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE
        assert audit.history(membership).filter(action="charge.paid").exists()
        assert not audit.history(membership).filter(action="membership.active").exists()

    def test_another_memberships_charge_can_not_be_paid_here(self):
        _membership, charge = self.by_card()
        other = MembershipFactory()
        with pytest.raises(NotPossible):
            paying.begin_charge_payment(other.pk, charge.pk, return_url="https://x.example/")

    def test_changed_to_e_invoice_the_membership_keeps_its_own_method(self):
        membership, charge = self.by_card()
        buyer = {**membership.buyer(), "order_number": "4711"}
        paying.charge_to_invoice(membership.pk, charge.pk, buyer=buyer, actor=VISITOR)
        charge.refresh_from_db()
        membership.refresh_from_db()
        assert (charge.method, charge.order_number) == (PaymentMethod.INVOICE, "4711")
        assert membership.method == PaymentMethod.CARD
        with pytest.raises(NotPossible):
            paying.begin_charge_payment(membership.pk, charge.pk, return_url="https://x.example/")

    def test_paid_on_the_hosted_page_the_membership_is_as_active_as_before(self, stripe):
        membership, charge = self.by_card()
        back = "https://example.org/betaling/"
        paying.begin_charge_payment(membership.pk, charge.pk, return_url=back)
        payment = Payment.objects.get(charge=charge)
        stripe.pay(payment.session_id)
        paying.ask_stripe(membership)
        charge.refresh_from_db()
        membership.refresh_from_db()
        assert (charge.state, membership.state) == (ChargeState.PAID, Status.ACTIVE)
        assert not Message.objects.filter(template="paid_too_late").exists()
