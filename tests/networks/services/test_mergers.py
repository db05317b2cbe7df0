"""Municipalities that merge: what moves, what is chosen, what is credited, who is told."""

from datetime import date

import pytest
import time_machine

from cms import audit
from cms.messages.models import Message
from networks.models import Municipality
from networks.rules.states import OPEN, Status
from networks.services import mergers, renewal
from networks.services.errors import NotPossible
from networks.services.mergers import Choice, CreditChoice
from payments.models import Charge, ChargeState
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
    on_day,
)
from tests.factories.signups import applied, confirmed
from tests.networks.services.test_renewal import CHARGED, announce_and_charge, member, two_years

pytestmark = pytest.mark.django_db
REASON = "Kommunesammenlægning"


@pytest.fixture
def administrator():
    return audit.Actor.by(make_user(superuser=True))


@pytest.fixture
def old():
    return MunicipalityFactory(name="Gammelby", mail_domains="gammelby.dk\nmuseet.dk")


@pytest.fixture
def new():
    return MunicipalityFactory(name="Nyby", mail_domains="nyby.dk\nmuseet.dk")


def merge(old, new, actor, **choices):
    return mergers.merge(
        old.pk, new.pk, choices=choices.get("choices", {}), actor=actor, reason=REASON
    )


class TestWithoutConflict:
    def test_memberships_in_all_states_move_with_their_history(self, old, new, administrator):
        rows = [
            MembershipFactory(network=make_network(), municipality=old, status=status)
            for status in Status
        ]
        for row in rows:
            audit.record(actor=administrator, action="membership.signed_up", subject=row)
        merge(old, new, administrator)
        for row in rows:
            status = row.status
            row.refresh_from_db()
            assert (row.municipality, row.status) == (new, status)
            assert row.unit_key == f"municipality:{new.pk}"
            moved, signed_up = audit.history(row)
            assert (moved.action, moved.reason) == ("membership.municipality_merged", REASON)
            assert moved.data == {"before": old.pk, "after": new.pk}
            assert signed_up.action == "membership.signed_up"

    def test_a_persons_membership_stays_the_persons(self, old, new, administrator):
        network = make_network(unit="person")
        row = MembershipFactory(network=network, municipality=old)
        key = row.unit_key
        merge(old, new, administrator)
        row.refresh_from_db()
        assert (row.municipality, row.unit_key) == (new, key)

    def test_people_move(self, old, new, administrator):
        person = PersonFactory(municipality=old)
        merge(old, new, administrator)
        person.refresh_from_db()
        assert person.municipality == new
        assert audit.history(person).get().user == administrator.user

    def test_the_old_ones_addresses_count_at_the_new_one(self, old, new, administrator):
        merge(old, new, administrator)
        new.refresh_from_db()
        old.refresh_from_db()
        assert new.domains == ["nyby.dk", "museet.dk", "gammelby.dk"]
        assert old.merged_into == new
        assert old.current == new
        signed_up = applied(make_network(), new, email="anne@gammelby.dk")
        assert signed_up.address_at_domain
        for municipality in (old, new):
            assert audit.history(municipality).get().reason == REASON

    def test_a_colleague_of_the_old_one_meets_the_membership_that_moved(
        self, old, new, administrator
    ):
        network = make_network()
        membership = confirmed(network, old)
        merge(old, new, administrator)
        applied_again = applied(network, new, email="bo@gammelby.dk", method="invoice")
        assert applied_again.unit_key == type(membership).objects.get(pk=membership.pk).unit_key

    def test_it_can_be_done_once_and_not_into_itself_nor_into_one_that_is_gone(
        self, old, new, administrator
    ):
        with pytest.raises(NotPossible):
            merge(old, old, administrator)
        merge(old, new, administrator)
        for pair in ((old, new), (MunicipalityFactory(), old)):
            with pytest.raises(NotPossible):
                merge(*pair, administrator)


class TestBothAreMembers:
    @pytest.fixture
    def both(self, old, new):
        """Both are charged for 2026 and 2027."""
        network = two_years()
        with time_machine.travel(on_day(date(2026, 1, 10)), tick=False):
            pair = confirmed(network, old), confirmed(network, new)
        announce_and_charge(network)
        return pair

    def merge(self, old, new, administrator, surviving, **facts):
        choices = {surviving.network_id: Choice(surviving.pk, **facts)}
        with time_machine.travel(on_day(CHARGED), tick=False):
            merge(old, new, administrator, choices=choices)

    @pytest.mark.parametrize("keeps", [0, 1])
    def test_the_chosen_one_goes_on_and_the_other_has_ended(
        self, both, old, new, administrator, keeps
    ):
        surviving, ending = both[keeps], both[1 - keeps]
        self.merge(old, new, administrator, surviving)
        surviving.refresh_from_db()
        ending.refresh_from_db()
        assert (surviving.state, ending.state) == (Status.ACTIVE, Status.ENDED)
        assert surviving.unit_key == ending.unit_key == f"municipality:{new.pk}"
        actions = [entry.action for entry in audit.history(ending)]
        assert "membership.ended" in actions
        assert audit.history(ending).filter(reason=REASON).exists()
        message = Message.objects.get(template="municipality_merged")
        assert message.to_email == ending.contact.email
        assert surviving.contact.email in message.body

    @pytest.mark.parametrize(
        ("credit", "years"),
        [
            (CreditChoice.NOTHING, []),
            (CreditChoice.COMING, [2027]),
            (CreditChoice.RUNNING, [2026, 2027]),
        ],
    )
    def test_what_was_chosen_is_credited_of_the_one_that_ends(
        self, both, old, new, administrator, credit, years
    ):
        ending, surviving = both
        self.merge(old, new, administrator, surviving, credit=credit)
        credited = Charge.objects.filter(state=ChargeState.CREDITED).order_by("period_end")
        assert [charge.period_end.year for charge in credited] == years
        assert {charge.reference for charge in credited} <= {audit.reference(ending)}

    def test_participants_come_on_the_one_that_goes_on(self, both, old, new, administrator):
        ending, surviving = both
        moved = ParticipantFactory(membership=ending)
        twice = ParticipantFactory(membership=ending, email="begge@proevekoebing.example")
        ParticipantFactory(membership=surviving, email=twice.email)
        self.merge(old, new, administrator, surviving)
        emails = sorted(surviving.participants.values_list("email", flat=True))
        assert emails == sorted([moved.email, twice.email])
        assert not ending.participants.filter(left_at=None).exists()
        taken = surviving.participants.get(email=moved.email).seats.current()
        assert taken.filter(meeting__season__name="2027").exists()

    def test_or_stay_where_they_were(self, both, old, new, administrator):
        ending, surviving = both
        ParticipantFactory(membership=ending)
        self.merge(old, new, administrator, surviving, move_participants=False)
        assert not surviving.participants.exists()

    def test_without_a_choice_nothing_happens(self, both, old, new, administrator):
        stranger = Choice(MembershipFactory().pk)
        for choices in ({}, {both[0].network_id: stranger}):
            with pytest.raises(NotPossible):
                merge(old, new, administrator, choices=choices)
        assert Municipality.objects.get(pk=old.pk).merged_into is None
        assert {row.refresh_from_db() or row.state for row in both} == {Status.ACTIVE}

    def test_the_year_change_goes_on_for_the_one_alone(self, both, old, new, administrator):
        _ending, surviving = both
        self.merge(old, new, administrator, surviving)
        with time_machine.travel(on_day(CHARGED), tick=False):
            season = surviving.network.seasons.get(name="2027")
            assert renewal.run(season.pk).charged == 0

    def test_a_sign_up_that_is_not_active_is_withdrawn_and_its_charge_credited(
        self, old, new, administrator
    ):
        network = make_network()
        ending, surviving = applied(network, old, method="card"), confirmed(network, new)
        assert ending.state in OPEN
        merge(old, new, administrator, choices={network.pk: Choice(surviving.pk)})
        ending.refresh_from_db()
        assert ending.state == Status.WITHDRAWN
        charge = Charge.objects.get(reference=audit.reference(ending))
        assert charge.state == ChargeState.CREDITED


def test_the_preview_changes_nothing(old, new):
    network = two_years()
    both = [member(network, municipality=each) for each in (old, new)]
    merger = mergers.preview(old, new)
    assert [row.pk for row in merger.memberships] == [both[0].pk]
    assert [(each.old.pk, each.new.pk) for each in merger.conflicts] == [(both[0].pk, both[1].pk)]
    assert merger.people == 1
