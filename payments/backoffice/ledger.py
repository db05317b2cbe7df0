"""The ledger in the administration: what was charged, came and is open, and whether all agrees."""

from collections.abc import Iterable
from datetime import date
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from cms.backoffice.listing import status_tag
from cms.backoffice.rows import BackofficeView
from payments import money
from payments.backoffice.wording import charge_tone
from payments.models import Charge, Payment
from payments.policies import charge_policy, posting_policy
from payments.services import balance_checks, journal, ledger
from payments.services.differences import Difference
from payments.services.ledger import Account, Balance

#: Of a balance, as they stand in the identity.
COLUMNS: tuple[tuple[str, Any], ...] = (
    ("charged", _("Charged")),
    ("paid_by_card", _("Paid by card")),
    ("paid_by_bank", _("Paid by bank")),
    ("refunded", _("Refunded")),
    ("credited", _("Credited")),
    ("open", _("Open")),
    ("surplus", _("Surplus")),
)
#: More are counted, not shown.
DIFFERENCES_SHOWN = 100
CHARGES_A_PAGE = 50


def period_text(period: tuple[date, date] | None) -> str:
    if period is None:
        return str(_("No period"))
    return " – ".join(date_format(day, "SHORT_DATE_FORMAT") for day in period)


def page_url(row: Model) -> str:
    """The row's own page, which asks its policy: no question for each row of a list."""
    name = f"payments_{row._meta.model_name}_modeladmin_inspect"
    return reverse(name, args=[quote(row.pk)])


def subject_text(row: Model | None) -> str:
    """What a difference is about, as finance knows it."""
    if isinstance(row, Payment):
        return subject_text(row.charge)
    if isinstance(row, Charge):
        return f"{row.description}, {row.buyer_name}"
    return str(row or "")


class LedgerView(BackofficeView):
    """Each network's periods, the total, and what does not agree."""

    name = "ledger"
    label = _("Ledger")
    icon_name = "check"
    template_name = "payments/backoffice/ledger.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        charges = charge_policy.instances_user_has_permission_for(request.user, "view")
        found = ledger.accounts(charges)
        total = sum((account.balance for account in found), Balance())
        differences = list(self.differences())
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                headings=[label for _name, label in COLUMNS],
                lines=[self.line(account) for account in found],
                total=self.cells(total),
                number=len(differences),
                differences=[
                    self.difference(entry) for entry in islice(differences, DIFFERENCES_SHOWN)
                ],
            )
        )
        return response

    def differences(self) -> Iterable[Difference]:
        """What ``check_ledger`` would say of this moment."""
        return chain(ledger.differences(), journal.differences(), balance_checks.differences())

    def difference(self, entry: Difference) -> dict[str, Any]:
        url = page_url(entry.subject) if entry.subject else ""
        return {"text": entry.text, "subject": subject_text(entry.subject), "url": url}

    def line(self, account: Account) -> dict[str, Any]:
        period = [day.isoformat() for day in account.period or ()]
        return {
            "network": account.scope_label,
            "period": period_text(account.period),
            "cells": self.cells(account.balance, scope=account.scope, period=",".join(period)),
        }

    def cells(self, balance: Balance, **which: str) -> list[tuple[str, str]]:
        """Each amount, and the list of the charges that it is made of."""
        address = self.model_admin.row_url(LedgerChargesView.name)
        amounts = ((name, getattr(balance, name)) for name, _label in COLUMNS)
        return [
            (
                money.format_kroner(amount),
                f"{address}?{urlencode({'part': name, **which})}" if amount else "",
            )
            for name, amount in amounts
        ]


class LedgerChargesView(BackofficeView):
    """The charges that one number of the ledger is made of: they sum to it."""

    name = "ledger-charges"
    path = "ledger/charges"
    icon_name = "check"
    template_name = "payments/backoffice/ledger_charges.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        part = request.GET.get("part", "")
        labels = dict(COLUMNS)
        if part not in labels:
            raise Http404
        self.label = labels[part]
        rows: QuerySet[Any] = ledger.made_of(self.chosen(), part)
        page = Paginator(rows, CHARGES_A_PAGE).get_page(request.GET.get("p"))
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                page=page,
                lines=[self.line(row) for row in page],
                total=money.format_kroner(sum(rows.values_list("share", flat=True))),
                part=labels[part],
                query=urlencode({k: v for k, v in request.GET.items() if k != "p"}),
                cancel_url=self.model_admin.row_url(LedgerView.name),
            )
        )
        return response

    def chosen(self) -> QuerySet[Charge]:
        """The charges of the network and period asked for; of all, when none is."""
        charges = charge_policy.instances_user_has_permission_for(self.request.user, "view")
        if "scope" not in self.request.GET:
            return charges
        text = self.request.GET.get("period", "")
        try:
            days = [date.fromisoformat(day) for day in text.split(",") if day]
        except ValueError as error:
            raise Http404 from error
        period = (days[0], days[-1]) if days else None
        return ledger.of_account(charges, self.request.GET["scope"], period)

    def line(self, charge: Any) -> dict[str, Any]:
        """``charge``: as ``made_of`` has read it."""
        period = charge.period_start and charge.period_end
        return {
            "charge": charge,
            "url": page_url(charge),
            "state": status_tag(charge.get_state_display(), charge_tone(charge)),
            "period": period_text((charge.period_start, charge.period_end) if period else None),
            "gross": money.format_kroner(charge.gross),
            "share": money.format_kroner(charge.share),
        }


class LedgerEntry:
    """The ledger's place in the menu."""

    def __init__(self, postings: Any) -> None:
        self.postings = postings

    def get_menu_item(self, order: int) -> MenuItem:
        return _LedgerItem(
            LedgerView.label,
            self.postings.row_url(LedgerView.name),
            name="ledger",
            icon_name=LedgerView.icon_name,
            order=order,
        )


class _LedgerItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(posting_policy.user_has_permission(request.user, "view"))
