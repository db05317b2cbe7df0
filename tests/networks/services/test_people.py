"""Correcting who is behind a membership, and sending the personal link anew."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit, links
from cms.links import Link
from cms.messages.models import Message
from networks.rules.states import FINAL, Status
from networks.services import confirmation, people
from networks.services.confirmation import Confirmed
from networks.services.errors import NotPossible
from payments.models import Charge
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.signups import confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return audit.Actor.by(make_user(superuser=True))


def correct(membership, actor, **changes):
    person = membership.contact
    given = {name: getattr(person, name) for name in ("name", "email", "job_title", "phone")}
    return people.correct_contact(membership.pk, actor=actor, **{**given, **changes})


def purposes() -> list[list[str]]:
    rows = Message.objects.filter(template="new_link").order_by("pk")
    return [[link["purpose"] for link in message.links] for message in rows]


class TestCorrectingTheContact:
    def test_the_history_tells_which_fields_never_their_values(self, administrator):
        membership = MembershipFactory()
        correct(membership, administrator, name="Berit Ny", phone="87654321", reason="Navneskift")
        membership.contact.refresh_from_db()
        assert membership.contact.name == "Berit Ny"
        entry = audit.history(membership).get()
        assert entry.data == {"fields": ["name", "phone"]}
        assert (entry.user, entry.reason) == (administrator.user, "Navneskift")

    def test_nothing_changed_nothing_written(self, administrator):
        membership = MembershipFactory()
        correct(membership, administrator)
        assert not audit.AuditEntry.objects.exists()

    def test_another_address_is_another_proof(self, administrator, run_jobs):
        membership = confirmed(make_network())
        other = MembershipFactory(contact=membership.contact)
        tokens = [
            links.issue(purpose="membership", subject=audit.reference(row), lifetime=timedelta(1))
            for row in (membership, other)
        ]
        correct(membership, administrator, email="Ny.Kollega@Kommune.example")
        assert [links.resolve(token, "membership") for token in tokens] == [None, None]
        for row in (membership, other):
            row.refresh_from_db()
            assert row.address_confirmed_at is None
            assert row.contact.email == "ny.kollega@kommune.example"

    def test_once_proved_the_new_address_gets_the_personal_link(self, administrator):
        membership = confirmed(make_network())
        correct(membership, administrator, email="ny@kommune.example")
        people.send_new_link(membership.pk, actor=administrator)
        assert purposes() == [["confirm"]]
        assert confirmation.confirm(membership.pk, accepted_net=0)[0] == Confirmed.ACTIVE
        welcome = Message.objects.filter(template="welcome").order_by("pk").last()
        assert welcome.to_email == "ny@kommune.example"
        assert [link["purpose"] for link in welcome.links] == ["membership"]

    def test_not_the_address_of_somebody_else(self, administrator):
        membership, other = MembershipFactory(), PersonFactory()
        with pytest.raises(NotPossible):
            correct(membership, administrator, email=other.email.upper())

    def test_the_buyer_of_charges_made_stays_frozen(self, administrator):
        membership = confirmed(make_network())
        people.correct_buyer(
            membership.pk, actor=administrator, buyer={"buyer_name": "Nyt Navn"}, reason="Fusion"
        )
        membership.refresh_from_db()
        assert membership.buyer_name == "Nyt Navn"
        charge = Charge.objects.get(reference=audit.reference(membership))
        assert charge.buyer_name != "Nyt Navn"
        assert audit.history(membership).first().data == {"fields": ["buyer_name"]}


class TestNewLinks:
    def test_from_the_administrator_the_old_ones_stop_working(self, administrator, run_jobs):
        membership = confirmed(make_network())
        run_jobs()
        old = set(Link.objects.filter(purpose="membership").values_list("pk", flat=True))
        people.send_new_link(membership.pk, actor=administrator)
        run_jobs()
        working = Link.objects.filter(purpose="membership", revoked_at=None)
        assert len(working) == 1
        assert working[0].pk not in old

    @pytest.mark.parametrize("status", sorted(FINAL - {Status.ENDED}))
    def test_none_for_what_is_closed(self, administrator, status):
        with pytest.raises(NotPossible):
            people.send_new_link(MembershipFactory(status=status).pk, actor=administrator)

    def test_asked_for_one_mail_opens_the_most_alive_and_names_the_others(self):
        first = MembershipFactory()
        other = MembershipFactory(contact=first.contact, status="unconfirmed")
        MembershipFactory(contact=first.contact, status="ended")
        MembershipFactory()
        people.mail_links(f" {first.contact.email.upper()} ")
        (message,) = Message.objects.all()
        assert purposes() == [["membership"]]
        assert message.links[0]["subject"] == audit.reference(first)
        assert message.to_email == first.contact.email
        assert other.network.title in message.body

    def test_of_an_unconfirmed_sign_up_it_is_the_link_to_confirm(self):
        membership = MembershipFactory(status="unconfirmed")
        people.mail_links(membership.contact.email)
        assert purposes() == [["confirm"]]

    def test_asked_for_twice_in_a_minute_one_is_sent(self):
        membership = MembershipFactory()
        with time_machine.travel(timezone.now(), tick=False):
            people.mail_links(membership.contact.email)
            people.mail_links(membership.contact.email)
        assert Message.objects.count() == 1

    def test_for_an_unknown_address_nothing_is_sent(self):
        MembershipFactory()
        people.mail_links("ukendt@kommune.example")
        assert not Message.objects.exists()

    @pytest.mark.parametrize("capacity", ["invoice contact", "participant"])
    def test_who_is_named_beside_the_contact_gets_it_at_the_own_address(self, capacity):
        person = PersonFactory()
        if capacity == "participant":
            ParticipantFactory(email=person.email)
        else:
            MembershipFactory(invoice_contact=person)
        people.mail_links(person.email)
        assert Message.objects.get().to_email == person.email

    def test_named_in_a_sign_up_that_nobody_confirmed_there_is_none(self):
        membership = MembershipFactory(status="unconfirmed")
        named = ParticipantFactory(membership=membership)
        people.mail_links(named.email)
        assert not Message.objects.exists()

    def test_who_was_taken_off_gets_none(self):
        people.mail_links(ParticipantFactory(left_at=timezone.now()).email)
        assert not Message.objects.exists()


class TestOpeningAnotherMembership:
    def test_gives_a_link_bound_to_that_membership_and_the_same_address(self):
        first = MembershipFactory()
        other = MembershipFactory(contact=first.contact)
        assert people.other_memberships(first, first.contact.email) == [other]
        purpose, token = people.open_other(other.pk, first.contact.email)
        link = links.resolve(token, "membership")
        assert (purpose, link.subject) == ("membership", audit.reference(other))
        assert link.address == first.contact.email

    def test_not_to_a_membership_without_a_part_in_it(self):
        first, strangers = MembershipFactory(), MembershipFactory()
        with pytest.raises(NotPossible):
            people.open_other(strangers.pk, first.contact.email)
