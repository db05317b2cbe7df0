"""Sending invoices and credit notes as e-invoices, and recording how it went."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cms import audit, queue
from cms.audit import Actor
from payments.einvoice import ubl
from payments.einvoice.senders import TransmissionFailed, configured_sender
from payments.models import ON_ITS_WAY, Invoice, Transmission, TransmissionState

logger = logging.getLogger(__name__)

SEND_INVOICE = queue.Job("payments.send_invoice")
BY_HAND = "by_hand"
#: After that many attempts a person is asked to look.
ATTEMPTS = 8
#: A transmission that is "being sent" for longer was left by a process that died.
STUCK_AFTER = timedelta(minutes=15)


class NotSendable(Exception):
    """The document goes by no e-invoice, no sender is set, or it is on its way already."""


def filename_of(invoice: Invoice, extension: str) -> str:
    kind = "kreditnota" if invoice.document.is_credit_note else "faktura"
    return f"{kind}-{invoice.number}.{extension}"


def goes_by_e_invoice(invoice: Invoice) -> bool:
    return bool(invoice.document.buyer.gln)


def enqueue(invoice: Invoice) -> Transmission | None:
    """Send a document that was just issued, in the issuing transaction; None where it doesn't go
    by e-invoice or nothing is set up to send it."""
    sender = configured_sender()
    if sender is None or not goes_by_e_invoice(invoice):
        return None
    transmission = Transmission.objects.create(invoice=invoice, sender=sender.name)
    SEND_INVOICE.enqueue(transmission_id=transmission.pk)
    return transmission


@transaction.atomic
def send_again(invoice: Invoice, *, actor: Actor) -> Transmission:
    """Another transmission of the same document. Raises NotSendable."""
    Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.transmissions.filter(state__in=ON_ITS_WAY).exists():
        raise NotSendable
    transmission = enqueue(invoice)
    if transmission is None:
        raise NotSendable
    audit.record(actor=actor, action="invoice.sent_again", subject=invoice)
    return transmission


@transaction.atomic
def mark_delivered(invoice: Invoice, *, actor: Actor, receipt: str = "") -> Transmission:
    """Somebody has delivered the file by hand. Raises NotSendable while it is on its way."""
    Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.transmissions.filter(state__in=ON_ITS_WAY).exists():
        raise NotSendable
    now = timezone.now()
    transmission = Transmission.objects.create(
        invoice=invoice,
        sender=BY_HAND,
        state=TransmissionState.SENT,
        attempted_at=now,
        sent_at=now,
        receipt=receipt[:200],
    )
    audit.record(actor=actor, action="invoice.delivered_by_hand", subject=invoice)
    return transmission


def send(transmission_id: int) -> None:
    """Try to deliver; a failure that may pass is raised for the job to try again."""
    sender = configured_sender()
    with transaction.atomic():
        transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
        if transmission.state not in ON_ITS_WAY:
            return
        if sender is None:
            _end(transmission, TransmissionState.FAILED, error="E_INVOICE_SENDER")
            return
        transmission.state = TransmissionState.SENDING
        transmission.attempts += 1
        transmission.attempted_at = timezone.now()
        transmission.save(update_fields=["state", "attempts", "attempted_at"])
    invoice = transmission.invoice
    try:
        receipt = sender.send(
            ubl.render(invoice.document),
            filename=filename_of(invoice, "xml"),
            key=f"transmission-{transmission.pk}",
        )
    except TransmissionFailed as failure:
        _failed(transmission, failure)
        return
    _end(transmission, TransmissionState.SENT, receipt=receipt, sent_at=timezone.now())


def _failed(transmission: Transmission, failure: TransmissionFailed) -> None:
    logger.error("Invoice %s was not delivered: %s", transmission.invoice.number, failure)
    if failure.is_final or transmission.attempts >= ATTEMPTS:
        _end(transmission, TransmissionState.FAILED, error=str(failure))
        return
    pause = timedelta(minutes=2**transmission.attempts)
    with transaction.atomic():
        _end(transmission, TransmissionState.QUEUED, error=str(failure))
        SEND_INVOICE.enqueue(transmission_id=transmission.pk, at=timezone.now() + pause)


def _end(transmission: Transmission, state: TransmissionState, **fields: object) -> None:
    values = {"error": "", **fields, "state": state}
    values["error"] = str(values["error"])[:500]
    Transmission.objects.filter(pk=transmission.pk).update(**values)


def resume_stuck() -> int:
    """Take up again what a process that died left being sent, or queued without a job."""
    long_ago = timezone.now() - STUCK_AFTER
    stuck = Transmission.objects.filter(
        Q(state=TransmissionState.SENDING, attempted_at__lt=long_ago)
        | Q(state=TransmissionState.QUEUED, attempted_at=None, created_at__lt=long_ago)
    )
    for key in list(stuck.values_list("pk", flat=True)):
        SEND_INVOICE.enqueue(key=f"send-invoice-{key}", transmission_id=key)
    return len(stuck)
