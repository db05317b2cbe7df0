"""The ledger tells when any sum is not what it is made of."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from payments.models import Charge, Credit, Payment, PaymentMethod, Refund
from payments.services import bank, charging, crediting, invoicing, ledger
from payments.services.ledger import Balance
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory, PaymentFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db


def succeeded(charge: Charge, **facts: object) -> Payment:
    return PaymentFactory(charge=charge, state="succeeded", paid_at=timezone.now(), **facts)


def sent_back(payment: Payment, key: str) -> None:
    Refund.objects.create(
        payment=payment, key=key, amount=payment.amount, state="succeeded", stripe_id=f"re_{key}"
    )


def paid_by_card() -> Charge:
    charge = ChargeFactory(buyer=BUYER)
    succeeded(charge)
    charging.mark_paid(charge)
    return charge


def everything() -> list[Charge]:
    """A charge in each situation; nothing is wrong."""
    make_seller()
    open_one, by_bank, by_card, credited, refunded = (
        ChargeFactory(method=PaymentMethod.INVOICE, buyer=BUYER),
        ChargeFactory(method=PaymentMethod.INVOICE, buyer=BUYER),
        paid_by_card(),
        ChargeFactory(method=PaymentMethod.INVOICE, buyer=BUYER),
        ChargeFactory(method=PaymentMethod.CARD, buyer=BUYER),
    )
    bank.settle_outside_stripe(by_bank)
    invoicing.issue_due()
    crediting.credit_charge(credited, key="c", reason="Fejl")
    payment = succeeded(refunded)
    charging.mark_paid(refunded)
    crediting.credit_charge(refunded, key="d", reason="Udmeldt", refund=False)
    Refund.objects.create(
        payment=payment, key="r", amount=875_000, state="succeeded", stripe_id="re"
    )
    # A duplicate and its refund stand outside.
    sent_back(succeeded(by_card, is_duplicate=True), "s")
    invoicing.issue_due()
    return [open_one, by_bank, by_card, credited, refunded]


def test_it_agrees_in_every_situation_and_in_all() -> None:
    everything()
    assert list(ledger.differences()) == []
    assert ledger.total(Charge.objects.all()) == Balance(
        charged=5 * 875_000,
        paid_by_card=2 * 875_000,
        paid_by_bank=875_000,
        refunded=875_000,
        credited=2 * 875_000,
        open=875_000,
    )


def test_it_takes_one_query_for_any_number_of_charges(django_assert_num_queries) -> None:
    everything()
    with django_assert_num_queries(1):
        ledger.total(Charge.objects.all())


BROKEN = {
    "a payment changed": lambda: Payment.objects.filter(is_duplicate=False).update(amount=1),
    "a credit lost": lambda: Credit.objects.filter(key="d").update(gross=1, net=1, vat=0),
    "paid and nothing came": lambda: Charge.objects.filter(state="open").update(
        state="paid", paid_at="2026-01-01T00:00Z"
    ),
    "open and all came": lambda: Charge.objects.filter(state="paid").update(state="open"),
    "a refund gone": lambda: Refund.objects.filter(key="r").delete(),
    "net changed": lambda: Charge.objects.filter(state="open").update(net=1, gross=175_001),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.disorder("broken, to be told")
def test_it_tells_when(what: str) -> None:
    everything()
    BROKEN[what]()
    assert list(ledger.differences())
    with pytest.raises(CommandError):
        call_command("check_ledger", stdout=open("/dev/null", "w"))  # noqa: SIM115


@pytest.mark.disorder("broken, to be told")
def test_it_tells_of_a_missing_number() -> None:
    everything()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL payments.retention = 'on'")
        cursor.execute("DELETE FROM payments_invoice WHERE sequence = 1")
    assert any("missing: [1]" in line for line in ledger.differences())


def test_the_command_prints_the_sums(capsys) -> None:
    everything()
    call_command("check_ledger")
    printed = capsys.readouterr().out
    assert "The ledger agrees." in printed
    assert "43.750" in printed


def test_it_is_told_by_network_and_by_periods_that_overlap() -> None:
    """Who joins late, or pays for one meeting more, pays for a part of the season."""
    spans = {
        "season": (date(2027, 1, 1), date(2027, 12, 31)),
        "late": (date(2027, 5, 1), date(2027, 12, 31)),
        "meeting": (date(2027, 6, 9), date(2027, 6, 9)),
        "next": (date(2028, 1, 1), date(2028, 12, 31)),
    }
    for span in spans.values():
        ChargeFactory(period=span)
    ChargeFactory(), ChargeFactory()
    ChargeFactory(scope="2", scope_label="Bibliotek", period=spans["late"])
    rows = Charge.objects.all()
    found = ledger.accounts(rows)
    told = [(one.scope, one.period, one.balance.charged // 875_000) for one in found]
    assert told == [
        ("2", spans["late"], 1),
        ("1", spans["next"], 1),
        ("1", spans["season"], 3),
        ("1", None, 2),
    ]
    for one in found:
        assert one.balance == ledger.total(ledger.of_account(rows, one.scope, one.period))


def test_accounts_take_one_query(django_assert_num_queries) -> None:
    everything()
    with django_assert_num_queries(1):
        found = ledger.accounts(Charge.objects.all())
    assert sum((one.balance for one in found), Balance()) == ledger.total(Charge.objects.all())


@pytest.mark.parametrize("part", list(Balance.__dataclass_fields__))
def test_each_part_is_made_of_the_charges_that_sum_to_it(part: str) -> None:
    everything()
    shares = [row.share for row in ledger.made_of(Charge.objects.all(), part)]
    assert sum(shares) == getattr(ledger.total(Charge.objects.all()), part)
