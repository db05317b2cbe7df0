"""The ledger: for each charge, charges = payments − refunds + open + credited.

Payments are Stripe's and the bank's; a duplicate payment and its refund stand outside. What came
above what is owed stands in a column of its own. All sums are whole øre incl. VAT.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_noop as _

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
from payments.services import numbering
from payments.services.differences import Difference


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
        payment__state=PaymentState.SUCCEEDED,
        payment__is_duplicate=False,
    )
    on_their_way = refunds.filter(state__in=[RefundState.CREATED, RefundState.PENDING])
    return charges.annotate(
        by_card=_sum_of(payments, "amount"),
        by_bank=_sum_of(BankTransfer.objects.filter(**mine), "amount"),
        sent_back=_sum_of(refunds.filter(state=RefundState.SUCCEEDED), "amount"),
        going_back=_sum_of(on_their_way, "amount"),
        came_back=_sum_of(refunds.filter(state=RefundState.FAILED), "amount"),
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


#: First and last day, local dates.
Period = tuple[date, date]


@dataclass(frozen=True)
class Account:
    """What one network's charges of one period come to. None: no period."""

    scope: str
    scope_label: str
    period: Period | None
    balance: Balance

    def overlaps(self, later: "Account") -> bool:
        """``later``: of the same order, by start."""
        if self.scope != later.scope or self.period is None or later.period is None:
            return (self.scope, self.period) == (later.scope, later.period)
        return later.period[0] <= self.period[1]

    def __add__(self, later: "Account") -> "Account":
        period = None
        if self.period and later.period:
            period = (self.period[0], max(self.period[1], later.period[1]))
        return replace(self, period=period, balance=self.balance + later.balance)


#: The parts of a balance, as ``_with_due`` has read them.
_PARTS = {
    "charged": F("gross"),
    "paid_by_card": F("by_card"),
    "paid_by_bank": F("by_bank"),
    "refunded": F("sent_back"),
    "credited": F("taken_off"),
    "open": Greatest(F("due"), Value(0)),
    "surplus": Greatest(-F("due"), Value(0)),
}


def _with_due(charges: QuerySet[Charge]) -> QuerySet[Charge]:
    """The charges with their sums and what is still due; negative: came above what is owed."""
    received = F("by_card") + F("by_bank") - F("sent_back")
    return with_sums(charges).annotate(due=F("gross") - F("taken_off") - received)


def made_of(charges: QuerySet[Charge], part: str) -> QuerySet[Charge]:
    """The charges that a part of the balance is made of, each with its ``share``, newest first.

    KeyError for what is no part of a balance.
    """
    rows = _with_due(charges).annotate(share=_PARTS[part])
    return rows.filter(share__gt=0).order_by("-created_at", "pk")


def accounts(charges: QuerySet[Charge]) -> list[Account]:
    """The balances by network and period, the newest period of each network first; one query.

    Periods that overlap are one: who joins late, or pays for one meeting more, pays for a part of
    the season.
    """
    rows = (
        _with_due(charges.order_by())
        .values("scope", "period_start", "period_end")
        .annotate(
            label=Max("scope_label"),
            **{name: Sum(part) for name, part in _PARTS.items()},
        )
        .order_by("scope", F("period_start").asc(nulls_last=True), "period_end")
    )
    found: list[Account] = []
    for row in rows:
        account = _account(dict(row))
        if found and found[-1].overlaps(account):
            account = found.pop() + account
        found.append(account)
    found.sort(key=lambda one: one.period or (date.min, date.min), reverse=True)
    return sorted(found, key=lambda one: (one.scope_label, one.scope))


def of_account(charges: QuerySet[Charge], scope: str, period: Period | None) -> QuerySet[Charge]:
    """The charges that one of the ``accounts`` is made of."""
    charges = charges.filter(scope=scope)
    if period is None:
        return charges.filter(Q(period_start=None) | Q(period_end=None))
    return charges.filter(period_start__gte=period[0], period_end__lte=period[1])


def _account(row: dict[str, Any]) -> Account:
    start, end = row["period_start"], row["period_end"]
    return Account(
        scope=row["scope"],
        scope_label=row["label"],
        period=(start, end) if start and end else None,
        balance=Balance(**{name: row[name] for name in Balance.__dataclass_fields__}),
    )


def differences() -> Iterator[Difference]:
    """What does not hold; nothing when the ledger agrees."""
    for charge in with_sums(Charge.objects.order_by("created_at")).iterator():
        yield from _problems(charge, balance_of(charge))
    yield from _documents()


def _problems(charge: Any, balance: Balance) -> Iterator[Difference]:
    """``charge``: as ``with_sums`` has read it."""
    if charge.line_net != charge.net:
        yield Difference(
            _("its lines are %(lines)s, its net %(net)s"),
            subject=charge,
            lines=charge.line_net,
            net=charge.net,
        )
    if balance.credited != charge.credited:
        yield Difference(
            _("its credits are %(credits)s, it says %(said)s"),
            subject=charge,
            credits=balance.credited,
            said=charge.credited,
        )
    yield from _state_problems(charge, balance)
    if not balance.agrees:
        yield Difference(_("charges = payments - refunds + open + credited"), subject=charge)


def _state_problems(charge: Any, balance: Balance) -> Iterator[Difference]:
    """The state says the same as the sums."""
    match ChargeState(charge.state):
        case ChargeState.OPEN if balance.open == 0:
            yield Difference(_("open, and nothing is owed"), subject=charge)
        case ChargeState.PAID if balance.open:
            yield Difference(_("paid, and %(open)s is owed"), subject=charge, open=balance.open)
        case ChargeState.CREDITED if balance.open:
            yield Difference(_("credited, and %(open)s is owed"), subject=charge, open=balance.open)
    # After a refund that failed the money is with us: finance has it among the payments' tasks.
    unsent = balance.surplus - charge.going_back
    if not 0 <= unsent <= charge.came_back and not balance.paid_by_bank:
        yield Difference(
            _("%(surplus)s was received and is not owed, %(going)s goes back"),
            subject=charge,
            surplus=balance.surplus,
            going=charge.going_back,
        )


def _documents() -> Iterator[Difference]:
    """Each invoice says what its charge says, each credit note what its credit; no number is
    missing without an explanation."""
    wrong = Invoice.objects.filter(
        Q(kind="invoice") & ~Q(gross=F("charge__gross"))
        | Q(kind="credit_note") & ~Q(gross=F("credit__gross"))
    )
    for invoice in wrong:
        yield Difference(
            _("invoice %(number)s: its sum is not its charge's or credit's"),
            subject=invoice,
            number=invoice.number,
        )
    for year, missing in numbering.unexplained():
        yield Difference(
            _("invoice numbers of %(year)s missing: %(numbers)s"),
            year=str(year),
            numbers=str(missing[:10]),
        )
