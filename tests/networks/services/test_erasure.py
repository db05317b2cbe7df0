"""Erasing a person: nothing says who they were, but what the law keeps."""

import pytest

from cms.audit import SYSTEM, Actor, AuditEntry, reference
from cms.links import Link
from cms.messages.models import Message, MessageState
from networks import roles
from networks.models import JoinRequest, MemberImport, Participant, Person, Seat
from networks.services import importing
from networks.services.erasure import anonymise_person, blocked_many
from networks.services.erasure_outlook import what_follows
from networks.services.errors import NotPossible
from payments.models import Invoice
from payments.services import invoicing
from tests.factories.connected import EMAIL, NAME, connected_person, invoiced_to, traces
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db

ERASED = "Slettet person"


def erase(person: Person) -> Person:
    anonymise_person(person, actor=SYSTEM, reason="Bedt om det")
    person.refresh_from_db()
    return person


def test_no_text_of_any_table_says_who_it_was():
    person = connected_person()
    assert len(traces()) > 25
    erase(person)
    assert traces() == {}


def test_invoices_and_their_charges_keep_what_the_law_demands():
    make_seller()
    person = connected_person()
    invoice = invoicing.issue_invoice(invoiced_to(person))
    erase(person)
    assert set(traces()) == {
        "payments.charge.buyer_contact",
        "payments.charge.buyer_email",
        "payments.invoice.content",
    }
    assert Invoice.objects.get(pk=invoice.pk).document.buyer.contact == NAME


def test_one_pseudonym_stands_for_the_person_everywhere():
    person = erase(connected_person())
    participant = Participant.objects.get(name=person.name)
    assert (person.name, person.phone, person.job_title) == (ERASED, "", "")
    assert person.erased_at
    assert participant.email == person.email
    assert person.email.endswith("@erased.invalid")


def test_the_seat_to_come_is_free_again_and_the_past_one_counts():
    person = connected_person()
    erase(person)
    seat = Seat.objects.get()
    assert seat.released_at is not None
    assert seat.participant.left_at is not None


def test_a_mail_that_waits_is_never_sent():
    erase(connected_person())
    mail = Message.objects.get(template="new_link")
    assert (mail.state, mail.to_email, mail.body) == (MessageState.STOPPED, "", "")


def test_what_was_done_stays_in_the_history_without_the_name():
    person = connected_person()
    erase(person)
    entry = AuditEntry.objects.get(action="membership.cancelled")
    assert entry.reason == f"{ERASED} rejser"
    assert AuditEntry.objects.filter(action="person.erased", subject=reference(person)).exists()


def test_a_namesake_elsewhere_keeps_their_name():
    namesake = PersonFactory(name=NAME)
    membership = MembershipFactory(contact=namesake)
    Message.objects.create(
        key="x",
        about=reference(membership),
        to_name=NAME,
        to_email=namesake.email,
        subject=f"Kære {NAME}",
    )
    person = connected_person()
    erase(person)
    namesake.refresh_from_db()
    assert namesake.name == NAME
    assert Message.objects.get(key="x").subject == f"Kære {NAME}"


def test_an_address_that_ends_alike_is_not_touched():
    other = PersonFactory(email=f"x.{EMAIL}")
    colleague = ParticipantFactory(email=f"x.{EMAIL}")
    Message.objects.create(key="y", to_email=other.email, subject="Hej", body=f"Til {other.email}")
    erase(connected_person())
    colleague.refresh_from_db()
    assert colleague.left_at is None
    assert Message.objects.get(key="y").body == f"Til {other.email}"


@pytest.mark.parametrize("role", ["contact", "invoice_contact"])
def test_whoever_speaks_for_an_open_membership_hands_it_over_first(role):
    person = connected_person()
    MembershipFactory(**{role: person}, status="active")
    before = traces()
    with pytest.raises(NotPossible):
        anonymise_person(person, actor=SYSTEM, reason="Bedt om det")
    assert traces() == before
    assert list(blocked_many([person, PersonFactory()])) == [person.pk]
    assert what_follows(person).blocked


def test_erased_twice_nothing_more_happens():
    person = erase(connected_person())
    email, entries = person.email, AuditEntry.objects.count()
    assert erase(person).email == email
    assert AuditEntry.objects.count() == entries


def test_links_and_requests_are_gone():
    erase(connected_person())
    assert not Link.objects.exists()
    assert not JoinRequest.objects.exists()


def test_the_preview_counts_what_goes_and_tells_why_the_rest_stays():
    make_seller()
    person = connected_person()
    invoicing.issue_invoice(invoiced_to(person))
    outlook = what_follows(person)
    assert {line.label: line.number for line in outlook.goes}["Mails til personen"] == 1
    stays = {line.label: line for line in outlook.stays}
    assert stays["Fakturaer og kreditnotaer"].number == 1
    assert "ogføringsloven" in stays["Fakturaer og kreditnotaer"].why
    assert outlook.blocked == []


# Lists that wait to be taken in -------------------------------------------------------------------


def waiting_list_of(*addresses: str) -> MemberImport:
    rows = [f"Aarhus;Ane;{address}" for address in addresses]
    content = "\n".join(["Kommune;Navn;E-mail", *rows]).encode()
    actor = Actor.by(make_user(roles.MEMBER_ADMINISTRATORS))
    return importing.upload(content, network=make_network(), actor=actor)


def test_a_list_that_waits_is_given_up_and_says_why():
    person = PersonFactory(email="ane@aarhus.example")
    named = waiting_list_of("bo@aarhus.example", "ANE@aarhus.example")
    other = waiting_list_of("jane@aarhus.example", "ane@aarhus.example.org")
    goes = {line.label: line.number for line in what_follows(person).goes}
    assert goes["Medlemslister, der venter på import"] == 1
    erase(person)
    named.refresh_from_db()
    assert (named.rows, named.begun_at) == ([], None)
    assert named.refusal
    assert named.finished_at
    other.refresh_from_db()
    assert len(other.rows) == 2
