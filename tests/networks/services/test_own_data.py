"""What people change about themselves, and everything that is kept about them."""

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from cms import audit, links
from cms.audit import VISITOR
from cms.messages.models import Message
from networks.models import Person
from networks.services import own_data, personal_data
from networks.services.errors import NotPossible
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
)
from tests.factories.signups import confirmed

pytestmark = pytest.mark.django_db


class TestCorrecting:
    def test_it_is_corrected_wherever_it_stands(self):
        membership = MembershipFactory()
        elsewhere = ParticipantFactory(email=membership.contact.email)
        own_data.correct_own_data(
            membership.pk,
            address=membership.contact.email,
            name="Berit Ny",
            job_title="Chef",
            phone="87654321",
            actor=VISITOR,
        )
        membership.contact.refresh_from_db()
        elsewhere.refresh_from_db()
        assert membership.contact.phone == "87654321"
        assert membership.contact.name == elsewhere.name == "Berit Ny"
        assert set(audit.history(membership).get().data["fields"]) == {
            "name",
            "job_title",
            "phone",
        }

    def test_of_nobody_else(self):
        membership = MembershipFactory()
        other = ParticipantFactory(membership=membership)
        own_data.correct_own_data(
            membership.pk, address=other.email, name="Ny", job_title="", actor=VISITOR
        )
        membership.contact.refresh_from_db()
        assert membership.contact.name != "Ny"

    def test_not_by_a_stranger(self):
        with pytest.raises(NotPossible):
            own_data.correct_own_data(
                MembershipFactory().pk,
                address="fremmed@kommune.example",
                name="Ny",
                job_title="",
                actor=VISITOR,
            )

    def test_the_language_of_mails_is_one_that_we_have(self):
        membership = MembershipFactory()
        own_data.change_language(membership.pk, language="en", actor=VISITOR)
        membership.refresh_from_db()
        assert membership.language == "en"
        with pytest.raises(NotPossible):
            own_data.change_language(membership.pk, language="xx", actor=VISITOR)


class TestAnotherAddress:
    NEW = "ny.adresse@proevekoebing.example"

    def test_nothing_changes_before_the_new_one_is_proved(self):
        membership = MembershipFactory()
        old = membership.contact.email
        own_data.ask_for_new_address(
            membership.pk, address=old, new_address=self.NEW.upper(), actor=VISITOR
        )
        membership.contact.refresh_from_db()
        assert membership.contact.email == old
        (message,) = Message.objects.all()
        assert (message.to_email, message.links[0]["purpose"]) == (self.NEW, "address")

    def test_proved_it_takes_the_old_ones_place_everywhere(self):
        membership = MembershipFactory()
        old = membership.contact.email
        other = ParticipantFactory(email=old)
        token = links.issue(
            purpose="membership",
            subject=audit.reference(other.membership),
            lifetime=timedelta(days=1),
            address=old,
        )
        own_data.change_address(membership.contact, new_address=self.NEW, actor=VISITOR)
        membership.contact.refresh_from_db()
        other.refresh_from_db()
        assert membership.contact.email == other.email == self.NEW
        assert links.resolve(token, "membership") is None
        assert Message.objects.get(template="address_changed").to_email == old

    def test_used_twice_it_changes_nothing_more(self):
        person = MembershipFactory().contact
        for _turn in range(2):
            own_data.change_address(person, new_address=self.NEW, actor=VISITOR)
        assert Message.objects.filter(template="address_changed").count() == 1

    def test_not_to_the_address_of_somebody_else(self):
        other = PersonFactory()
        with pytest.raises(NotPossible):
            own_data.change_address(
                MembershipFactory().contact, new_address=other.email, actor=VISITOR
            )

    def test_a_participant_who_is_nothing_else_can_too(self):
        participant = ParticipantFactory()
        membership = own_data.change_address(participant, new_address=self.NEW, actor=VISITOR)
        participant.refresh_from_db()
        assert (participant.email, membership) == (self.NEW, participant.membership)
        assert not Person.objects.filter(email=self.NEW).exists()

    @pytest.mark.parametrize("who", ["contact", "participant"])
    def test_one_that_sign_up_would_ask_an_approval_for_is_an_administrators_to_give(self, who):
        participant = ParticipantFactory()
        membership = participant.membership
        holder = membership.contact if who == "contact" else participant
        elsewhere = "anne@privat.example"
        with pytest.raises(NotPossible):
            own_data.ask_for_new_address(
                membership.pk, address=holder.email, new_address=elsewhere, actor=VISITOR
            )
        with pytest.raises(NotPossible):
            own_data.change_address(holder, new_address=elsewhere, actor=VISITOR)

    def test_invoices_may_go_anywhere_and_an_open_network_asks_nothing(self):
        payer = PersonFactory()
        MembershipFactory(invoice_contact=payer)
        in_open = MembershipFactory(network=make_network(eligibility="open")).contact
        for number, holder in enumerate((payer, in_open)):
            own_data.change_address(
                holder, new_address=f"anne{number}@privat.example", actor=VISITOR
            )


class TestWhatIsKept:
    def kept(self, address: str) -> dict:
        return json.loads(json.dumps(personal_data.as_json(address), cls=DjangoJSONEncoder))

    def test_it_is_everything_about_the_address(self):
        membership = confirmed(make_network())
        address = membership.contact.email
        ParticipantFactory(membership=membership, email=address)
        JoinRequestFactory(email=address)
        kept = self.kept(address)
        assert kept["person"][0]["email"] == address
        assert kept["memberships"][0]["buyer_gln"] == membership.buyer_gln
        assert kept["charges"][0]["net"] == 700_000
        assert kept["requests"][0]["email"] == address
        assert {"messages", "participations", "history"} <= set(kept)

    def test_a_participant_sees_neither_money_nor_history(self):
        membership = confirmed(make_network())
        participant = ParticipantFactory(membership=membership)
        kept = self.kept(participant.email)
        assert "charges" not in kept
        assert "history" not in kept
        assert membership.buyer_gln not in str(kept)
        assert membership.contact.email not in str(kept)

    def test_nothing_of_other_peoples(self):
        membership = confirmed(make_network())
        stranger = confirmed(make_network())
        assert stranger.contact.email not in str(self.kept(membership.contact.email))

    def test_it_tells_no_link_that_could_be_followed(self, run_jobs):
        membership = confirmed(make_network())
        run_jobs()
        token = links.issue(
            purpose="membership",
            subject=audit.reference(membership),
            lifetime=timedelta(days=1),
            address=membership.contact.email,
        )
        assert token not in str(self.kept(membership.contact.email))
