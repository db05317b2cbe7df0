"""The story of the charges of one subject, for the timeline of whatever is charged."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import status_tag
from cms.backoffice.timeline import Event
from cms.policy import User
from payments import money
from payments.backoffice.wording import (
    charge_tone,
    payment_tone,
    refund_tone,
    transmission_tone,
)
from payments.einvoice.senders import AccessPointSender
from payments.models import (
    Charge,
    ChargeState,
    Credit,
    Invoice,
    Payment,
    PaymentState,
    Refund,
    Transmission,
    TransmissionState,
)
from payments.models.invoice import KIND_CHOICES
from payments.policies import charge_policy, invoice_policy, payment_policy
from payments.services.transmission import BY_HAND

MONEY = "money"


def _rows(rows: QuerySet[Any], **values: str) -> ArraySubquery:
    """The rows as a column of the charge: name → expression."""
    told = JSONObject(**{name: F(path) for name, path in values.items()})
    return ArraySubquery(rows.order_by("created_at").annotate(told=told).values("told"))


def charges_of(user: User, reference: str) -> list[Charge]:
    """The subject's charges that the user may see, with what became of them, in one query."""
    of_charge = {"charge": OuterRef("pk")}
    documents = invoice_policy.instances_user_has_permission_for(user, "view")
    payments = payment_policy.instances_user_has_permission_for(user, "view")
    refunds = Refund.objects.filter(
        payment__charge=OuterRef("pk"), payment__in=payments.order_by().values("pk")
    )
    charges = charge_policy.instances_user_has_permission_for(user, "view")
    told = charges.filter(reference=reference).annotate(
        told_documents=_rows(
            documents.filter(**of_charge),
            key="pk",
            kind="kind",
            number="number",
            gross="gross",
            at="created_at",
        ),
        told_transmissions=_transmissions_of(documents),
        told_payments=_rows(
            payments.filter(**of_charge),
            key="pk",
            state="state",
            amount="amount",
            at="created_at",
            paid="paid_at",
        ),
        told_refunds=_rows(
            refunds,
            payment="payment_id",
            state="state",
            amount="amount",
            reason="reason",
            at="created_at",
        ),
        told_credits=_rows(
            Credit.objects.filter(**of_charge), gross="gross", reason="reason", at="created_at"
        ),
    )
    return list(told.order_by("created_at"))


def _transmissions_of(documents: QuerySet[Invoice]) -> ArraySubquery:
    """Those of the charge's documents; who delivered one by hand is told by the history."""
    transmissions = Transmission.objects.exclude(sender=BY_HAND).filter(
        invoice__charge=OuterRef("pk"), invoice__in=documents.order_by().values("pk")
    )
    return _rows(
        transmissions,
        invoice="invoice_id",
        kind="invoice__kind",
        number="invoice__number",
        **{name: name for name in ("sender", "state", "attempts", "receipt", "error")},
        created="created_at",
        attempted="attempted_at",
        sent="sent_at",
    )


def open_sum(charges: list[Charge]) -> int:
    """What is owed, øre incl. VAT."""
    return sum(each.gross - each.credited for each in charges if each.state == ChargeState.OPEN)


def pages(charges: list[Charge]) -> dict[str, tuple[str, str]]:
    """What the audit log names of the charges: they, their documents and their payments; with what
    each is called, and the address of its page."""
    found = {}
    for charge in charges:
        told: Any = charge
        rows = [("charge", charge.pk, charge.description)]
        rows += [("invoice", row["key"], _document(row)) for row in told.told_documents]
        rows += [
            ("payment", row["key"], money.format_kroner(row["amount"]))
            for row in told.told_payments
        ]
        found.update(
            {f"payments.{model}:{key}": (name, _page(model, key)) for model, key, name in rows}
        )
    return found


def _document(row: dict[str, Any]) -> str:
    kinds: dict[str, Any] = dict(KIND_CHOICES)
    return f"{kinds[row['kind']]} {row['number']}"


def _time(text: str) -> datetime:
    moment = parse_datetime(text)
    assert moment is not None
    return moment


def _page(model: str, key: Any) -> str:
    return reverse(f"payments_{model}_modeladmin_inspect", args=[quote(str(key))])


def story(charges: list[Charge]) -> Iterator[Event]:
    """What happened, of charges that ``charges_of`` read."""
    for charge in charges:
        yield _made(charge)
        yield from _documents(charge)
        yield from _transmissions(charge)
        yield from _payments(charge)
        yield from _given_back(charge)


def _made(charge: Charge) -> Event:
    return Event(
        charge.created_at,
        MONEY,
        _t("Charged: %(description)s") % {"description": charge.description},
        details=[money.format_kroner(charge.gross), charge.get_method_display()],
        url=_page("charge", charge.pk),
        status=status_tag(charge.get_state_display(), charge_tone(charge)),
    )


def _documents(charge: Any) -> Iterator[Event]:
    for row in charge.told_documents:
        yield Event(
            _time(row["at"]),
            MONEY,
            _document(row),
            details=[money.format_kroner(row["gross"])],
            url=_page("invoice", row["key"]),
        )


def _transmissions(charge: Any) -> Iterator[Event]:
    """How each went on its way to the buyer: an entry each, at the time of what is last known."""
    for row in charge.told_transmissions:
        told = Transmission(state=row["state"])
        attempts = f"{_t('Attempts')}: {row['attempts']}" if row["attempts"] > 1 else ""
        yield Event(
            _time(row["sent"] or row["attempted"] or row["created"]),
            MONEY,
            _delivery(row),
            reason=row["error"],
            details=[each for each in (_document(row), attempts, row["receipt"]) if each],
            url=_page("invoice", row["invoice"]),
            status=status_tag(told.get_state_display(), transmission_tone(told)),
        )


def _delivery(row: dict[str, Any]) -> Any:
    if row["state"] == TransmissionState.SENT:
        taken = row["sender"] == AccessPointSender.name
        return _("E-invoice accepted by the access point") if taken else _("E-invoice handed over")
    if row["state"] == TransmissionState.FAILED:
        return _("E-invoice not delivered")
    return _("E-invoice to be tried again") if row["error"] else _("E-invoice on its way")


def _payments(charge: Any) -> Iterator[Event]:
    by_card = False
    for row in charge.told_payments:
        told = Payment(state=row["state"])
        is_paid = row["state"] == PaymentState.SUCCEEDED
        by_card = by_card or is_paid
        yield Event(
            _time(row["paid"] if is_paid else row["at"]),
            MONEY,
            _("Paid by card") if is_paid else _("Payment by card begun"),
            details=[money.format_kroner(row["amount"])],
            url=_page("payment", row["key"]),
            status=status_tag(told.get_state_display(), payment_tone(told)),
        )
    if charge.paid_at and not by_card:
        paid = charge.gross - charge.credited
        details = [money.format_kroner(paid)] if paid else []
        url = _page("charge", charge.pk)
        yield Event(charge.paid_at, MONEY, _("Payment received"), details=details, url=url)


def _given_back(charge: Any) -> Iterator[Event]:
    for row in charge.told_credits:
        yield Event(
            _time(row["at"]),
            MONEY,
            _("Credited"),
            reason=row["reason"],
            details=[money.format_kroner(row["gross"])],
            url=_page("charge", charge.pk),
        )
    for row in charge.told_refunds:
        told = Refund(state=row["state"])
        yield Event(
            _time(row["at"]),
            MONEY,
            _("Paid back"),
            reason=row["reason"],
            details=[money.format_kroner(row["amount"])],
            url=_page("payment", row["payment"]),
            status=status_tag(told.get_state_display(), refund_tone(told)),
        )
