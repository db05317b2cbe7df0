"""What waits for somebody in the demo, so that each role's desk has something on it."""

from dataclasses import replace
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from cms.audit import VISITOR, Actor
from cms.messages.models import Message, MessageState
from networks.demo.site import DemoSite
from networks.models import Membership, NetworkPage
from networks.rules.states import Status
from networks.services import requests, take_overs
from payments.models import Charge, ChargeState, PaymentMethod
from payments.services import bank
from payments.services.invoice_contents import invoice_document
from payments.services.invoicing import issue_document
from payments.statements import StatementRow

MAIL_SERVER_SAID = "550 5.1.1 Adressen findes ikke"


def build_desk(site: DemoSite) -> None:
    """Once, after everything else; nothing is mailed for it."""
    _take_over(site.leisure)
    _erasure(site.art)
    _overdue(site.leisure)
    _transfer()
    Message.objects.filter(state=MessageState.QUEUED).update(
        state=MessageState.SENT, sent_at=timezone.now()
    )
    _failed_mail(site.culture)


def _members(network: NetworkPage) -> list[Membership]:
    rows = Membership.objects.filter(network=network, status=Status.ACTIVE, cancelled_at=None)
    return list(rows.select_related("municipality", "contact").order_by("-signed_up_at")[:3])


def _take_over(network: NetworkPage) -> None:
    """The contact has left; a colleague has proved the address and asks to take over."""
    membership = _members(network)[0]
    assert membership.municipality is not None
    handover = take_overs.begin_take_over(
        network.pk,
        membership.municipality.pk,
        name="Afløser Eksempel",
        email=f"afloeser.eksempel@{membership.municipality.domains[0]}",
        job_title="Fritidschef",
        text="Min kollega er gået på pension, og jeg har overtaget opgaven.",
    )
    assert handover is not None
    take_overs.confirm_take_over(handover.pk)


def _erasure(network: NetworkPage) -> None:
    membership = _members(network)[0]
    requests.ask_for_erasure(membership.pk, address=membership.contact.email, actor=VISITOR)


def _overdue(network: NetworkPage) -> None:
    """An invoice as if it had been issued two months ago."""
    charge = Charge.objects.filter(
        state=ChargeState.OPEN, method=PaymentMethod.INVOICE, invoices=None
    ).first()
    assert charge is not None
    Charge.objects.filter(pk=charge.pk).update(created_at=timezone.now() - timedelta(days=60))
    document = invoice_document(charge)
    assert document.due_on is not None
    earlier = timedelta(days=60)
    document = replace(
        document, issued_on=document.issued_on - earlier, due_on=document.due_on - earlier
    )
    issue_document(document, charge=charge)


def _transfer() -> None:
    """Money on the bank account that says too little of what it is for."""
    day = timezone.localdate() - timedelta(days=4)
    row = StatementRow(
        received_on=day, text="KOMMUNE OVF 7788", amount=875_000, key=f"demo-{day.isoformat()}"
    )
    bank.take_in([row], actor=Actor.by(User.objects.get(username="oekonomi")))


def _failed_mail(network: NetworkPage) -> None:
    """One that the mail server refused for good, and one that came back."""
    contacts = [membership.contact.email for membership in _members(network)]
    for address, state in zip(contacts, (MessageState.FAILED, MessageState.BOUNCED), strict=False):
        last = Message.objects.filter(to_email=address).order_by("-pk").first()
        if last:
            Message.objects.filter(pk=last.pk).update(state=state, error=MAIL_SERVER_SAID)
