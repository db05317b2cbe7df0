"""What payments does in the background."""

import logging

from cms import bulk, queue
from payments import gateway
from payments.backoffice.bulk import IssueManyView, RemindManyView, SettleManyView
from payments.services import (
    alerts,
    balance,
    checkout,
    dunning,
    invoicing,
    journal,
    reconciliation,
    refunds,
    transmission,
)

logger = logging.getLogger(__name__)

#: By the names that their runs have.
BULK_ACTIONS = {view.name: view for view in (SettleManyView, IssueManyView, RemindManyView)}


@queue.handles("payments.carry_out_many")
def carry_out_many(run_id: str) -> None:
    if view := BULK_ACTIONS.get(bulk.action_of(run_id)):
        view.carry_out(run_id)


@queue.handles("payments.refund")
def send_refund(refund_id: str) -> None:
    refunds.send_refund(refund_id)


@queue.handles("payments.sync_payment")
def sync_payment(payment_id: str, session_id: str = "") -> None:
    checkout.sync_payment(payment_id, session_id=session_id)


@queue.handles("payments.expire_attempts")
def expire_attempts(charge_id: str) -> None:
    checkout.expire_attempts(charge_id)


@queue.handles("payments.issue_documents")
def issue_documents(charge_id: str) -> None:
    invoicing.issue_due(charge_id)


@queue.handles("payments.send_invoice")
def send_invoice(transmission_id: int) -> None:
    transmission.send(transmission_id)


@queue.periodic("payments.issue_due_documents", cron="*/2 * * * *")
def issue_due_documents() -> None:
    """What was held back by a broken rule until finance mended it, or made before there were
    invoices."""
    invoicing.issue_due()
    transmission.resume_stuck()


@queue.periodic("payments.remind_of_invoices", cron="20 6-15 * * 1-5")
def remind_of_invoices() -> None:
    """Overdue invoices, on weekdays in the daytime."""
    dunning.remind_due()


@queue.periodic("payments.post_journal", cron="*/5 * * * *")
def post_journal() -> None:
    journal.post_due()


@queue.periodic("payments.reconcile", cron="*/2 * * * *")
def reconcile() -> None:
    """Webhook and return both lost: found within minutes."""
    reconciliation.enqueue_due_payments()
    reconciliation.resend_overdue_refunds()


@queue.periodic("payments.remind_of_disputes", cron="35 * * * *")
def remind_of_disputes() -> None:
    """Disputes that wait for evidence shortly before Stripe's deadline."""
    alerts.remind_of_disputes()


@queue.periodic("payments.import_balance", cron="10 * * * *")
def import_balance() -> None:
    """What Stripe took and paid out, as of the last hour."""
    if not gateway.is_configured():
        return
    try:
        balance.import_balance()
    except gateway.GatewayError as error:
        logger.error("Stripe's balance can't be read: %s", error)


@queue.periodic("payments.catch_up_events", cron="*/5 * * * *")
def catch_up_events() -> None:
    """Webhook down for long: what it missed, refunds and disputes too."""
    if not gateway.is_configured():
        return
    # Before asking: a worker that did not run for days tells of it too.
    if since := reconciliation.silent_since():
        alerts.stripe_silent(since)
    try:
        reconciliation.catch_up_events()
    except gateway.GatewayMisconfigured as error:
        logger.error("Stripe refuses the key: %s", error)
        alerts.key_refused()
    except gateway.GatewayError as error:
        logger.error("Stripe's events can't be read: %s", error)
