"""What is done with one invoice: its files, and its delivery."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import ActionView
from payments.einvoice.senders import configured_sender
from payments.models import ON_ITS_WAY, Invoice, TransmissionState
from payments.services import transmission
from payments.services.files import PDF, XML, file_of
from payments.services.transmission import NotSendable, goes_by_e_invoice


class _FileView(ActionView):
    """A file of the document, written from what was stored when it was issued."""

    permission = "view"
    is_secondary = True
    extension: str

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.fits(self.instance):
            return super().get(request)
        file = file_of(self.instance, self.extension)
        response = HttpResponse(file.content, content_type=file.content_type)
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return response

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return self.get(request)


class PdfView(_FileView):
    name = "pdf"
    label = _("Download PDF")
    icon_name = "download"
    is_secondary = False
    extension = PDF


class XmlView(_FileView):
    name = "xml"
    label = _("Download e-invoice (XML)")
    icon_name = "code"
    extension = XML

    @classmethod
    def fits(cls, instance: Invoice) -> bool:
        return goes_by_e_invoice(instance)


def _was_sent(invoice: Invoice, states: Collection[str]) -> bool:
    """Whether a transmission is in one of the states; a list reads them for all its rows."""
    return any(row.state in states for row in invoice.transmissions.all())


class SendAgainView(ActionView):
    name = "send"
    label = _("Send as e-invoice")
    icon_name = "mail"
    refusals = (NotSendable,)
    success_message = _("It is being sent.")

    @classmethod
    def fits(cls, instance: Invoice) -> bool:
        return (
            configured_sender() is not None
            and goes_by_e_invoice(instance)
            and not _was_sent(instance, ON_ITS_WAY)
        )

    def explanation(self) -> str:
        if self.instance.transmissions.filter(state=TransmissionState.SENT).exists():
            return _t("It was sent before. The same document is sent once more.")
        return _t("The document is sent to EAN/GLN %(gln)s.") % {
            "gln": self.instance.document.buyer.gln
        }

    def refusal_text(self, error: Exception) -> Any:
        return _("It is on its way already.")

    def perform(self, data: dict[str, Any]) -> None:
        transmission.send_again(self.instance, actor=Actor.by(self.request.user))  # type: ignore[arg-type]


class ReceiptForm(forms.Form):
    receipt = forms.CharField(
        label=_("How was it delivered?"),
        max_length=200,
        help_text=_("For example: uploaded in the bank's e-invoice portal."),
    )


class MarkDeliveredView(ActionView):
    name = "delivered"
    label = _("Mark as delivered by hand")
    icon_name = "check"
    is_secondary = True
    form_class = ReceiptForm
    refusals = (NotSendable,)
    success_message = _("Marked as delivered.")

    @classmethod
    def fits(cls, instance: Invoice) -> bool:
        delivered = (*ON_ITS_WAY, TransmissionState.SENT)
        return goes_by_e_invoice(instance) and not _was_sent(instance, delivered)

    def refusal_text(self, error: Exception) -> Any:
        return _("It is on its way already.")

    def perform(self, data: dict[str, Any]) -> None:
        transmission.mark_delivered(self.instance, actor=Actor.by(self.request.user), **data)  # type: ignore[arg-type]
