"""Reminders of overdue invoices: due and not yet done, once each, until paid or stopped."""

import base64
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from cms.audit import SYSTEM
from cms.messages.models import Message
from payments.models import Charge, Invoice, PaymentMethod, PaymentReminder, PaymentSettings
from payments.services import bank, crediting, dunning, invoicing, journal, ledger
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db
STEPS = {"reminder_1_days": 5, "reminder_2_days": 15, "reminder_3_days": 30}


@pytest.fixture
def invoice() -> Invoice:
    make_seller(**STEPS)
    charge = ChargeFactory(
        method=PaymentMethod.INVOICE, buyer={**BUYER, "buyer_email": "faktura@kommune.example"}
    )
    issued = invoicing.issue_invoice(charge)
    assert issued is not None
    return issued


def remind(invoice: Invoice, days_overdue: int) -> int:
    assert invoice.due_on is not None
    noon = datetime(invoice.due_on.year, invoice.due_on.month, invoice.due_on.day, 12)
    with time_machine.travel(timezone.make_aware(noon) + timedelta(days=days_overdue)):
        return dunning.remind_due()


def steps_sent() -> list[int]:
    return list(PaymentReminder.objects.values_list("step", flat=True))


def test_each_reminder_is_sent_once_when_its_day_has_come(invoice: Invoice) -> None:
    sent = [remind(invoice, day) for day in range(-3, 60)]
    assert [day for day, count in zip(range(-3, 60), sent, strict=True) if count] == [5, 15, 30]
    assert steps_sent() == [1, 2, 3]
    templates = Message.objects.order_by("pk").values_list("template", flat=True)
    assert list(templates) == [f"invoice_reminder_{step}" for step in (1, 2, 3)]


def test_a_reminder_goes_to_the_buyers_address_with_the_invoice(invoice: Invoice) -> None:
    remind(invoice, 5)
    message = Message.objects.get()
    assert message.to_email == "faktura@kommune.example"
    assert invoice.number in message.subject
    assert "8.750 kr." in message.body
    [attached] = message.attachments
    assert attached["filename"] == f"faktura-{invoice.number}.pdf"
    assert base64.b64decode(attached["content"]).startswith(b"%PDF")


def test_one_long_overdue_begins_with_the_first_and_keeps_the_distance(invoice: Invoice) -> None:
    assert [day for day in range(100, 130) if remind(invoice, day)] == [100, 110, 125]


def test_what_was_missed_is_made_up_for(invoice: Invoice) -> None:
    assert remind(invoice, 9) == 1
    assert remind(invoice, 15) == 0
    assert remind(invoice, 19) == 1


def test_what_is_paid_or_credited_is_not_reminded_of(invoice: Invoice) -> None:
    bank.settle_outside_stripe(invoice.charge, received_on=timezone.localdate(), actor=SYSTEM)
    assert remind(invoice, 5) == 0
    crediting.credit_charge(invoice.charge, key="c", reason="Aftalt")
    assert remind(invoice, 5) == 0


def test_after_a_credit_in_part_the_rest_is_asked_for(invoice: Invoice) -> None:
    crediting.credit_part(invoice.charge, net=100_000, key="c", reason="Aflyst møde")
    remind(invoice, 5)
    assert "7.500 kr." in Message.objects.get().body


def test_a_stopped_one_is_not_reminded_of_before_it_is_resumed(invoice: Invoice) -> None:
    dunning.stop(invoice, actor=SYSTEM, reason="Aftale om senere betaling")
    assert remind(invoice, 20) == 0
    dunning.resume(invoice, actor=SYSTEM)
    assert remind(invoice, 20) == 1


def test_without_days_or_address_nothing_is_sent(invoice: Invoice) -> None:
    PaymentSettings.objects.update(reminder_1_days=None)
    make_seller(reminder_1_days=None, reminder_2_days=None, reminder_3_days=None)
    assert remind(invoice, 40) == 0
    make_seller(**STEPS)
    Charge.objects.update(buyer_email="")
    assert remind(invoice, 40) == 0
    assert not Message.objects.exists()


def test_only_what_is_owed_changes_nothing_else(invoice: Invoice) -> None:
    before = Charge.objects.values().get()
    remind(invoice, 40)
    assert Charge.objects.values().get() == before
    assert list(ledger.differences()) == []


@pytest.mark.parametrize(
    ("first", "second", "third"), [(None, 5, None), (5, 5, None), (5, None, 9), (5, 9, 8)]
)
def test_the_days_rise(first: int | None, second: int | None, third: int | None) -> None:
    settings = make_seller()
    settings.reminder_1_days, settings.reminder_2_days = first, second
    settings.reminder_3_days = third
    with pytest.raises(ValidationError):
        settings.clean()


# Fees --------------------------------------------------------------------------------------------


def test_a_fee_is_a_charge_of_its_own_outside_vat_with_an_invoice_of_its_own(
    invoice: Invoice,
) -> None:
    make_seller(**STEPS, reminder_fee=10_000)
    assert sum(remind(invoice, day) for day in range(60)) == 3
    fees = Charge.objects.filter(fee_of__isnull=False)
    assert [(fee.net, fee.vat, fee.gross) for fee in fees] == [(10_000, 0, 10_000)] * 3
    invoicing.issue_due()
    journal.post_due()
    for fee in fees:
        document = fee.invoices.get().document
        assert (document.gross, document.vat) == (10_000, 0)
        assert document.lines[0].vat_exemption_reason
    assert [*ledger.differences(), *journal.differences()] == []
    assert all("100 kr." in message.body for message in Message.objects.all())


def test_of_a_fee_nobody_is_reminded_and_nothing_is_added(invoice: Invoice) -> None:
    make_seller(**STEPS, reminder_fee=10_000)
    remind(invoice, 5)
    invoicing.issue_due()
    bank.settle_outside_stripe(invoice.charge)
    assert sum(remind(invoice, day) for day in range(5, 120)) == 0
    assert Charge.objects.count() == 2


def test_without_a_fee_set_none_is_charged_and_none_is_named(invoice: Invoice) -> None:
    remind(invoice, 5)
    assert Charge.objects.count() == 1
    assert "gebyr" not in Message.objects.get().body


@pytest.mark.parametrize(
    "wrong",
    [
        {"reminder_fee": 10_001},
        {"reminder_fee": 0},
        {"reminder_fee": 5_000, "reminder_1_days": 5, "reminder_2_days": 14},
    ],
)
def test_a_fee_keeps_to_the_law(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        PaymentSettings(**wrong).clean()
