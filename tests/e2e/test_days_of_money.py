"""Finance's and an auditor's day in real Chromium."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from networks import roles
from payments.models import AccountingMonth, BankTransfer, Charge, ChargeState, Invoice
from payments.services import invoicing, journal
from payments.wagtail_hooks import balances, charges, postings
from tests.e2e.steps import (
    bulk,
    check_all,
    choose,
    confirm,
    follow,
    in_menu,
    open_task,
    opened,
    press,
    says,
    told,
)
from tests.factories.networks import PASSWORD, MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.factories.users import sign_in_in_browser
from tests.payments.backoffice.rows import make_charge

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


#: What leads to a change.
CHANGING = "main form[method=post], .backoffice-actions"

ADDRESSES = "links => links.map(link => link.getAttribute('href'))"


@pytest.fixture
def invoices(site) -> list[Invoice]:
    """Two of 8.750 kr. with VAT, posted in a month that is over and ten days overdue."""
    make_seller(reminder_1_days=5)
    with time_machine.travel(timezone.now() - timedelta(days=40)):
        made = [
            make_charge(
                MembershipFactory(),
                buyer_name=name,
                buyer_email=f"faktura@{name.split()[0].lower()}.example",
            )
            for name in ("Ansager Kommune", "Bredebro Kommune")
        ]
        invoicing.issue_due()
        journal.post_due()
    return [charge.invoices.get() for charge in made]


def states(*invoices: Invoice) -> list[str]:
    found = dict(Charge.objects.values_list("pk", "state"))
    return [found[invoice.charge_id] for invoice in invoices]


def test_finance_reminds_matches_credits_and_closes_a_month(
    page: BrowserPage, site, invoices, newest_mail, run_jobs
):
    first, second = invoices
    BankTransfer.objects.create(
        received_on=timezone.localdate(), amount=875_000, text=f"Betaling {first.number}", key="1"
    )
    sign_in_in_browser(page, site, make_user(roles.FINANCE), PASSWORD)
    open_task(page, site, "overdue", number=2)
    check_all(page)
    bulk(page, "Ryk nu")
    confirm(page, "Send 2 rykkere")
    says(page, "Udført for 2 af 2")
    assert second.number in newest_mail("faktura@bredebro.example")

    open_task(page, site, "transfers", number=1)
    choose(page, first.number, "Afstem med en faktura")
    expect(page.locator("[name=number]")).to_have_value(first.number)
    press(page, "Afstem med en faktura")
    told(page, "Afstemt.")
    assert states(first, second) == [ChargeState.PAID, ChargeState.OPEN]

    in_menu(page, "Økonomi", "Opkrævninger")
    choose(page, "Bredebro Kommune", "Krediter")
    expect(page.locator("[name=extent][value=whole]")).to_be_checked()
    page.fill("[name=reason]", "Kommunen er udmeldt")
    press(page, "Krediter")
    told(page, "Krediteret")
    run_jobs()
    assert states(first, second) == [ChargeState.PAID, ChargeState.CREDITED]
    assert Invoice.objects.filter(kind="credit_note", charge=second.charge_id).exists()

    in_menu(page, "Økonomi", "Afstemning")
    opened(page, "Afstemning")
    expect(page.get_by_role("main")).to_contain_text("8.750 kr.")
    page.goto(site + balances.row_url("statement"))
    opened(page, "Stripe måned for måned")

    page.goto(site + postings.row_url("months"))
    follow(page, "Luk måneden")
    page.get_by_role("main").locator("form button[type=submit]").click()
    told(page, "er lukket")
    expect(page.get_by_role("main").locator("tbody tr").filter(has_text="Lukket")).to_have_count(1)
    assert AccountingMonth.objects.get().month == first.issued_on.replace(day=1)


def test_an_auditor_reads_it_all_and_finds_no_button_that_changes(
    page: BrowserPage, site, invoices
):
    membership = MembershipFactory()
    sign_in_in_browser(page, site, make_user(roles.AUDITORS), PASSWORD)
    expect(page.locator(".desk-task")).to_have_count(0)
    for address, text in (
        ("/admin/networks/membership/", membership.municipality.name),
        (f"/admin/networks/membership/inspect/{membership.pk}/", membership.contact.name),
        (f"/admin/networks/person/inspect/{membership.contact_id}/", membership.contact.email),
        ("/admin/payments/charge/", "Ansager Kommune"),
        (charges.row_url("inspect", invoices[0].charge_id), "8.750 kr."),
        ("/admin/payments/invoice/", invoices[0].number),
        ("/admin/payments/posting/", "2026"),
        (postings.row_url("months"), "14.000 kr."),
    ):
        assert page.goto(site + address).status == 200
        expect(page.get_by_role("main")).to_contain_text(text)
        assert page.locator(CHANGING).count() == 0, address
        menus = page.locator(".backoffice-row-menu a")
        assert [each for each in menus.evaluate_all(ADDRESSES) if "/pdf/" not in each] == []
