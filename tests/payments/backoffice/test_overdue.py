"""The overdue invoices, and stopping their reminders."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from networks import roles
from payments.models import Invoice, RemindersStopped
from payments.services import charging, invoicing
from payments.wagtail_hooks import invoices
from tests.factories.networks import MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller(reminder_1_days=5, reminder_2_days=15)


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles.FINANCE))
    return client


def overdue(number: int = 1) -> list[Invoice]:
    """Issued so long ago that they are ten days overdue."""
    with time_machine.travel(timezone.now() - timedelta(days=40)):
        found = [
            invoicing.issue_invoice(make_charge(MembershipFactory(), buyer_email="f@k.example"))
            for _ in range(number)
        ]
    return [invoice for invoice in found if invoice]


@pytest.mark.disorder("paid by a word, no money behind it")
def test_tells_days_what_is_owed_and_what_comes_next(finance: Client) -> None:
    [invoice] = overdue()
    paid, _other = overdue(2)
    charging.mark_paid(paid.charge)
    page = finance.get(invoices.row_url("overdue")).content.decode()
    assert invoice.number in page
    assert paid.number not in page
    assert ">10</td>" in page
    assert "17.500 kr." in page
    assert "Rykker 1" in page


def test_stands_in_the_menu(finance: Client) -> None:
    address = invoices.row_url("overdue")
    assert address in finance.get(invoices.row_url("index")).content.decode()


def test_reminders_are_stopped_with_a_reason_and_resumed(finance: Client) -> None:
    [invoice] = overdue()
    stop, resume = (
        invoices.row_url(f"{verb}-reminders", invoice.pk) for verb in ("stop", "resume")
    )
    assert finance.post(stop, {"reason": ""}).status_code == 200
    assert finance.post(stop, {"reason": "Aftalt henstand"}).status_code == 302
    assert "Aftalt henstand" in finance.get(invoices.row_url("overdue")).content.decode()
    assert finance.post(resume).status_code == 302
    assert not RemindersStopped.objects.exists()


def test_a_coordinator_sees_those_of_the_own_network_only(client: Client) -> None:
    [foreign] = overdue()
    client.force_login(make_user(roles.COORDINATORS))
    response = client.get(invoices.row_url("overdue"))
    assert foreign.number not in response.content.decode()
    address = invoices.row_url("stop-reminders", foreign.pk)
    assert client.post(address, {"reason": "x"}).status_code in (302, 403, 404)
    assert not RemindersStopped.objects.exists()


def test_the_queries_grow_by_one_an_invoice_at_most(
    finance: Client, django_assert_max_num_queries
) -> None:
    overdue()
    address = invoices.row_url("overdue")
    with django_assert_max_num_queries(40) as captured:
        finance.get(address)
    overdue(5)
    with django_assert_max_num_queries(len(captured) + 5):
        finance.get(address)
