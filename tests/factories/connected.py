"""A person who has a part in everything: for what must find all of them."""

from datetime import timedelta

from django.apps import apps
from django.db.models import CharField, JSONField, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from cms import audit, links
from cms.access_log import AccessKind, note
from cms.audit import VISITOR, reference
from cms.bulk import BulkItem, BulkRun, ItemState
from cms.messages.models import Message, MessageState
from networks.models import (
    Answer,
    Consent,
    ConsentGiven,
    ConsentText,
    ErasureRequest,
    Handover,
    JoinRequest,
    MemberImport,
    Membership,
    Person,
    ProgrammeItem,
    Question,
    Seat,
)
from networks.services.people import request_links
from payments.models import Charge
from payments.services import crediting
from tests.factories.contributions import OfferFactory, TopicFactory, first_meeting
from tests.factories.meeting_day import GuestFactory
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.payments import BUYER, ChargeFactory

NAME = "Zenobia Quistgaard-Lund"
EMAIL = "zenobia.ql@proevekoebing.example"
PHONE = "+45 98 76 54 32"
#: What no text may say when the person is erased.
TRACES = ("zenobia", "quistgaard", "98 76 54 32")


def connected_person() -> Person:
    """Contact of an ended membership, participant of an active one, guest, author, asker …"""
    person = PersonFactory(name=NAME, email=EMAIL, phone=PHONE, job_title="Fagchef")
    network = make_network()
    ended = MembershipFactory(
        network=network,
        contact=person,
        invoice_contact=person,
        status="ended",
        closed_at=timezone.now(),
        leaving_reason=f"{NAME} får nyt arbejde",
        buyer_contact=NAME,
        buyer_email=EMAIL,
    )
    active = MembershipFactory(network=network)
    _takes_part(active)
    _asked_and_wrote(person, ended, active)
    _was_mailed(ended, active)
    _was_told_of_by_staff(person, ended)
    _is_charged(ended)
    return person


def _takes_part(active: Membership) -> None:
    meeting = first_meeting(active.network)
    participant = ParticipantFactory(membership=active, name=NAME, email=EMAIL.upper())
    Seat.objects.create(membership=active, participant=participant, meeting=meeting, number=1)
    GuestFactory(meeting=meeting, name=NAME, email=EMAIL, purpose=f"Oplæg ved {NAME}")


def _asked_and_wrote(person: Person, ended: Membership, active: Membership) -> None:
    given = {"name": NAME, "email": EMAIL, "phone": PHONE}
    JoinRequest.objects.create(membership=active, **given)
    Handover.objects.create(membership=active, kind="take_over", text=f"Ring {PHONE}", **given)
    ErasureRequest.objects.create(person=person)
    question = Question.objects.create(page=ended.network, label="Kost?", purpose="Frokost")
    Answer.objects.create(membership=ended, question=question, value=f"{NAME}: vegetar")
    topic = TopicFactory(membership=ended, text=f"Skriv til {EMAIL} eller ring {PHONE}")
    offer = OfferFactory(membership=ended, answer=f"Tak, {NAME}!")
    assert topic.author_email == EMAIL
    ProgrammeItem.objects.create(
        meeting=first_meeting(ended.network), kind="speaker", text=NAME, offer=offer
    )
    text = ConsentText.objects.create(
        consent=Consent.objects.create(title="Nyhedsbrev"), version=1, text="Ja tak"
    )
    ConsentGiven.objects.create(text=text, membership=ended, person=person)
    links.issue(
        purpose="membership", subject=reference(ended), lifetime=timedelta(days=9), address=EMAIL
    )
    request_links(EMAIL)


def _was_mailed(ended: Membership, active: Membership) -> None:
    colleague = active.contact
    Message.objects.create(
        key=f"new_link:{EMAIL}",
        template="new_link",
        about=reference(ended),
        to_name=NAME,
        to_email=EMAIL,
        subject=f"Kære {NAME}",
        body=f"Hej {NAME}",
        state=MessageState.QUEUED,
        attachments=[{"filename": "a.txt", "content": NAME, "content_type": "text/plain"}],
        error=f"550 {EMAIL} unknown",
    )
    Message.objects.create(
        key="join",
        template="join_requested",
        about=reference(active),
        to_name=colleague.name,
        to_email=colleague.email,
        subject=f"{NAME} vil være med",
        body=f"{NAME} ({EMAIL}, {PHONE}) beder om en plads.",
        state=MessageState.SENT,
    )


def _was_told_of_by_staff(person: Person, ended: Membership) -> None:
    audit.record(
        actor=VISITOR, action="membership.cancelled", subject=ended, reason=f"{NAME} rejser"
    )
    staff = make_user()
    note(staff, AccessKind.PAGE, subject=reference(person))
    MemberImport.objects.create(
        user=staff, network=ended.network, rows=[[2, [NAME, f"{EMAIL.upper()};{PHONE}"]]]
    )
    run = BulkRun.objects.create(action="approve_many", user=staff)
    BulkItem.objects.create(
        run=run, key=str(ended.pk), state=ItemState.DONE, outcome=f"Godkendt: {NAME} <{EMAIL}>"
    )


def _is_charged(ended: Membership) -> None:
    """One that was credited before anybody owed it; those with invoices come from the tests."""
    charge = ChargeFactory(
        reference=reference(ended),
        buyer={**BUYER, "buyer_contact": NAME, "buyer_email": EMAIL},
    )
    crediting.credit_charge(charge, key="connected", reason="Udmeldt")


def invoiced_to(person: Person) -> Charge:
    """What the bookkeeping law keeps: an e-invoice with the person's name on it."""
    membership = person.memberships.get()
    return ChargeFactory(
        reference=reference(membership),
        method="invoice",
        buyer={**BUYER, "buyer_contact": person.name, "buyer_email": person.email},
    )


def traces() -> dict[str, list[str]]:
    """{table.column: what it says}, of every text in the database that says who the person is."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, (CharField, TextField, JSONField)):
                said = Q()
                for trace in TRACES:
                    said |= Q(said__icontains=trace)
                rows = model._base_manager.annotate(said=Cast(field.name, TextField()))
                texts = list(rows.filter(said).values_list("said", flat=True))
                if texts:
                    found[f"{model._meta.label_lower}.{field.name}"] = texts
    return found
