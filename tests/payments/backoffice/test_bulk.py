"""Marking many as paid, issuing what was held back, reminding of many."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks import roles
from payments.models import BankTransfer, Charge, Invoice
from payments.services import invoicing
from payments.services.invoicing import NotIssuable
from payments.wagtail_hooks import charges, invoices
from tests.factories.networks import MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.networks.backoffice.bulk_steps import address, send, told
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db

SETTLE, ISSUE = charges.row_url("settle_many"), charges.row_url("issue_many")
REMIND = invoices.row_url("remind_many")


@pytest.fixture
def finance(client: Client) -> Client:
    client.user = make_user(roles.FINANCE)
    client.force_login(client.user)
    return client


def states(*rows: Charge) -> list[str]:
    stored = dict(Charge.objects.values_list("pk", "state"))
    return [stored[row.pk] for row in rows]


class TestMarkingAsPaid:
    def test_takes_all_that_is_owed_on_the_day_it_came(self, finance):
        rows = [make_charge(MembershipFactory()) for _turn in range(2)]
        card = make_charge(MembershipFactory(), method="card")
        page = finance.get(address(SETTLE, *rows, card))
        assert page.context["number"] == 2
        assert "17.500 kr." in page.context["explanation"]
        assert list(told(page, "impossible").values()) == [[str(card)]]
        day = timezone.localdate() - timedelta(days=3)
        send(finance, address(SETTLE, *rows, card), received_on=day.isoformat())
        assert states(*rows, card) == ["paid", "paid", "open"]
        assert set(BankTransfer.objects.values_list("amount", "received_on")) == {(875_000, day)}
        entry = audit.history(rows[0]).get(action="charge.settled_by_bank")
        assert entry.user == finance.user

    def test_what_was_paid_meanwhile_is_told_and_not_paid_twice(self, finance, run_jobs):
        rows = [make_charge(MembershipFactory()) for _turn in range(21)]
        today = timezone.localdate().isoformat()
        url = send(finance, address(SETTLE, *rows), received_on=today).redirect_chain[-1][0]
        Charge.objects.filter(pk=rows[0].pk).update(method="card")
        run_jobs("payments.carry_out_many")
        assert BankTransfer.objects.count() == 20
        assert [len(group) for group in told(finance.get(url), "not_done").values()] == [1]

    def test_a_day_to_come_is_refused(self, finance):
        day = timezone.localdate() + timedelta(days=1)
        row = make_charge(MembershipFactory())
        page = send(finance, address(SETTLE, row), received_on=day.isoformat())
        assert page.context["form"].errors.keys() == {"received_on"}
        assert states(row) == ["open"]

    def test_is_finances_alone(self, client):
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        row = make_charge(MembershipFactory())
        assert client.get(address(SETTLE, row)).status_code == 302
        assert client.post(address(SETTLE, row), {"confirmed": "on"}).status_code == 302
        assert states(row) == ["open"]


def test_what_a_broken_rule_held_back_is_issued_once_it_is_mended(finance):
    held, broken = (make_charge(MembershipFactory()) for _turn in range(2))
    with pytest.raises(NotIssuable):
        invoicing.issue_invoice(held)
    make_seller()
    has_one = make_charge(MembershipFactory())
    invoicing.issue_invoice(has_one)
    Charge.objects.filter(pk=broken.pk).update(buyer_name="")
    url = address(ISSUE, held, broken, has_one)
    page = finance.get(url)
    assert page.context["number"] == 2
    assert list(told(page, "impossible").values()) == [[str(has_one)]]
    page = send(finance, url)
    assert list(told(page, "done").values()) == [[str(held)]]
    assert len(told(page, "not_done")) == 1
    assert Invoice.objects.filter(charge__in=[held, broken, has_one]).count() == 2


class TestReminding:
    @pytest.fixture(autouse=True)
    def _seller(self) -> None:
        make_seller(reminder_1_days=20, reminder_2_days=40)

    @staticmethod
    def overdue(days_ago: int = 40, email: str = "f@k.example") -> Invoice:
        with time_machine.travel(timezone.now() - timedelta(days=days_ago)):
            charge = make_charge(MembershipFactory(), buyer_email=email)
            issued = invoicing.issue_invoice(charge)
        assert issued is not None
        return issued

    def test_sends_the_next_one_before_its_day(self, finance):
        late, fresh, silent = self.overdue(), self.overdue(5), self.overdue(email="")
        url = address(REMIND, late, fresh, silent)
        page = finance.get(url)
        assert list(told(page, "coming").values()) == [[str(late)]]
        assert len(told(page, "impossible")) == 2
        send(finance, url)
        (mail,) = Message.objects.filter(template__startswith="invoice_reminder")
        assert mail.template == "invoice_reminder_1"
        assert audit.history(late).get(action="invoice.reminded").user == finance.user

    def test_not_again_within_ten_days(self, finance):
        late = self.overdue()
        send(finance, address(REMIND, late))
        assert finance.get(address(REMIND, late)).context["number"] == 0
        with time_machine.travel(timezone.now() + timedelta(days=10)):
            finance.force_login(finance.user)
            page = finance.get(address(REMIND, late))
        assert page.context["number"] == 1
