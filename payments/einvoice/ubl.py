"""Writing a document as Peppol BIS Billing 3.0: UBL 2.1 Invoice (380) or CreditNote (381).

Amounts are øre in and kroner with two decimals out. Elements stand in the schema's order.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from payments.invoice_document import (
    BankAccount,
    DocumentLine,
    InvoiceDocument,
    Party,
    VatTotal,
)

CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
CURRENCY = "DKK"
#: Schemes of identifiers: the Danish CVR register, GLN.
CVR_SCHEME, GLN_SCHEME = "0184", "0088"
#: UN/ECE 4461: credit transfer to a Danish account, SEPA transfer, payment slip (FIK), bank card.
TO_ACCOUNT, TO_IBAN, BY_SLIP, BY_CARD = "42", "58", "93", "48"


def render(document: InvoiceDocument) -> bytes:
    """The document as XML, UTF-8. It has passed ``rules.breaches``."""
    name = "CreditNote" if document.is_credit_note else "Invoice"
    namespace = f"urn:oasis:names:specification:ubl:schema:xsd:{name}-2"
    prefixes: Any = {None: namespace, "cac": CAC, "cbc": CBC}
    root = etree.Element(f"{{{namespace}}}{name}", nsmap=prefixes)
    _heading(root, document)
    _references(root, document)
    _party(_group(root, "AccountingSupplierParty"), document.seller, is_seller=True)
    _party(_group(root, "AccountingCustomerParty"), document.buyer, is_seller=False)
    if not document.is_credit_note:
        _payment(root, document)
    _totals(root, document)
    for position, line in enumerate(document.lines, start=1):
        _line(root, document, position, line)
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _text(parent: Element, name: str, text: str, **attributes: str) -> Element:
    element = etree.SubElement(parent, f"{{{CBC}}}{name}", attrib=attributes)
    element.text = text
    return element


def _group(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{CAC}}}{name}")


def _amount(parent: Element, name: str, amount: int) -> None:
    _text(parent, name, f"{Decimal(amount) / 100:.2f}", currencyID=CURRENCY)


def _rate(rate: int) -> str:
    return f"{Decimal(rate) / 100:f}".rstrip("0").rstrip(".") if rate % 100 else str(rate // 100)


def _heading(root: Element, document: InvoiceDocument) -> None:
    _text(root, "CustomizationID", CUSTOMIZATION)
    _text(root, "ProfileID", PROFILE)
    _text(root, "ID", document.number)
    _text(root, "IssueDate", document.issued_on.isoformat())
    if document.is_credit_note:
        _text(root, "CreditNoteTypeCode", "381")
    else:
        if document.due_on:
            _text(root, "DueDate", document.due_on.isoformat())
        _text(root, "InvoiceTypeCode", "380")
    if document.reason:
        _text(root, "Note", document.reason)
    _text(root, "DocumentCurrencyCode", CURRENCY)
    if document.account_string:
        _text(root, "AccountingCost", document.account_string)
    if document.buyer_reference:
        _text(root, "BuyerReference", document.buyer_reference)


def _references(root: Element, document: InvoiceDocument) -> None:
    _period(root, document.period)
    if document.order_number:
        _text(_group(root, "OrderReference"), "ID", document.order_number)
    if document.corrects:
        number, issued_on = document.corrects
        billing = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
        _text(billing, "ID", number)
        _text(billing, "IssueDate", issued_on.isoformat())


def _period(parent: Element, period: tuple[date, date] | None) -> None:
    if period:
        group = _group(parent, "InvoicePeriod")
        _text(group, "StartDate", period[0].isoformat())
        _text(group, "EndDate", period[1].isoformat())


def _party(parent: Element, party: Party, *, is_seller: bool) -> None:
    group = _group(parent, "Party")
    if is_seller:
        _text(group, "EndpointID", f"DK{party.cvr}", schemeID=CVR_SCHEME)
    else:
        _text(group, "EndpointID", party.gln, schemeID=GLN_SCHEME)
    address = _group(group, "PostalAddress")
    _text(address, "StreetName", party.street)
    _text(address, "CityName", party.city)
    _text(address, "PostalZone", party.postal_code)
    _text(_group(address, "Country"), "IdentificationCode", "DK")
    if is_seller:
        scheme = _group(group, "PartyTaxScheme")
        _text(scheme, "CompanyID", f"DK{party.cvr}")
        _text(_group(scheme, "TaxScheme"), "ID", "VAT")
    entity = _group(group, "PartyLegalEntity")
    _text(entity, "RegistrationName", party.name)
    if party.cvr:
        _text(entity, "CompanyID", f"DK{party.cvr}", schemeID=CVR_SCHEME)
    _contact(group, party)


def _contact(group: Element, party: Party) -> None:
    if not (party.contact or party.phone or party.email):
        return
    contact = _group(group, "Contact")
    if party.contact:
        _text(contact, "Name", party.contact)
    if party.phone:
        _text(contact, "Telephone", party.phone)
    if party.email:
        _text(contact, "ElectronicMail", party.email)


def _payment(root: Element, document: InvoiceDocument) -> None:
    means = _group(root, "PaymentMeans")
    if document.paid_on:
        _text(means, "PaymentMeansCode", BY_CARD)
    else:
        _account(means, document)
    if document.terms:
        _text(_group(root, "PaymentTerms"), "Note", document.terms)


def _account(means: Element, document: InvoiceDocument) -> None:
    """The first of payment slip, IBAN and Danish account that the seller has."""
    bank: BankAccount = document.bank
    if bank.creditor:
        _text(means, "PaymentMeansCode", BY_SLIP)
        _text(means, "PaymentID", f"71#{document.fik}")
        _text(_group(means, "PayeeFinancialAccount"), "ID", bank.creditor)
        return
    _text(means, "PaymentMeansCode", TO_IBAN if bank.iban else TO_ACCOUNT)
    _text(means, "PaymentID", document.number)
    account = _group(means, "PayeeFinancialAccount")
    _text(account, "ID", bank.iban.replace(" ", "") or bank.account_number)
    _text(account, "Name", document.seller.name)
    if not bank.iban:
        _text(_group(account, "FinancialInstitutionBranch"), "ID", bank.registration_number)


def _totals(root: Element, document: InvoiceDocument) -> None:
    tax = _group(root, "TaxTotal")
    _amount(tax, "TaxAmount", document.vat)
    for total in document.vat_totals:
        subtotal = _group(tax, "TaxSubtotal")
        _amount(subtotal, "TaxableAmount", total.net)
        _amount(subtotal, "TaxAmount", total.vat)
        _tax_category(subtotal, "TaxCategory", total.rate, total)
    sums = _group(root, "LegalMonetaryTotal")
    _amount(sums, "LineExtensionAmount", document.net)
    _amount(sums, "TaxExclusiveAmount", document.net)
    _amount(sums, "TaxInclusiveAmount", document.gross)
    if document.paid_on:
        _amount(sums, "PrepaidAmount", document.gross)
    _amount(sums, "PayableAmount", document.payable)


def _tax_category(parent: Element, name: str, rate: int, total: VatTotal | None = None) -> None:
    """S at the standard rate; E when exempt, with the reason where the totals stand."""
    category = _group(parent, name)
    _text(category, "ID", "S" if rate else "E")
    _text(category, "Percent", _rate(rate))
    if total and not rate:
        _text(category, "TaxExemptionReason", total.exemption_reason)
    _text(_group(category, "TaxScheme"), "ID", "VAT")


def _line(root: Element, document: InvoiceDocument, position: int, line: DocumentLine) -> None:
    is_credit = document.is_credit_note
    group = _group(root, "CreditNoteLine" if is_credit else "InvoiceLine")
    _text(group, "ID", str(position))
    quantity = "CreditedQuantity" if is_credit else "InvoicedQuantity"
    _text(group, quantity, str(line.quantity), unitCode="C62")
    _amount(group, "LineExtensionAmount", line.net)
    item = _group(group, "Item")
    # BT-153 has no length, but receivers cut long names: the whole text stands as description.
    if len(line.description) > 100:
        _text(item, "Description", line.description)
    _text(item, "Name", line.description[:100])
    _tax_category(item, "ClassifiedTaxCategory", line.vat_rate)
    _amount(_group(group, "Price"), "PriceAmount", line.unit_price)
