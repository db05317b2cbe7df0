"""Each rule lets a right document through and names itself on a wrong one."""

from dataclasses import replace

import pytest

from payments.einvoice.rules import breaches
from payments.invoice_document import BankAccount, DocumentLine, VatTotal
from tests.factories.documents import BUYER, SEASON_FEE, SELLER, credit_note, document, every_kind

WRONG = {
    "no seller's address": (document(seller=replace(SELLER, street="")), "§ 58"),
    "no seller's CVR": (document(seller=replace(SELLER, cvr="")), "DK-R-002"),
    "wrong seller's CVR": (document(seller=replace(SELLER, cvr="12345678")), "COMMON-R042"),
    "no buyer's address": (document(buyer=replace(BUYER, city="")), "§ 58"),
    "wrong EAN/GLN": (document(buyer=replace(BUYER, gln="5798009811579")), "COMMON-R040"),
    "short EAN/GLN": (document(buyer=replace(BUYER, gln="579800981157")), "COMMON-R040"),
    "wrong buyer's CVR": (document(buyer=replace(BUYER, cvr="64942213")), "COMMON-R042"),
    "no reference": (document(buyer_reference=" ", order_number=""), "PEPPOL-EN16931-R003"),
    "no account": (document(bank=BankAccount()), "DK-R-005"),
    "half an account": (document(bank=BankAccount(account_number="0440116243")), "DK-R-006"),
    "wrong IBAN": (document(bank=BankAccount(iban="DK5000400440116244")), "BR-50"),
    "short creditor": (document(bank=BankAccount(creditor="1234567")), "DK-R-010"),
    "neither due date nor terms": (document(due_on=None, terms=""), "BR-CO-25"),
    "nothing described": (document(lines=(replace(SEASON_FEE, description=" "),)), "§ 58"),
    "no lines": (document(lines=(), vat_totals=()), "§ 58"),
    "a line that is no product": (document(lines=(replace(SEASON_FEE, quantity=2),)), "BR-24"),
    "lines that don't add up": (
        document(vat_totals=(VatTotal(2500, 700_100, 175_025),)),
        "BR-CO-10",
    ),
    "another VAT": (document(vat_totals=(VatTotal(2500, 700_000, 175_001),)), "BR-CO-17"),
    "a rate without its VAT": (
        document(lines=(SEASON_FEE, DocumentLine("Bog", 1, 100, 100, 0, "Momsloven"))),
        "BR-CO-18",
    ),
    "exempt for no reason": (
        document(lines=(replace(SEASON_FEE, vat_rate=0),), vat_totals=(VatTotal(0, 700_000, 0),)),
        "BR-E-10",
    ),
    "a negative credit note": (
        credit_note(
            lines=(DocumentLine("Minus", 1, -100, -100, 2500),),
            vat_totals=(VatTotal(2500, -100, -25),),
        ),
        "DK-R-016",
    ),
    "a credit note of nothing": (credit_note(corrects=None), "BR-55"),
}


@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_of_document_breaks_no_rule(kind):
    assert breaches(every_kind()[kind]) == []


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_document_is_told_by_its_rule(case):
    wrong, rule = WRONG[case]
    assert rule in {breach.rule for breach in breaches(wrong)}


def test_what_goes_by_no_e_invoice_is_held_to_the_law_alone():
    by_card = document(buyer=replace(BUYER, gln="", cvr=""), buyer_reference="", order_number="")
    assert breaches(replace(by_card, bank=BankAccount())) == []


def test_the_sellers_breaches_are_told_from_the_buyers():
    found = breaches(document(bank=BankAccount(), buyer=replace(BUYER, gln="1" * 13)))
    assert {breach.rule: breach.is_sellers for breach in found} == {
        "DK-R-005": True,
        "COMMON-R040": False,
    }
