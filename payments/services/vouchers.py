"""What the books say of one event: its postings, which sum to zero. Amounts are whole øre."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from payments.invoice_document import DocumentKind, InvoiceDocument, VatTotal
from payments.models import (
    BalanceCategory,
    BalanceTransaction,
    BankTransfer,
    Charge,
    Invoice,
    Payment,
    PaymentSettings,
    Posting,
    Refund,
    Role,
    VoucherKind,
)

#: Ends the key of what takes another voucher back.
UNDONE = ":undone"


@dataclass(frozen=True)
class Voucher:
    """One event. ``key`` makes one voucher of many attempts to post it."""

    key: str
    kind: VoucherKind
    reference: str
    event_on: date
    #: None where the event is of no charge.
    charge: Charge | None
    postings: tuple[Posting, ...]


class Chart:
    """The accounts as they are set now."""

    def __init__(self, settings: PaymentSettings) -> None:
        self.settings = settings
        self.numbers = {
            Role.DEBTORS: settings.account_debtors,
            Role.VAT: settings.account_vat,
            Role.BANK: settings.account_bank,
            Role.STRIPE: settings.account_stripe,
            Role.DUPLICATES: settings.account_duplicates,
            Role.FEES: settings.account_fees,
            Role.DISPUTES: settings.account_disputes,
            Role.UNCLEAR: settings.account_unclear,
        }

    def posting(self, role: Role, amount: int) -> Posting:
        return Posting(role=role, account=self.numbers[role], amount=amount)

    def moved(self, amount: int, *, to: Role, away: Role) -> tuple[Posting, ...]:
        """The amount debited to the one account and credited to the other; nothing of zero."""
        return (self.posting(to, amount), self.posting(away, -amount)) if amount else ()

    def fee(self, amount: int) -> tuple[Posting, ...]:
        """What Stripe took of what it holds. Its VAT is reverse charge: the code says so, and the
        accounting system books both sides of it."""
        postings = self.moved(amount, to=Role.FEES, away=Role.STRIPE)
        for posting in postings[:1]:
            posting.vat_code = self.settings.vat_code_fees
        return postings

    def revenue(self, total: VatTotal, sign: int) -> Posting:
        """What was sold at one rate; ``sign`` -1: credited again."""
        settings = self.settings
        taxed = total.rate > 0
        return Posting(
            role=Role.REVENUE,
            account=settings.account_revenue if taxed else settings.account_revenue_exempt,
            vat_code=settings.vat_code if taxed else settings.vat_code_exempt,
            amount=-sign * total.net,
            net=sign * total.net,
            vat=sign * total.vat,
            gross=sign * (total.net + total.vat),
        )


def of_document(invoice: Invoice, chart: Chart) -> Voucher:
    """An invoice: owed by the buyer, earned, and its VAT owed to the state; a credit note takes
    that back."""
    sign = 1 if invoice.kind == DocumentKind.INVOICE else -1
    document = invoice.document
    return Voucher(
        key=f"document:{invoice.pk}",
        kind=VoucherKind.INVOICE if sign > 0 else VoucherKind.CREDIT_NOTE,
        reference=invoice.number,
        event_on=invoice.issued_on,
        charge=invoice.charge,
        postings=tuple(_of_totals(document, sign, chart)),
    )


def _of_totals(document: InvoiceDocument, sign: int, chart: Chart) -> Iterator[Posting]:
    start, end = document.period or (None, None)
    yield chart.posting(Role.DEBTORS, sign * document.gross)
    for total in document.vat_totals:
        if total.net:
            revenue = chart.revenue(total, sign)
            revenue.period_start, revenue.period_end = start, end
            yield revenue
        if total.vat:
            vat = chart.posting(Role.VAT, -sign * total.vat)
            vat.vat_code = chart.settings.vat_code
            yield vat


def of_payment(payment: Payment, chart: Chart) -> Voucher:
    """Money that Stripe holds for us. Paid twice, nobody owed it: it waits to be sent back."""
    assert payment.paid_at is not None
    duplicate = payment.is_duplicate
    away = Role.DUPLICATES if duplicate else Role.DEBTORS
    return Voucher(
        key=f"payment:{payment.pk}",
        kind=VoucherKind.DUPLICATE if duplicate else VoucherKind.PAYMENT,
        reference=payment.payment_intent_id or str(payment.pk),
        event_on=timezone.localdate(payment.paid_at),
        charge=payment.charge,
        postings=chart.moved(payment.amount, to=Role.STRIPE, away=away),
    )


def of_refund(refund: Refund, chart: Chart) -> Voucher:
    """Money that Stripe sent back for us."""
    payment = refund.payment
    to = Role.DUPLICATES if payment.is_duplicate else Role.DEBTORS
    return Voucher(
        key=f"refund:{refund.pk}",
        kind=VoucherKind.REFUND,
        reference=refund.stripe_id or str(refund.pk),
        event_on=timezone.localdate(refund.succeeded_at or refund.created_at),
        charge=payment.charge,
        postings=chart.moved(refund.amount, to=to, away=Role.STRIPE),
    )


def of_transfer(transfer: BankTransfer, chart: Chart) -> Voucher:
    """Money on the bank account that pays a charge: of the day when it came."""
    charge = transfer.charge
    assert charge is not None
    invoices = [row for row in charge.invoices.all() if row.kind == DocumentKind.INVOICE]
    return Voucher(
        key=f"transfer:{transfer.pk}:{transfer.matches}",
        kind=VoucherKind.TRANSFER,
        reference=invoices[0].number if invoices else str(charge.pk),
        event_on=transfer.received_on,
        charge=charge,
        postings=chart.moved(transfer.amount, to=Role.BANK, away=Role.DEBTORS),
    )


#: Where the money of a transaction that no other voucher tells of came from, or went.
_OTHER_SIDE = {
    BalanceCategory.PAYOUT: (VoucherKind.PAYOUT, Role.BANK),
    BalanceCategory.DISPUTE: (VoucherKind.DISPUTE, Role.DISPUTES),
}


def of_fee(row: BalanceTransaction, chart: Chart) -> Voucher:
    """What Stripe kept of a payment or took for a dispute."""
    return _at_stripe(row, "fee", VoucherKind.FEE, chart.fee(row.fee))


def of_movement(row: BalanceTransaction, chart: Chart) -> Voucher:
    """What moved the balance and is in the journal by no payment or refund of ours.

    Whatever it can't say what it is waits in an account of its own for a person.
    """
    category = BalanceCategory(row.category)
    if category == BalanceCategory.FEE:
        return _at_stripe(row, "balance", VoucherKind.FEE, chart.fee(-row.amount))
    kind, role = _OTHER_SIDE.get(category, (VoucherKind.UNCLEAR, Role.UNCLEAR))
    postings = chart.moved(row.amount, to=Role.STRIPE, away=role)
    return _at_stripe(row, "balance", kind, postings)


def _at_stripe(
    row: BalanceTransaction, prefix: str, kind: VoucherKind, postings: tuple[Posting, ...]
) -> Voucher:
    return Voucher(
        key=f"{prefix}:{row.pk}",
        kind=kind,
        reference=row.source_id or row.stripe_id,
        event_on=timezone.localdate(row.created_at),
        charge=row.payment.charge if row.payment else None,
        postings=postings,
    )


_UNDOING = {
    VoucherKind.REFUND: VoucherKind.REFUND_UNDONE,
    VoucherKind.TRANSFER: VoucherKind.TRANSFER_UNDONE,
    VoucherKind.UNCLEAR: VoucherKind.UNCLEAR_UNDONE,
}


def reversal(postings: Iterable[Posting], event_on: date) -> Voucher:
    """What takes a voucher back: the same accounts, the other side, never dated before it."""
    lines = list(postings)
    first = lines[0]
    return Voucher(
        key=f"{first.voucher}{UNDONE}",
        kind=_UNDOING[VoucherKind(first.kind)],
        reference=first.reference,
        event_on=max(event_on, first.event_on),
        charge=first.charge,
        postings=tuple(
            Posting(role=line.role, account=line.account, amount=-line.amount) for line in lines
        ),
    )


def written(voucher: Voucher, posted_on: date) -> list[Posting]:
    """The voucher's postings, whole, to be written."""
    shared: dict[str, Any] = {
        "voucher": voucher.key,
        "kind": voucher.kind,
        "reference": voucher.reference,
        "event_on": voucher.event_on,
        "posted_on": posted_on,
        "charge": voucher.charge,
        "network": voucher.charge.scope_label if voucher.charge else "",
    }
    for number, posting in enumerate(voucher.postings, start=1):
        posting.line = number
        for name, value in shared.items():
            setattr(posting, name, value)
    return list(voucher.postings)
