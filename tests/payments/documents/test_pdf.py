"""The PDF, read back: what it says, in which language, and that a screen reader can read it."""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from payments.documents import pdf
from payments.invoice_document import DocumentLine, VatTotal
from tests.factories.documents import credit_note, document, every_kind


def read(of) -> PdfReader:
    return PdfReader(BytesIO(pdf.render(of)))


def text(of) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(of).pages).split())


@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_fits_on_one_page(kind):
    assert len(read(every_kind()[kind]).pages) == 1


def test_it_says_all_that_the_law_asks_for():
    said = text(document())
    for part in (
        "Faktura 2026-00042",
        "22. november 2026",
        "22. december 2026",
        "Kommunernes Prøveforening",
        "Prøvevej 10",
        "CVR 12345674",
        "Prøvekøbing Kommune",
        "Rådhustorvet 1",
        "Medlemskab af Fritidsfaciliteter, 2027",
        "7.000,00",
        "25 %",
        "1.750,00",
        "8.750 kr.",
        "1.1.2027",
        "31.12.2027",
        "5798009811578",
        "Kultur og fritid",
        "REKV-2026-117",
        "0040 0440116243",
        "DK5000400440116243",
        "Netto 30 dage",
    ):
        assert part in said, part


def test_it_has_title_language_and_tags():
    reader = read(document())
    assert reader.metadata is not None
    assert reader.metadata.title == "Faktura 2026-00042"
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "da-DK"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()


def test_it_speaks_english_when_asked():
    said = text(replace(document(), language="en"))
    assert "Invoice 2026-00042" in said
    assert "To pay incl. VAT" in said


def test_a_payment_slip_is_printed():
    assert "+71<000020260000421+87654321<" in text(every_kind()["payment slip"])


def test_a_receipt_says_that_it_is_paid_and_asks_for_nothing():
    said = text(every_kind()["receipt"])
    assert "Betalt 22. november 2026" in said
    assert "Sådan betaler du" not in said


def test_a_credit_note_names_what_it_corrects_and_why():
    said = text(credit_note())
    assert "Kreditnota 2026-00043" in said
    assert "2026-00042" in said
    assert "Udmeldt før sæsonen" in said


def test_an_exemption_is_explained():
    assert "Momsloven § 13" in text(every_kind()["exempt from VAT"])


def test_what_was_typed_is_text_and_no_markup():
    odd = DocumentLine("#strong[Nej] *fed* $x$ & <b>", 1, 100, 100, 2500)
    said = text(document(lines=(odd,), vat_totals=(VatTotal(2500, 100, 25),)))
    assert "#strong[Nej] *fed* $x$ & <b>" in said


def test_many_lines_go_on_to_another_page():
    lines = tuple(DocumentLine(f"Møde {number}", 1, 100, 100, 2500) for number in range(60))
    reader = read(document(lines=lines, vat_totals=(VatTotal(2500, 6_000, 1_500),)))
    assert len(reader.pages) > 1
    assert "Side 2 / " in " ".join(reader.pages[1].extract_text().split())
