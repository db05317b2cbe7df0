"""Payments in the administration's menu."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import SubmenuMenuItem
from wagtail.permissions import register_permission_policy

from cms.backoffice.desk import DESK_HOOK, Task, tasks_in
from cms.backoffice.menus import menu_group
from cms.backoffice.search import SEARCH_HOOK, Source
from payments.backoffice import desk, finding
from payments.backoffice.balance import BalanceAdmin
from payments.backoffice.bank import BankTransferAdmin
from payments.backoffice.charges import ChargeAdmin
from payments.backoffice.dunning import OverdueEntry
from payments.backoffice.invoices import InvoiceAdmin
from payments.backoffice.journal import PostingAdmin
from payments.backoffice.ledger import LedgerEntry
from payments.backoffice.payments import PaymentAdmin
from payments.backoffice.statement import StatementEntry
from payments.models import BalanceTransaction, BankTransfer, Charge, Invoice, Payment, Posting
from payments.policies import (
    balance_policy,
    bank_transfer_policy,
    charge_policy,
    invoice_policy,
    payment_policy,
    posting_policy,
)

register_permission_policy(Charge, charge_policy)
register_permission_policy(Payment, payment_policy)
register_permission_policy(Invoice, invoice_policy)
register_permission_policy(BankTransfer, bank_transfer_policy)
register_permission_policy(Posting, posting_policy)
register_permission_policy(BalanceTransaction, balance_policy)

charges, invoices = ChargeAdmin(), InvoiceAdmin()
payments, transfers = PaymentAdmin(), BankTransferAdmin()
postings, balances = PostingAdmin(), BalanceAdmin()
for admin in (charges, invoices, payments, transfers, postings, balances):
    admin.register_with_wagtail()


@hooks.register(SEARCH_HOOK)
def register_search_sources() -> list[Source]:
    return finding.SOURCES


@hooks.register("register_admin_menu_item")
def register_finance_menu() -> SubmenuMenuItem:
    return menu_group(
        _("Finance"),
        [
            charges,
            invoices,
            OverdueEntry(invoices),
            payments,
            StatementEntry(balances),
            transfers,
            LedgerEntry(postings),
            postings,
        ],
        icon_name="calculator",
        order=220,
        name="finance",
    )


DESK = desk.entries(charges=charges, invoices=invoices, payments=payments, transfers=transfers)


@hooks.register(DESK_HOOK)
def register_desk_tasks(request: HttpRequest) -> list[Task]:
    return tasks_in(DESK, request)
