"""Signing up: the first state, repetitions, eligibility, and what is stored."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks.models import (
    Answer,
    JoinRequest,
    Membership,
    Participant,
    Person,
    Question,
)
from networks.rules.eligibility import OrganisationKind, Verdict
from networks.rules.states import Status
from networks.services import confirmation, signup, terms
from networks.services.application import Outcome, ParticipantEntry
from networks.services.errors import NotPossible
from payments.models import Charge
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    coming_meetings,
    make_network,
    make_user,
    season,
)
from tests.factories.signups import application, applied, apply, elsewhere

pytestmark = pytest.mark.django_db

ADMINISTRATOR_REASON = "Aftalt i telefonen"


def administrator() -> audit.Actor:
    return audit.Actor.by(make_user(superuser=True))


def nothing_is_stored() -> bool:
    stored = (Membership, Person, Participant, Charge, Message, audit.AuditEntry)
    return not any(model.objects.exists() for model in stored)


class TestTheFirstState:
    def test_with_e_invoice_and_a_known_domain_it_is_unconfirmed_and_holds_a_place(self):
        network = make_network(capacity=1)
        result = apply(network)
        assert result.outcome == Outcome.CONFIRM_ADDRESS
        assert result.membership.state == Status.UNCONFIRMED
        assert terms.places_of(network).taken == 1

    def test_free_of_charge_it_is_unconfirmed_too(self):
        result = apply(make_network(free_of_charge=True))
        assert result.outcome == Outcome.CONFIRM_ADDRESS
        assert result.membership.first_season is None

    def test_at_another_domain_it_holds_no_place(self):
        network = make_network(capacity=1)
        result = apply(network, **elsewhere())
        assert result.outcome == Outcome.CONFIRM_ADDRESS
        assert terms.places_of(network).taken == 0

    def test_with_card_and_a_known_domain_it_awaits_payment_for_an_hour(self):
        before = timezone.now()
        result = apply(make_network(), method="card")
        membership = result.membership
        assert result.outcome == Outcome.PAY
        assert membership.state == Status.AWAITING_PAYMENT
        assert timedelta(0) <= membership.deadline - before - timedelta(hours=1) < timedelta(0, 60)
        assert membership.address_confirmed_at is None
        charge = Charge.objects.get(reference=audit.reference(membership))
        assert (charge.net, charge.vat, charge.gross) == (700_000, 175_000, 875_000)
        assert (charge.state, charge.method) == ("open", "card")

    def test_with_card_and_another_domain_it_is_unconfirmed(self):
        result = apply(make_network(), method="card", **elsewhere())
        assert result.membership.state == Status.UNCONFIRMED
        assert not Charge.objects.exists()

    @pytest.mark.parametrize("method", ["card", "invoice"])
    def test_without_a_place_it_is_waitlisted_whatever_the_method(self, method):
        network = make_network(capacity=1)
        MembershipFactory(network=network)
        result = apply(network, method=method)
        assert result.outcome == Outcome.WAITLISTED
        assert result.membership.state == Status.WAITLISTED
        assert result.membership.queued_at is not None
        assert not Charge.objects.exists()

    def test_a_free_place_goes_to_those_in_line_before_a_new_sign_up(self):
        network = make_network(capacity=1)
        MembershipFactory(network=network, status="waitlisted")
        assert apply(network).outcome == Outcome.WAITLISTED

    def test_who_can_not_be_offered_a_place_keeps_nobody_from_it(self):
        network = make_network(capacity=1)
        MembershipFactory(network=network, status="waitlisted", address_confirmed_at=None)
        assert apply(network).outcome == Outcome.CONFIRM_ADDRESS

    def test_an_unconfirmed_one_holds_its_place_for_24_hours_and_then_not(self):
        network = make_network(capacity=1)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            applied(network)
            clock.shift(timedelta(hours=23, minutes=59))
            assert apply(network).outcome == Outcome.WAITLISTED
            clock.shift(timedelta(minutes=1))
            assert terms.places_of(network).taken == 0

    def test_several_unconfirmed_of_one_unit_hold_one_place_together(self):
        network = make_network(capacity=2)
        municipality = MunicipalityFactory()
        for _turn in range(3):
            assert apply(network, municipality).membership.state == Status.UNCONFIRMED
        assert terms.places_of(network).taken == 1

    def test_an_unconfirmed_one_of_a_member_holds_none_beside_it(self):
        network = make_network(capacity=2)
        first, second = (applied(network, MunicipalityFactory()) for _turn in range(2))
        again = applied(network, first.municipality)
        confirmation.confirm(first.pk, accepted_net=LADDER[3])
        assert (again.state, second.state) == (Status.UNCONFIRMED, Status.UNCONFIRMED)
        assert terms.places_of(network).taken == 2


class TestRepetition:
    def test_the_same_form_sent_twice_gets_the_same_answer_and_does_nothing_twice(self):
        form = application(make_network())
        first, second = signup.sign_up(form), signup.sign_up(form)
        assert first == second
        assert Membership.objects.count() == Message.objects.count() == 1
        assert audit.AuditEntry.objects.count() == 1

    @pytest.mark.parametrize("method", ["card", "invoice"])
    def test_so_it_does_on_the_waiting_list_and_on_the_way_to_payment(self, method):
        network = make_network(capacity=None if method == "card" else 0)
        form = application(network, method=method)
        first, second = signup.sign_up(form), signup.sign_up(form)
        assert first == second
        assert Membership.objects.count() == Message.objects.count() == 1

    def test_the_contact_of_a_member_who_signs_up_again_gets_the_personal_link_once(self):
        form = application(make_network())
        membership = signup.sign_up(form).membership
        confirmation.confirm(membership.pk, accepted_net=LADDER[3])
        for _turn in range(2):
            assert signup.sign_up(form).outcome == Outcome.JOIN_REQUESTED
        assert Membership.objects.count() == 1
        assert not JoinRequest.objects.exists()
        assert Message.objects.filter(template="new_link").count() == 1

    def test_another_season_is_another_sign_up(self):
        this_year = season(name="I år")
        next_year = season(
            name="Næste år",
            starts_on=this_year.ends_on + timedelta(days=1),
            ends_on=this_year.ends_on + timedelta(days=365),
            opens_on=timezone.localdate(),
        )
        network = make_network(seasons=[this_year, next_year])
        form = application(network)
        later = network.seasons.get(name="Næste år")
        signup.sign_up(form)
        again = signup.sign_up(
            application(network, form.municipality, email=form.email, season_id=later.pk)
        )
        assert again.membership.first_season == later

    def test_a_colleague_of_a_member_asks_to_join_it_and_its_contact_is_told(self):
        network = make_network()
        member = MembershipFactory(network=network)
        result = apply(network, member.municipality, name="Bo Berg")
        assert (result.outcome, result.membership) == (Outcome.JOIN_REQUESTED, member)
        assert JoinRequest.objects.get().name == "Bo Berg"
        message = Message.objects.get()
        assert (message.template, message.to_email) == ("join_requested", member.contact.email)
        assert Membership.objects.count() == 1

    def test_asking_to_join_twice_is_one_request_and_one_mail(self):
        network = make_network()
        member = MembershipFactory(network=network)
        form = application(network, member.municipality)
        for _turn in range(2):
            assert signup.sign_up(form).outcome == Outcome.JOIN_REQUESTED
        assert JoinRequest.objects.count() == Message.objects.count() == 1

    def test_who_was_a_member_once_signs_up_anew(self):
        network = make_network()
        former = MembershipFactory(network=network, status="ended")
        result = apply(network, former.municipality)
        assert result.outcome == Outcome.CONFIRM_ADDRESS
        assert result.membership != former

    def test_persons_of_one_municipality_are_members_of_their_own(self):
        network = make_network(free_of_charge=True, unit="person")
        municipality = MunicipalityFactory()
        first, second = applied(network, municipality), applied(network, municipality)
        assert first.unit_key != second.unit_key
        assert terms.places_of(network).capacity is None


class TestEligibility:
    @pytest.mark.parametrize(
        "kind", [kind for kind in OrganisationKind if kind != OrganisationKind.MUNICIPALITY]
    )
    def test_who_is_no_municipality_is_refused_and_nothing_is_stored(self, kind):
        result = apply(make_network(), organisation=kind, organisation_name="Firma A/S")
        assert result.outcome == Outcome.REFUSED
        assert result.verdict == Verdict.NOT_A_MUNICIPALITY
        assert nothing_is_stored()

    def test_an_open_network_takes_any_organisation_without_approval(self):
        network = make_network(eligibility="open")
        result = apply(
            network, organisation=OrganisationKind.COMPANY, organisation_name="Firma A/S"
        )
        membership = result.membership
        assert membership.organisation == "Firma A/S"
        assert not membership.needs_approval

    def test_two_sign_ups_of_one_organisation_are_one_unit_however_its_name_is_written(self):
        network = make_network(eligibility="open")
        names = ["Firma A/S", "  firma a/s"]
        keys = {
            applied(network, organisation=OrganisationKind.COMPANY, organisation_name=name).unit_key
            for name in names
        }
        assert len(keys) == 1

    def test_a_network_by_invitation_refuses_who_has_none(self):
        result = apply(make_network(eligibility="invitation"))
        assert result.verdict == Verdict.NOT_INVITED
        assert nothing_is_stored()

    def test_an_invitation_stands_in_for_an_approval(self):
        network = make_network(eligibility="invitation")
        membership = applied(network, invited=True, **elsewhere())
        assert not membership.needs_approval

    def test_the_address_is_compared_trimmed_and_in_lower_case(self):
        municipality = MunicipalityFactory(mail_domains="proevekoebing.example")
        form = application(
            make_network(), municipality, email=" Anne@Kultur.PROEVEKOEBING.example "
        )
        membership = signup.sign_up(form).membership
        assert membership.contact.email == "anne@kultur.proevekoebing.example"
        assert membership.address_at_domain


class TestTheFormsPrice:
    def test_lower_than_shown_the_lower_is_kept_for_later(self):
        network = make_network(seasons=[season(meetings=coming_meetings(2))])
        membership = applied(network, method="card", accepted_net=LADDER[3])
        assert membership.price_net == LADDER[2]

    def test_higher_than_shown_a_new_yes_is_asked_and_nothing_is_stored(self):
        assert apply(make_network(), accepted_net=LADDER[2]).outcome == Outcome.PRICE_ROSE
        assert nothing_is_stored()

    def test_closed_when_the_season_has_no_meetings_left_and_nothing_is_stored(self):
        network = make_network(seasons=[season(meetings=[])])
        assert apply(network).outcome == Outcome.CLOSED
        assert nothing_is_stored()

    @pytest.mark.parametrize(
        "dates", [{"signup_opens_at": timedelta(days=1)}, {"signup_closes_at": timedelta(days=-1)}]
    )
    def test_closed_outside_the_editors_dates(self, dates):
        moments = {name: timezone.now() + distance for name, distance in dates.items()}
        assert apply(make_network(**moments)).outcome == Outcome.CLOSED
        assert nothing_is_stored()

    def test_a_season_of_another_network_can_not_be_joined(self):
        other = make_network().seasons.get()
        assert apply(make_network(), season_id=other.pk).outcome == Outcome.CLOSED


class TestWhatIsStored:
    def test_participants_without_meetings_are_standing_and_told_later(self):
        named = (ParticipantEntry("Bo Berg", "BO@x.dk", "Leder"), ParticipantEntry("C", "c@x.dk"))
        municipality = MunicipalityFactory(mail_domains="x.dk")
        membership = applied(make_network(), municipality, participants=named)
        rows = membership.participants.values_list("name", "email", "standing")
        assert list(rows) == [("Bo Berg", "bo@x.dk", True), ("C", "c@x.dk", True)]
        assert not Message.objects.filter(template="participant_named").exists()

    def test_a_colleague_at_neither_the_municipality_nor_the_applicants_domain_is_refused(self):
        stranger = (ParticipantEntry("Bo Berg", "bo@gmail.example"),)
        with pytest.raises(NotPossible):
            apply(make_network(), participants=stranger)
        assert not Membership.objects.exists()
        colleague = (ParticipantEntry("Bo Berg", "bo@institution.example"),)
        assert applied(make_network(), participants=colleague, **elsewhere()).participants.exists()

    def test_ordered_seats_have_numbers_and_no_more_are_sold_than_a_membership_may_send(self):
        municipality = MunicipalityFactory(mail_domains="x.dk")
        terms = season(tariff="per_person_per_meeting", price_per_person=100, seats_per_meeting=2)
        network = make_network(seasons=[terms])
        keys = (network.seasons.get().meetings.first().pk,)
        people = [ParticipantEntry(who, f"{who}@x.dk", "", keys) for who in ("a", "b", "c")]
        with pytest.raises(NotPossible):
            apply(network, municipality, participants=tuple(people), accepted_net=300)
        two = applied(network, municipality, participants=tuple(people[:2]), accepted_net=200)
        assert sorted(two.seats.values_list("number", flat=True)) == [1, 2]

    def test_answers_are_kept_with_their_questions(self):
        network = make_network()
        question = Question.objects.create(page=network, label="Kost?", purpose="Forplejning")
        applied(network, answers={question.pk: "Vegetar"})
        assert Answer.objects.get().value == "Vegetar"

    def test_a_form_does_not_overwrite_the_data_of_a_confirmed_person(self):
        network = make_network()
        known = MembershipFactory().contact
        known.confirmed_at = timezone.now()
        known.save()
        apply(network, MunicipalityFactory(), email=known.email, name="En anden")
        known.refresh_from_db()
        assert known.name != "En anden"

    def test_of_an_unconfirmed_person_the_last_word_counts(self):
        network, municipality = make_network(), MunicipalityFactory()
        first = applied(network, municipality, name="Ane")
        applied(make_network(), municipality, email=first.contact.email, name="Anne")
        assert Person.objects.get().name == "Anne"

    def test_the_history_says_that_a_visitor_signed_up_and_holds_none_of_the_data(self):
        membership = applied(make_network(), method="card", name="Anne Særlig")
        entries = list(audit.history(membership).order_by("pk"))
        assert [entry.action for entry in entries] == [
            "membership.signed_up",
            "membership.awaiting_payment",
        ]
        assert {entry.actor_kind for entry in entries} == {"visitor"}
        text = " ".join(f"{entry.data} {entry.reason}" for entry in entries)
        assert "Særlig" not in text
        assert membership.contact.email not in text


class TestOnBehalf:
    def on_behalf(self, network, **changes):
        above = changes.pop("above_capacity", False)
        return signup.sign_up_on_behalf(
            application(network, **changes),
            actor=administrator(),
            reason=changes.get("reason", ADMINISTRATOR_REASON),
            above_capacity=above,
        )

    def test_it_is_a_member_at_once_and_charged(self):
        result = self.on_behalf(make_network(), **elsewhere())
        membership = result.membership
        assert result.outcome == Outcome.ACCEPTED
        assert membership.state == Status.ACTIVE
        assert Charge.objects.get(reference=audit.reference(membership)).net == LADDER[3]
        entry = audit.history(membership).get(action="membership.signed_up_on_behalf")
        assert (entry.actor_kind, entry.reason) == ("user", ADMINISTRATOR_REASON)

    def test_by_card_it_has_three_days_to_pay(self):
        membership = self.on_behalf(make_network(), method="card").membership
        assert membership.state == Status.AWAITING_PAYMENT
        assert membership.deadline > timezone.now() + timedelta(days=2, hours=23)
        assert Message.objects.get().template == "approved_to_pay"

    def test_above_capacity_only_when_asked_for(self):
        network = make_network(capacity=0)
        with pytest.raises(NotPossible):
            self.on_behalf(network)
        assert not Membership.objects.exists()
        assert self.on_behalf(network, above_capacity=True).membership.state == Status.ACTIVE

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_not_without_a_reason(self, reason):
        with pytest.raises(NotPossible):
            signup.sign_up_on_behalf(
                application(make_network()), actor=administrator(), reason=reason
            )
        assert not Membership.objects.exists()

    def test_not_for_a_unit_that_is_a_member_already(self):
        network = make_network()
        member = MembershipFactory(network=network)
        with pytest.raises(NotPossible):
            self.on_behalf(network, municipality=member.municipality)

    def test_not_for_whom_the_network_is_not_meant(self):
        with pytest.raises(NotPossible):
            self.on_behalf(
                make_network(), organisation=OrganisationKind.STATE, organisation_name="Styrelsen"
            )
        assert not Membership.objects.exists()
