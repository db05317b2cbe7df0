"""The XML: valid by UBL's schema and the CEN rules, and letter by letter as it was approved."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from payments.einvoice import ubl
from payments.einvoice.full_rules import FullRules
from payments.invoice_document import InvoiceDocument
from tests.factories.documents import credit_note, document, every_kind
from tests.payments.einvoice.cen import CEN

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(str(files("peppol") / "schema" / "maindoc"))
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def xpath(of: InvoiceDocument, path: str) -> list:
    return etree.fromstring(ubl.render(of)).xpath(path, namespaces=NAMES)


@pytest.fixture(scope="session")
def cen() -> Iterator[Callable[[bytes], list[str]]]:
    """The rules of EN 16931, compiled once."""
    with FullRules([CEN]) as rules:
        yield lambda xml: [failure.rule for failure in rules.failures(xml)]


@pytest.fixture(scope="session")
def schemas():
    return {
        name: etree.XMLSchema(etree.parse(str(SCHEMAS / f"UBL-{name}-2.1.xsd")))
        for name in ("Invoice", "CreditNote")
    }


@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_passes_the_schema_and_the_cen_rules(kind, schemas, cen):
    xml = ubl.render(every_kind()[kind])
    root = etree.fromstring(xml)
    schemas[etree.QName(root).localname].assertValid(root)
    assert cen(xml) == []


def test_the_cen_rules_would_tell_a_wrong_sum(cen):
    xml = ubl.render(document()).replace(b">8750.00<", b">8750.01<")
    assert cen(xml)


@pytest.mark.parametrize(("name", "of"), [("invoice", document()), ("credit-note", credit_note())])
def test_the_text_is_the_golden_one(name, of):
    assert ubl.render(of).decode() == (GOLDEN / f"{name}.xml").read_text()


def test_an_ampersand_and_danish_letters_come_through():
    of = every_kind()["lines"]
    names = xpath(of, "//cac:Item/cbc:Name/text()")
    assert names[1] == "Ekstra deltager: Ærø & Åse, møde 12.05.2027"


def test_a_receipt_asks_for_nothing():
    of = every_kind()["receipt"]
    assert xpath(of, "//cbc:PrepaidAmount/text()") == ["8750.00"]
    assert xpath(of, "//cbc:PayableAmount/text()") == ["0.00"]


def test_a_payment_slip_carries_its_reference():
    of = every_kind()["payment slip"]
    assert xpath(of, "//cbc:PaymentMeansCode/text()") == ["93"]
    assert xpath(of, "//cbc:PaymentID/text()") == ["71#000020260000421"]
    assert xpath(of, "//cac:PayeeFinancialAccount/cbc:ID/text()") == ["87654321"]


def test_a_danish_account_has_its_branch():
    of = every_kind()["Danish account"]
    assert xpath(of, "//cbc:PaymentMeansCode/text()") == ["42"]
    assert xpath(of, "//cac:FinancialInstitutionBranch/cbc:ID/text()") == ["0040"]


def test_a_credit_note_names_its_invoice():
    path = "//cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID/text()"
    assert xpath(credit_note(), path) == ["2026-00042"]
