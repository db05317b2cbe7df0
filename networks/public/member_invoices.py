"""Charges of "my membership" with their documents, and whom coming invoices go to."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cms.audit import VISITOR, reference
from networks.models import Membership
from networks.public.buyer_form import BuyerForm
from networks.public.member_page import MONEY, Visit, member_page, member_view, posted
from networks.services import people
from payments.models import Charge, ChargeState, Invoice, PaymentMethod
from payments.services.files import file_of, formats_of


class OwnBuyerForm(BuyerForm):
    """What is asked for depends on how the membership is paid."""

    def __init__(self, *args: Any, by_invoice: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_invoice = by_invoice
        if not by_invoice:
            for name in self.INVOICE_FIELDS:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        if self.by_invoice:
            self.require_invoice_details()
        self.require_address()
        return self.cleaned_data


@member_view(MONEY)
def invoices(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What was charged, with lines, credits, documents and state; how the open one is paid."""
    membership = visit.membership
    charges = (
        Charge.objects.filter(reference=reference(membership))
        .prefetch_related(
            "lines",
            "credits",
            Prefetch("invoices", Invoice.objects.order_by("year", "sequence")),
        )
        .order_by("-created_at")
    )
    context = {
        "charges": [_shown(charge, visit) for charge in charges],
        "has_buyer": any(membership.buyer().values()),
        "saved": request.GET.get("gemt") == "1",
    }
    return member_page(request, visit, "networks/my/invoices.html", context)


def _shown(charge: Charge, visit: Visit) -> dict[str, Any]:
    is_open = charge.state == ChargeState.OPEN
    by_card = charge.method == PaymentMethod.CARD
    documents = list(charge.invoices.all())
    due_on = next((document.due_on for document in documents if document.due_on), None)
    return {
        "charge": charge,
        "left": charge.gross - charge.credited,
        "is_open": is_open,
        "pay_url": (
            reverse("charge_payment", args=[visit.token, charge.pk]) if is_open and by_card else ""
        ),
        "awaits_payment": is_open and not by_card,
        "due_on": due_on if is_open else None,
        "is_overdue": is_open and due_on is not None and due_on < timezone.localdate(),
        "documents": [_document(document, visit) for document in documents],
        # What is owed by e-invoice or was paid gets its document from a job, within minutes.
        "awaits_document": not documents and _is_to_be_invoiced(charge),
    }


def _is_to_be_invoiced(charge: Charge) -> bool:
    owed = charge.method == PaymentMethod.INVOICE and charge.credited < charge.gross
    return owed or charge.paid_at is not None


def _document(invoice: Invoice, visit: Visit) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "files": [
            {
                "format": extension.upper(),
                "url": reverse(
                    "membership_invoice_file", args=[visit.token, invoice.pk, extension]
                ),
            }
            for extension in formats_of(invoice)
        ],
    }


@require_safe
@member_view(MONEY)
def invoice_file(
    request: HttpRequest, visit: Visit, invoice_id: UUID, extension: str
) -> HttpResponse:
    """A document of a charge of this membership, as PDF or as the e-invoice's XML."""
    mine = Invoice.objects.filter(charge__reference=reference(visit.membership))
    invoice = mine.filter(pk=invoice_id).first()
    try:
        if invoice is None:
            raise LookupError(invoice_id)
        file = file_of(invoice, extension)
    except LookupError as unknown:
        raise Http404 from unknown
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@member_view(MONEY)
def buyer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Correct what invoices to come will say; charges made keep what they froze."""
    membership = visit.membership
    form = OwnBuyerForm(
        posted(request),
        initial=membership.buyer(),
        by_invoice=membership.method != PaymentMethod.CARD,
    )
    if request.method == "POST" and form.is_valid():
        people.correct_buyer(membership.pk, actor=VISITOR, buyer=_given(form, membership))
        address = reverse("membership_invoices", args=[visit.token])
        return redirect(f"{address}?gemt=1")
    status = 422 if form.errors else 200
    return member_page(request, visit, "networks/my/buyer.html", {"form": form}, status=status)


def _given(form: OwnBuyerForm, membership: Membership) -> dict[str, str]:
    """The form's fields alone: who is written to about invoices is the invoice contact's role."""
    filled = form.buyer(membership.municipality, membership.buyer_contact, membership.buyer_email)
    shown = {*form.fields, "buyer_name", "buyer_cvr"}
    return {name: value for name, value in filled.items() if name in shown}
