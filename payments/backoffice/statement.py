"""Stripe's balance month by month: what came, what it cost, what went to the bank."""

from calendar import monthrange
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from cms import audit
from cms.audit import Actor
from cms.backoffice.listing import CRITICAL, POSITIVE, status_tag
from cms.backoffice.rows import BackofficeView
from cms.backoffice.spreadsheets import table_response
from payments import money
from payments.backoffice.months import month_name
from payments.backoffice.wording import when
from payments.policies import balance_policy
from payments.services import balance_checks
from payments.services.balance_statement import BalanceMonth, months

#: The columns of a month, and the filter of the transactions that each is made of; None: of all.
_COLUMNS: tuple[tuple[str, Any, dict[str, str] | None], ...] = (
    ("opening", _("Opening balance"), None),
    ("payments", _("Payments"), {"category": "payment"}),
    ("refunds", _("Refunds"), {"category": "refund"}),
    ("disputes", _("Disputes"), {"category": "dispute"}),
    ("fees", _("Fees"), {"attention": "fee"}),
    ("payouts", _("Payouts"), {"category": "payout"}),
    ("closing", _("Closing balance"), None),
)


class StatementView(BackofficeView):
    """payments - refunds - disputes - fees = payouts + change of balance, for each month."""

    name = "statement"
    label = _("Stripe's months")
    icon_name = "calendar-alt"
    template_name = "payments/backoffice/statement.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.policy.instances_user_has_permission_for(request.user, "view")
        may_export = self.policy.user_has_permission(request.user, "export")
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                headings=[label for _name, label, _filter in _COLUMNS],
                lines=[self.line(month) for month in reversed(months(rows))],
                now=self.now(),
                files=self.files() if may_export else [],
                index_url=self.model_admin.row_url("index"),
            )
        )
        return response

    def line(self, month: BalanceMonth) -> dict[str, Any]:
        holds = month.difference == 0
        return {
            "name": month_name(month.month),
            "url": self.list_url(month),
            "transactions": month.transactions,
            "cells": [
                (
                    money.format_kroner(getattr(month, name)),
                    self.list_url(month, **which) if which and getattr(month, name) else "",
                )
                for name, _label, which in _COLUMNS
            ],
            "status": status_tag(_("Agrees"), POSITIVE)
            if holds
            else status_tag(_("Difference"), CRITICAL),
            "difference": "" if holds else money.format_kroner(month.difference),
            "difference_url": self.list_url(month, category="other"),
        }

    def list_url(self, month: BalanceMonth, **which: str) -> str:
        """The month's transactions; ``which``: the filter of some of them."""
        last = month.month.replace(day=monthrange(month.month.year, month.month.month)[1])
        span = {"created_at_from": f"{month.month}", "created_at_to": f"{last}"}
        return f"{self.model_admin.row_url('index')}?{urlencode({**span, **which})}"

    def now(self) -> dict[str, Any] | None:
        """What Stripe holds, beside what we say; None while it was never read."""
        reading = balance_checks.reading()
        if reading is None:
            return None
        booked, _held = balance_checks.clearing_account()
        return {
            "facts": [
                (_("Stripe holds"), money.format_kroner(reading.held)),
                (_("The transactions sum to"), money.format_kroner(reading.transactions)),
                (_("Receivable from Stripe in the accounts"), money.format_kroner(booked)),
                (_("Not read or posted yet"), money.format_kroner(balance_checks.under_way())),
                (_("Read from Stripe"), when(reading.read_at)),
            ],
            "agrees": reading.held == reading.transactions,
        }

    def files(self) -> list[tuple[str, str]]:
        return [
            (kind.upper(), self.model_admin.row_url(StatementFileView.name, kind))
            for kind in ("csv", "xlsx")
        ]


class StatementFileView(BackofficeView):
    """The months as a file, amounts as numbers of kroner."""

    name = "statement-file"
    path = "statement/(?P<file_format>csv|xlsx)"
    permission = "export"
    file_format = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.policy.instances_user_has_permission_for(request.user, "view")
        found = months(rows)
        audit.record(
            actor=Actor.by(request.user),  # type: ignore[arg-type]
            action="list.exported",
            subject=request.user,  # type: ignore[arg-type]
            listing="payments.balancestatement",
            format=self.file_format,
            rows=len(found),
        )
        return table_response(_table(found), file_format=self.file_format, name="stripe-maaneder")


def _table(found: list[BalanceMonth]) -> Iterator[list[Any]]:
    yield [
        str(_("Month")),
        *(str(label) for _name, label, _filter in _COLUMNS),
        str(_("Difference")),
    ]
    for month in found:
        amounts = [getattr(month, name) / 100 for name, _label, _filter in _COLUMNS]
        yield [f"{month.month:%Y-%m}", *amounts, month.difference / 100]


class StatementEntry:
    """The statement's place in the menu."""

    def __init__(self, transactions: Any) -> None:
        self.transactions = transactions

    def get_menu_item(self, order: int) -> MenuItem:
        return _StatementItem(
            _("Stripe"),
            self.transactions.row_url(StatementView.name),
            name="stripe",
            icon_name=StatementView.icon_name,
            order=order,
        )


class _StatementItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(balance_policy.user_has_permission(request.user, "view"))
