"""A document's files, written from what was stored when it was issued: always the same."""

from dataclasses import dataclass

from payments.documents import pdf
from payments.einvoice import ubl
from payments.models import Invoice
from payments.services.transmission import filename_of, goes_by_e_invoice

PDF, XML = "pdf", "xml"


@dataclass(frozen=True)
class DocumentFile:
    name: str
    content_type: str
    content: bytes


def formats_of(invoice: Invoice) -> list[str]:
    """The files that there are: XML where the document goes by e-invoice."""
    return [PDF, XML] if goes_by_e_invoice(invoice) else [PDF]


def file_of(invoice: Invoice, extension: str) -> DocumentFile:
    """One of ``formats_of``. Raises LookupError for any other."""
    if extension not in formats_of(invoice):
        raise LookupError(extension)
    name = filename_of(invoice, extension)
    if extension == PDF:
        return DocumentFile(name, "application/pdf", pdf.render(invoice.document))
    return DocumentFile(name, "application/xml; charset=utf-8", ubl.render(invoice.document))
