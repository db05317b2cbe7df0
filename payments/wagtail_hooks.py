"""Payments in the administration's menu."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import SubmenuMenuItem
from wagtail.permissions import register_permission_policy

from cms.backoffice.menus import menu_group
from payments.backoffice.bank import BankTransferAdmin
from payments.backoffice.charges import ChargeAdmin
from payments.backoffice.dunning import OverdueEntry
from payments.backoffice.invoices import InvoiceAdmin
from payments.backoffice.journal import PostingAdmin
from payments.backoffice.payments import PaymentAdmin
from payments.models import BankTransfer, Charge, Invoice, Payment, Posting
from payments.policies import (
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

charges, invoices = ChargeAdmin(), InvoiceAdmin()
payments, transfers = PaymentAdmin(), BankTransferAdmin()
postings = PostingAdmin()
for admin in (charges, invoices, payments, transfers, postings):
    admin.register_with_wagtail()


@hooks.register("register_admin_menu_item")
def register_finance_menu() -> SubmenuMenuItem:
    return menu_group(
        _("Finance"),
        [charges, invoices, OverdueEntry(invoices), payments, transfers, postings],
        icon_name="calculator",
        order=220,
        name="finance",
    )
