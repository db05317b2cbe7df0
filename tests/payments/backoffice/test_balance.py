"""Stripe's months, its transactions and the ledger in the administration."""

import csv
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from cms.audit import SYSTEM
from networks import roles
from payments.models import (
    BalanceReading,
    BalanceTransaction,
    Charge,
    Payment,
    Payout,
    Posting,
)
from payments.services import bank, invoicing, journal
from payments.services.charging import mark_paid
from payments.wagtail_hooks import balances, charges, payments, postings
from tests.factories.networks import MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db

FEE = 12_430
NET = 875_000 - FEE


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-10-15T12:00+02:00", tick=False) as moved:
        yield moved


def add(category: str, amount: int, *, fee: int = 0, **facts: object) -> BalanceTransaction:
    """As the import leaves it."""
    number = BalanceTransaction.objects.count()
    values = {
        "stripe_id": f"txn_{number}",
        "livemode": False,
        "type": category,
        "category": category,
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "created_at": timezone.now(),
        "available_on": timezone.now(),
        **facts,
    }
    return BalanceTransaction.objects.create(**values)


def paid_by_card(**buyer: str) -> Payment:
    charge = make_charge(MembershipFactory(), method="card", **buyer)
    payment = make_payment(charge, state="succeeded", paid_at=timezone.now())
    mark_paid(charge)
    return payment


def read() -> None:
    total = sum(BalanceTransaction.objects.values_list("net", flat=True))
    BalanceReading.objects.update_or_create(
        livemode=False,
        defaults={"held": total, "transactions": total, "read_at": timezone.now()},
    )


@pytest.fixture
def payment() -> Payment:
    """One payment of October, paid out the same day but for a krone of a fee."""
    make_seller()
    paid = paid_by_card()
    payout = Payout.objects.create(
        stripe_id="po_1",
        livemode=False,
        amount=NET,
        state="paid",
        created_at=timezone.now(),
        arrives_on=timezone.localdate(),
    )
    add("payment", 875_000, fee=FEE, payment=paid, payout=payout, source_id="ch_1")
    add("payout", -NET, source_id="po_1")
    add("fee", -100, description="Radar")
    read()
    invoicing.issue_due()
    journal.post_due()
    return paid


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


@pytest.fixture
def finance(payment: Payment) -> Client:
    return signed_in(roles.FINANCE)


def text_of(response) -> str:
    return response.content.decode()


class TestStatement:
    def test_shows_the_month_and_that_it_agrees(self, finance: Client) -> None:
        page = finance.get(balances.row_url("statement"))
        (line,) = page.context["lines"]
        assert [amount for amount, _url in line["cells"]] == [
            "0 kr.",
            "8.750 kr.",
            "0 kr.",
            "0 kr.",
            "125,30 kr.",
            "8.625,70 kr.",
            "-1 kr.",
        ]
        assert "Stemmer" in text_of(page)
        assert line["difference"] == ""

    def test_every_number_leads_to_its_transactions(self, finance: Client, clock) -> None:
        clock.move_to("2026-11-02T12:00+01:00")
        add("payment", 1)
        finance = signed_in(roles.FINANCE)
        page = finance.get(balances.row_url("statement"))
        line = page.context["lines"][1]
        shown = []
        for _amount, url in line["cells"]:
            if url:
                rows = finance.get(url).context["object_list"]
                shown.append([row.category for row in rows])
        assert shown == [["payment"], ["fee", "payment"], ["payout"]]
        assert len(finance.get(line["url"]).context["object_list"]) == 3

    def test_a_difference_is_shown_plainly(self, finance: Client) -> None:
        add("other", 4_200)
        page = finance.get(balances.row_url("statement"))
        (line,) = page.context["lines"]
        assert line["difference"] == "42 kr."
        assert "Difference" in text_of(page)
        (row,) = finance.get(line["difference_url"]).context["object_list"]
        assert row.amount == 4_200

    def test_says_what_stripe_holds_and_the_accounts(self, finance: Client) -> None:
        facts = dict(finance.get(balances.row_url("statement")).context["now"]["facts"])
        assert list(facts.values())[:4] == ["-1 kr.", "-1 kr.", "-1 kr.", "0 kr."]

    def test_is_there_before_anything_was_read(self) -> None:
        page = signed_in(roles.FINANCE).get(balances.row_url("statement"))
        assert (page.status_code, page.context["now"]) == (200, None)

    def test_is_exported(self, finance: Client) -> None:
        response = finance.get(balances.row_url("statement-file", "csv"))
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        _headings, month = csv.reader(text.splitlines())
        assert month == ["2026-10", "0.0", "8750.0", "0.0", "0.0", "125.3", "8625.7", "-1.0", "0.0"]
        response = finance.get(balances.row_url("statement-file", "xlsx"))
        sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
        assert sheet.max_row == 2


class TestTransactions:
    def test_a_transactions_page_leads_to_payment_payout_and_postings(
        self, finance: Client, payment: Payment
    ) -> None:
        row = BalanceTransaction.objects.get(category="payment")
        page = text_of(finance.get(balances.row_url("inspect", row.pk)))
        fee = Posting.objects.get(voucher=f"fee:{row.pk}", role="fees")
        for text in (
            "8.750 kr.",
            "124,30 kr.",
            "8.625,70 kr.",
            payment.charge.buyer_name,
            payments.row_url("inspect", payment.pk),
            postings.row_url("inspect", fee.pk),
            "payout=po_1",
            "IVY25",
        ):
            assert text in page, text

    def test_a_posting_of_no_charge_has_a_page(self, finance: Client) -> None:
        row = Posting.objects.filter(charge=None).first()
        page = text_of(finance.get(postings.row_url("inspect", row.pk)))
        assert "2770" in page
        assert ">None<" not in page.replace(" ", "").replace("\n", "")

    def test_they_are_filtered(self, finance: Client) -> None:
        add("payment", 5, stripe_id="txn_foreign")
        paid, out, fee, foreign = BalanceTransaction.objects.order_by("pk")
        cases = {
            "category=payment": {paid, foreign},
            "attention=fee": {paid, fee},
            "attention=unlinked": {foreign},
            "attention=waiting": {foreign},
            "payout=po_1": {paid},
            "q=radar": {fee},
            "created_at_from=2026-10-16": set(),
            "created_at_to=2026-10-15": {paid, out, fee, foreign},
        }
        for query, expected in cases.items():
            page = finance.get(f"{balances.row_url('index')}?{query}")
            assert set(page.context["object_list"]) == expected, query

    def test_they_are_exported_with_amounts_as_numbers(self, finance: Client) -> None:
        add("fee", -5, description="=1+1")
        response = finance.get(balances.row_url("index"), {"export": "csv"})
        text = b"".join(response.streaming_content).decode()
        assert "8625.7" in text
        assert "'=1+1" in text

    def test_what_is_live_is_not_among_what_is_test(self, finance: Client) -> None:
        live = add("fee", -99_900, livemode=True)
        assert finance.get(balances.row_url("inspect", live.pk)).status_code == 404
        rows = finance.get(balances.row_url("index")).context["object_list"]
        assert live not in rows
        assert "999 kr." not in text_of(finance.get(balances.row_url("statement")))


class TestLedger:
    def test_shows_each_network_the_total_and_that_all_agrees(self, finance: Client) -> None:
        other = make_charge(MembershipFactory())
        invoicing.issue_due()
        journal.post_due()
        page = finance.get(postings.row_url("ledger"))
        assert {line["network"] for line in page.context["lines"]} >= {other.scope_label}
        total = [amount for amount, _url in page.context["total"]]
        assert total == [
            "17.500 kr.",
            "8.750 kr.",
            "0 kr.",
            "0 kr.",
            "0 kr.",
            "8.750 kr.",
            "0 kr.",
        ]
        assert "Alt stemmer" in text_of(page)

    def test_each_number_leads_to_the_charges_that_sum_to_it(self, finance: Client) -> None:
        owed = make_charge(MembershipFactory(), buyer_name="Åben Kommune")
        surplus = make_charge(MembershipFactory(), buyer_name="Rundhåndet Kommune")
        invoicing.issue_due()
        transfer = bank.BankTransfer.objects.create(
            key="x", received_on=timezone.localdate(), amount=900_000
        )
        bank.match(transfer, surplus, actor=SYSTEM)
        journal.post_due()
        page = finance.get(postings.row_url("ledger"))
        by_amount = dict(page.context["total"])
        assert "Alt stemmer" in text_of(page)
        listed = finance.get(by_amount["250 kr."])
        assert charges.row_url("inspect", surplus.pk) in text_of(listed)
        assert charges.row_url("inspect", owed.pk) not in text_of(listed)
        assert listed.context["total"] == "250 kr."
        for line in page.context["lines"]:
            for amount, url in line["cells"]:
                if url:
                    assert finance.get(url).context["total"] == amount

    @pytest.mark.parametrize("query", ["", "part=pk", "part=open&scope=1&period=nonsense"])
    def test_what_is_no_number_of_it_is_not_found(self, finance: Client, query: str) -> None:
        address = f"{postings.row_url('ledger-charges')}?{query}"
        assert finance.get(address).status_code == 404

    @pytest.mark.disorder("broken on purpose")
    def test_tells_in_danish_what_does_not_agree_and_leads_to_it(
        self, finance: Client, payment: Payment
    ) -> None:
        Charge.objects.filter(pk=payment.charge_id).update(state="open", paid_at=None)
        page = text_of(finance.get(postings.row_url("ledger")))
        assert "åben, men intet er skyldigt" in page
        assert charges.row_url("inspect", payment.charge_id) in page
        assert "Alt stemmer" not in page


@pytest.mark.disorder("rows of every kind, not of one story")
def test_screens_take_the_same_queries_for_any_number(
    payment: Payment, clock, django_assert_max_num_queries
) -> None:
    client = Client()
    user = make_user(roles.FINANCE)
    client.force_login(user)
    addresses = [
        balances.row_url("index"),
        balances.row_url("statement"),
        postings.row_url("ledger"),
        f"{postings.row_url('ledger-charges')}?part=charged",
    ]
    counts = []
    for address in addresses:
        client.get(address)
        with django_assert_max_num_queries(40) as captured:
            client.get(address)
        counts.append(len(captured))
    for month in (11, 12):
        clock.move_to(f"2026-{month}-03T12:00+01:00")
        for _number in range(2):
            add("payment", 875_000, fee=FEE, payment=paid_by_card())
    read()
    invoicing.issue_due()
    journal.post_due()
    client.force_login(user)
    for address, count in zip(addresses, counts, strict=True):
        client.get(address)
        with django_assert_max_num_queries(count):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("role", roles.ROLES)
def test_finance_and_auditors_read_and_take_out(role: str, payment: Payment) -> None:
    client = signed_in(role)
    row = BalanceTransaction.objects.first()
    expected = 200 if role in (roles.FINANCE, roles.AUDITORS) else 302
    for address in (
        balances.row_url("index"),
        balances.row_url("results"),
        balances.row_url("inspect", row.pk),
        balances.row_url("statement"),
        balances.row_url("statement-file", "csv"),
        f"{balances.row_url('index')}?export=csv",
        postings.row_url("ledger"),
        f"{postings.row_url('ledger-charges')}?part=charged",
    ):
        assert client.get(address).status_code == expected, address
    home = client.get("/admin/").content.decode()
    for address in (balances.row_url("statement"), postings.row_url("ledger")):
        assert (address in home) == (expected == 200)
