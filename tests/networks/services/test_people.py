"""Correcting who is behind a membership, and sending the personal link anew."""

from datetime import timedelta

import pytest

from cms import audit, links
from cms.links import Link
from cms.messages.models import Message
from networks.rules.states import FINAL, Status
from networks.services import confirmation, people
from networks.services.confirmation import Confirmed
from networks.services.errors import NotPossible
from payments.models import Charge
from tests.factories.networks import MembershipFactory, PersonFactory, make_network, make_user
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

    def test_asked_for_there_is_one_for_each_open_membership(self):
        first = MembershipFactory()
        MembershipFactory(contact=first.contact, status="unconfirmed")
        MembershipFactory(contact=first.contact, status="ended")
        MembershipFactory()
        people.request_links(f" {first.contact.email.upper()} ")
        assert sorted(purposes()) == [["confirm"], ["membership"]]
        assert {row.to_email for row in Message.objects.all()} == {first.contact.email}

    def test_for_an_unknown_address_nothing_is_sent(self):
        MembershipFactory()
        people.request_links("ukendt@kommune.example")
        assert not Message.objects.exists()

    def test_the_invoice_contact_gets_it_at_its_own_address(self):
        invoice_contact = PersonFactory()
        MembershipFactory(invoice_contact=invoice_contact)
        people.request_links(invoice_contact.email)
        assert Message.objects.get().to_email == invoice_contact.email
