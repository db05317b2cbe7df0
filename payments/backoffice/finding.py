"""What the search finds of money: charges and invoices by buyer, number and what they are for,
payments by Stripe's and our references."""

from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import status_tag
from cms.backoffice.search import Hit, Source
from cms.policy import User
from cms.searching import Search, SearchText, gathered
from payments import money
from payments.backoffice.wording import charge_tone, payment_tone
from payments.models import (
    Charge,
    Invoice,
    Payment,
    Refund,
)
from payments.models.invoice import KIND_CHOICES
from payments.policies import charge_policy, invoice_policy, payment_policy


def _charges_with(search: Search, term: str) -> QuerySet[Charge]:
    return Charge.objects.filter(search.found_in(term, *Charge.SEARCHED)).order_by()


def _charges_matching(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    if search.reference:
        return rows.filter(search.referred())
    for term in search.terms:
        rows = rows.filter(search.found_in(term, *Charge.SEARCHED))
    return rows


def _buyer_details(row: dict[str, Any]) -> list[str]:
    """Who it was sent to, as on the document."""
    gln = f"EAN {row['gln']}" if row["gln"] else ""
    cvr = f"CVR {row['cvr']}" if row["cvr"] else ""
    return [row["contact"], row["email"], row["reference"], row["order"], gln, cvr]


def _buyer_values(prefix: str = "") -> dict[str, F]:
    return {
        "contact": F(f"{prefix}buyer_contact"),
        "email": F(f"{prefix}buyer_email"),
        "reference": F(f"{prefix}buyer_reference"),
        "order": F(f"{prefix}order_number"),
        "gln": F(f"{prefix}buyer_gln"),
        "cvr": F(f"{prefix}buyer_cvr"),
        "network": F(f"{prefix}scope_label"),
    }


def _charge_hit(row: dict[str, Any]) -> Hit:
    title = f"{row['description']}, {row['buyer']}".strip(", ")
    told = Charge(state=row["state"])
    status = status_tag(told.get_state_display(), charge_tone(told))
    return Hit(title, [money.format_kroner(row["gross"]), *_buyer_details(row)], status)


CHARGES = Source(
    kind="charges",
    label=_("Charges"),
    icon_name="calculator",
    policy=charge_policy,
    url_name="payments_charge_modeladmin_inspect",
    matching=_charges_matching,
    # Many are described alike, by the network and the year.
    walking=_charges_matching,
    values={
        "description": F("description"),
        "buyer": F("buyer_name"),
        "gross": F("gross"),
        "state": F("state"),
        **_buyer_values(),
    },
    hit=_charge_hit,
    likeness=SearchText(*Charge.SEARCHED),
    order_by=("-created_at",),
    position=60,
)


def _invoices_matching(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    """By their number and buyer, or by what the charge says of the buyer."""
    if search.reference:
        return rows.filter(search.referred())
    rarest, *others = search.by_rarity
    keys = Invoice.objects.order_by().values("pk")
    own = keys.filter(search.found_in(rarest, *Invoice.SEARCHED))
    charged = keys.filter(charge__in=_charges_with(search, rarest).values("pk"))
    return _invoices_having(rows.filter(gathered(own.union(charged))), search, others)


def _invoices_having(rows: QuerySet[Any], search: Search, terms: list[str]) -> QuerySet[Any]:
    for term in terms:
        own = Q(search.found_in(term, *Invoice.SEARCHED))
        charged = [f"charge__{name}" for name in Charge.SEARCHED]
        rows = rows.filter(own | Q(search.found_in(term, *charged)))
    return rows


def _invoices_walked(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    return _invoices_having(rows, search, search.terms)


def _invoice_hit(row: dict[str, Any]) -> Hit:
    title = f"{dict(KIND_CHOICES)[row['kind']]} {row['number']}, {row['buyer']}"
    return Hit(title, [money.format_kroner(row["gross"]), row["network"], *_buyer_details(row)])


INVOICES = Source(
    kind="invoices",
    label=_("Invoices and credit notes"),
    icon_name="doc-full",
    policy=invoice_policy,
    url_name="payments_invoice_modeladmin_inspect",
    matching=_invoices_matching,
    walking=_invoices_walked,
    values={
        "kind": F("kind"),
        "number": F("number"),
        "buyer": F("buyer_name"),
        "gross": F("gross"),
        **_buyer_values("charge__"),
    },
    hit=_invoice_hit,
    likeness=SearchText(*Invoice.SEARCHED),
    order_by=("-year", "-sequence"),
    position=70,
)


def _payments_matching(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    """By their reference or Stripe's, from the beginning; by that of a refund."""
    if search.loosely:
        return rows.none()
    text = search.text
    refunds = Refund.objects.filter(stripe_id__startswith=text)
    stripe = Q(session_id__startswith=text) | Q(payment_intent_id__startswith=text)
    return rows.filter(stripe | Q(pk__in=refunds.values("payment")) | search.referred())


def _payment_hit(row: dict[str, Any]) -> Hit:
    told = Payment(state=row["state"])
    status = status_tag(told.get_state_display(), payment_tone(told))
    amount = money.format_kroner(row["amount"])
    ours = [row["session"], row["intent"], row["key"]]
    return Hit(f"{amount}, {row['description']}", [row["buyer"], *ours], status)


PAYMENTS = Source(
    kind="payments",
    label=_("Payments"),
    icon_name="resubmit",
    policy=payment_policy,
    url_name="payments_payment_modeladmin_inspect",
    matching=_payments_matching,
    values={
        "description": F("charge__description"),
        "buyer": F("charge__buyer_name"),
        "amount": F("amount"),
        "state": F("state"),
        "session": F("session_id"),
        "intent": F("payment_intent_id"),
        "key": F("pk"),
    },
    hit=_payment_hit,
    likeness=SearchText(Coalesce("session_id", Value(""))),
    order_by=("-created_at",),
    position=80,
)

SOURCES = [CHARGES, INVOICES, PAYMENTS]
