"""The ledger: for each charge, charges = payments − refunds + open + credited.

Payments are Stripe's and the bank's; a duplicate payment and its refund stand outside. What came
above what is owed stands in a column of its own. All sums are whole øre incl. VAT.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from payments.models import (
    BankTransfer,
    Charge,
    ChargeLine,
    ChargeState,
    Credit,
    Invoice,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)


@dataclass(frozen=True)
class Balance:
    """Sums of one charge or of all. ``surplus``: received and not owed, to be sent back."""

    charged: int = 0
    paid_by_card: int = 0
    paid_by_bank: int = 0
    refunded: int = 0
    credited: int = 0
    open: int = 0
    surplus: int = 0

    @property
    def agrees(self) -> bool:
        received = self.paid_by_card + self.paid_by_bank
        return self.charged == received - self.refunded - self.surplus + self.open + self.credited

    def __add__(self, other: "Balance") -> "Balance":
        names = self.__dataclass_fields__
        return Balance(**{name: getattr(self, name) + getattr(other, name) for name in names})


def _sum_of(rows: QuerySet, field: str) -> Coalesce:
    """The sum of a charge's rows, beside the charge."""
    rows = rows.order_by().values(_charge=Value(1)).annotate(total=Sum(field)).values("total")
    return Coalesce(Subquery(rows, output_field=BigIntegerField()), 0)


def with_sums(charges: QuerySet[Charge]) -> QuerySet[Charge]:
    """The charges with what was received, sent back and taken off, in one query."""
    mine = {"charge": OuterRef("pk")}
    payments = Payment.objects.filter(**mine, state=PaymentState.SUCCEEDED, is_duplicate=False)
    refunds = Refund.objects.filter(
        payment__charge=OuterRef("pk"),
        payment__is_duplicate=False,
        state=RefundState.SUCCEEDED,
    )
    on_their_way = Refund.objects.filter(
        payment__charge=OuterRef("pk"),
        payment__is_duplicate=False,
        state__in=[RefundState.CREATED, RefundState.PENDING],
    )
    return charges.annotate(
        by_card=_sum_of(payments, "amount"),
        by_bank=_sum_of(BankTransfer.objects.filter(**mine), "amount"),
        sent_back=_sum_of(refunds, "amount"),
        going_back=_sum_of(on_their_way, "amount"),
        taken_off=_sum_of(Credit.objects.filter(**mine), "gross"),
        line_net=_sum_of(
            ChargeLine.objects.filter(**mine).annotate(sum=F("quantity") * F("unit_price")), "sum"
        ),
        is_invoiced=Exists(Invoice.objects.filter(**mine, kind="invoice")),
    )


def balance_of(charge: Charge) -> Balance:
    """The balance of a charge that ``with_sums`` has read."""
    row: Charge = charge
    due = row.gross - row.taken_off - (row.by_card + row.by_bank - row.sent_back)  # type: ignore[attr-defined]
    return Balance(
        charged=row.gross,
        paid_by_card=row.by_card,  # type: ignore[attr-defined]
        paid_by_bank=row.by_bank,  # type: ignore[attr-defined]
        refunded=row.sent_back,  # type: ignore[attr-defined]
        credited=row.taken_off,  # type: ignore[attr-defined]
        open=max(due, 0),
        surplus=max(-due, 0),
    )


def total(charges: QuerySet[Charge]) -> Balance:
    return sum((balance_of(charge) for charge in with_sums(charges).iterator()), Balance())


def differences() -> Iterator[str]:
    """What does not hold, one line each, in English for the log; nothing when the ledger agrees."""
    for charge in with_sums(Charge.objects.order_by("created_at")).iterator():
        for problem in _problems(charge, balance_of(charge)):
            yield f"charge {charge.pk}: {problem}"
    yield from _documents()


def _problems(charge: Charge, balance: Balance) -> Iterator[str]:
    row = charge
    if row.line_net != row.net:  # type: ignore[attr-defined]
        yield f"its lines are {row.line_net}, its net {row.net}"  # type: ignore[attr-defined]
    if balance.credited != row.credited:
        yield f"its credits are {balance.credited}, it says {row.credited}"
    if row.state == ChargeState.PAID and balance.open and not row.paid_at:
        yield "paid without a time"
    yield from _state_problems(row, balance)
    if not balance.agrees:
        yield f"the ledger does not agree: {balance}"


def _state_problems(charge: Charge, balance: Balance) -> Iterator[str]:
    """The state says the same as the sums."""
    match ChargeState(charge.state):
        case ChargeState.OPEN if balance.open == 0:
            yield "open, and nothing is owed"
        case ChargeState.PAID if balance.open:
            yield f"paid, and {balance.open} is owed"
        case ChargeState.CREDITED if balance.open:
            yield f"credited, and {balance.open} is owed"
    if balance.surplus != charge.going_back and not balance.paid_by_bank:  # type: ignore[attr-defined]
        yield f"{balance.surplus} was received and is not owed, {charge.going_back} goes back"  # type: ignore[attr-defined]


def _documents() -> Iterator[str]:
    """Each invoice says what its charge says, each credit note what its credit; no number is
    missing."""
    wrong = Invoice.objects.filter(
        Q(kind="invoice") & ~Q(gross=F("charge__gross"))
        | Q(kind="credit_note") & ~Q(gross=F("credit__gross"))
    )
    for invoice in wrong:
        yield f"invoice {invoice.number}: its sum is not its charge's or credit's"
    years = Invoice.objects.order_by("year").values_list("year", flat=True).distinct()
    for year in years:
        numbers = list(
            Invoice.objects.filter(year=year)
            .order_by("sequence")
            .values_list("sequence", flat=True)
        )
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        if missing:
            yield f"invoice numbers of {year} missing: {missing[:10]}"
