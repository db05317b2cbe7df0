"""What money has waiting for finance."""

from datetime import timedelta

from django.utils.translation import ngettext_lazy

from cms.backoffice.admin import RowAdmin
from cms.backoffice.desk import ALWAYS, Area, ListEntry

WEEK = timedelta(days=7)


def entries(
    *, charges: RowAdmin, invoices: RowAdmin, payments: RowAdmin, transfers: RowAdmin
) -> list[ListEntry]:
    """The tasks, in the order in which they are shown where none is urgent."""
    return [*_of_payments(payments), *_of_invoices(charges, invoices, transfers)]


def _of_payments(payments: RowAdmin) -> list[ListEntry]:
    """What Stripe, or money through it, waits for."""
    return [
        ListEntry(
            "disputes",
            Area.MONEY,
            ngettext_lazy(
                "disputed payment awaits our evidence", "disputed payments await our evidence"
            ),
            payments,
            "change",
            {"attention": "evidence"},
            "dispute_due_by",
            is_deadline=True,
            urgent_after=WEEK,
        ),
        ListEntry(
            "review",
            Area.MONEY,
            ngettext_lazy("payment needs review", "payments need review"),
            payments,
            "change",
            {"attention": "review"},
            "created_at",
            urgent_after=ALWAYS,
        ),
        ListEntry(
            "send_back",
            Area.MONEY,
            ngettext_lazy("payment is to be sent back", "payments are to be sent back"),
            payments,
            "change",
            {"attention": "owed_back"},
            "created_at",
            urgent_after=WEEK,
        ),
    ]


def _of_invoices(charges: RowAdmin, invoices: RowAdmin, transfers: RowAdmin) -> list[ListEntry]:
    return [
        ListEntry(
            "not_invoiced",
            Area.MONEY,
            ngettext_lazy("charge could not be invoiced", "charges could not be invoiced"),
            charges,
            "change",
            {"attention": "not_invoiced"},
            "created_at",
            urgent_after=WEEK,
        ),
        ListEntry(
            "overdue",
            Area.MONEY,
            ngettext_lazy("invoice is overdue", "invoices are overdue"),
            invoices,
            "change",
            {"overdue": "yes"},
            "due_on",
            urgent_after=timedelta(days=30),
        ),
        ListEntry(
            "transfers",
            Area.MONEY,
            ngettext_lazy("bank transfer has no charge", "bank transfers have no charge"),
            transfers,
            "change",
            {"state": "unmatched"},
            "received_on",
            urgent_after=2 * WEEK,
        ),
    ]
