"""Invoice numbers under load: consecutive, none missing, none used by what failed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from payments.models import Charge, Invoice
from payments.services import invoicing
from payments.services.invoicing import NotIssuable
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, CHARGES, WRONG = 64, 128, 16


def issue(charge: Charge) -> str:
    try:
        invoice = invoicing.issue_invoice(charge)
        return invoice.number if invoice else "again"
    except NotIssuable:
        return "refused"
    finally:
        connections.close_all()


def test_64_threads_issue_consecutive_numbers_and_a_failing_one_uses_none():
    make_seller()
    right = [ChargeFactory(method="invoice", buyer=BUYER) for _number in range(CHARGES)]
    nowhere = {**BUYER, "buyer_reference": ""}
    wrong = [ChargeFactory(method="invoice", buyer=nowhere) for _number in range(WRONG)]
    # Each of the right ones twice: a charge has one invoice, whoever asks.
    work = [*right, *wrong, *right]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(issue, work))
    sequences = sorted(Invoice.objects.values_list("sequence", flat=True))
    assert sequences == list(range(1, CHARGES + 1))
    assert answers.count("again") == CHARGES
    assert answers.count("refused") == WRONG
