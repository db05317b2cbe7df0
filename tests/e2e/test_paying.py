"""Money in real Chromium: paying, not paying, paying again; credit notes; the papers as files."""

import io

import pytest
from lxml import etree
from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as BrowserPage
from pypdf import PdfReader

from networks import roles
from networks.models import Membership
from networks.rules.states import Status
from payments.models import Charge, ChargeState, Invoice, Payment
from payments.wagtail_hooks import charges, invoices
from tests.e2e.conftest import link_in
from tests.factories.networks import make_network
from tests.factories.sellers import make_seller
from tests.factories.signups import applied, confirmed
from tests.fakes.stripe import FakeStripe
from tests.networks.public.visits import token_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAY = "button[name=pay]"
UBL = {"cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}


@pytest.fixture
def membership(site, stripe) -> Membership:
    """Signed up to pay by card."""
    make_seller()
    return applied(make_network(), method="card")


@pytest.fixture
def payment_page(page: BrowserPage, site, membership) -> BrowserPage:
    """Opened by the mailed link."""
    page.goto(f"{site}/betaling/{token_for(membership, purpose='pay')}/")
    return page


def press(page: BrowserPage, name: str) -> None:
    """A button of the hosted payment page."""
    page.get_by_role("button", name=name, exact=True).click()


def expect_paid(page: BrowserPage, stripe: FakeStripe, membership: Membership) -> None:
    page.wait_for_url("**/betaling/**")
    expect(page.locator("h1")).to_contain_text("Vi har modtaget betalingen")
    stripe.flush()
    membership.refresh_from_db()
    assert membership.state == Status.ACTIVE
    assert Charge.objects.get().state == ChargeState.PAID


def test_declined_the_buyer_tries_again_and_it_is_paid(payment_page, stripe, membership):
    payment_page.click(PAY)
    payment_page.wait_for_url(f"{stripe.url}/**")
    press(payment_page, "Afvis kortet")
    expect(payment_page.locator(".error")).to_be_visible()
    membership.refresh_from_db()
    assert membership.state == Status.AWAITING_PAYMENT
    press(payment_page, "Betal")
    expect_paid(payment_page, stripe, membership)


def test_called_off_the_buyer_comes_back_and_pays_after_all(payment_page, stripe, membership):
    payment_page.click(PAY)
    payment_page.wait_for_url(f"{stripe.url}/**")
    press(payment_page, "Annullér")
    payment_page.wait_for_url("**/betaling/**")
    payment_page.click(PAY)
    payment_page.wait_for_url(f"{stripe.url}/**")
    press(payment_page, "Betal")
    expect_paid(payment_page, stripe, membership)
    assert len(stripe.objects("checkout.session")) == 1


def test_a_double_click_on_pay_makes_one_session(payment_page, stripe, membership):
    payment_page.locator(PAY).dblclick(no_wait_after=True)
    payment_page.wait_for_url(f"{stripe.url}/**")
    assert len(stripe.objects("checkout.session")) == Payment.objects.count() == 1
    press(payment_page, "Betal")
    expect_paid(payment_page, stripe, membership)


def test_back_after_paying_shows_paid(payment_page, stripe, membership):
    payment_page.click(PAY)
    payment_page.wait_for_url(f"{stripe.url}/**")
    press(payment_page, "Betal")
    expect_paid(payment_page, stripe, membership)
    payment_page.go_back()  # The hosted page: nothing can be paid there any more.
    expect(payment_page.get_by_role("button", name="Betal", exact=True)).to_have_count(0)
    payment_page.go_back()  # Our page, as it was when the button was there.
    expect(payment_page.locator("h1")).to_contain_text("Vi har modtaget betalingen")
    expect(payment_page.locator(PAY)).to_have_count(0)
    assert len(stripe.objects("checkout.session")) == Payment.objects.count() == 1


def test_that_the_bank_takes_its_time_is_said_and_its_answer_is_shown(
    payment_page, stripe, membership, is_accessible
):
    payment_page.click(PAY)
    payment_page.wait_for_url(f"{stripe.url}/**")
    press(payment_page, "Betal asynkront")
    payment_page.wait_for_url("**/betaling/**")
    expect(payment_page.locator("h1")).to_contain_text("på vej")
    expect(payment_page.get_by_role("link", name="Se, om svaret er kommet")).to_be_visible()
    is_accessible(payment_page)
    payment_page.set_viewport_size({"width": 1280, "height": 900})
    stripe.point_webhook("")
    stripe.settle(stripe.objects("checkout.session")[0]["id"])
    expect_paid(payment_page, stripe, membership)  # The page asks by itself.


def test_finance_sends_a_payment_back_and_the_member_sees_the_credit_note(
    payment_page, stripe, membership, context, site, sign_in, run_jobs
):
    payment_page.click(PAY)
    payment_page.wait_for_url(f"{stripe.url}/**")
    press(payment_page, "Betal")
    expect_paid(payment_page, stripe, membership)
    run_jobs()
    charge = Charge.objects.get()
    finance = context.browser.new_context(locale="da-DK").new_page()
    sign_in(finance, roles.FINANCE)
    finance.goto(site + charges.row_url("credit", charge.pk))
    finance.check("input[name=extent][value=whole]")
    finance.fill("[name=reason]", "Aftalt med kommunen")
    finance.locator("form[method=post] button[type=submit]").last.click()
    finance.wait_for_url("**/inspect/**")
    run_jobs()
    charge.refresh_from_db()
    assert charge.state == ChargeState.CREDITED
    (refund,) = stripe.objects("refund")
    assert refund["amount"] == charge.gross
    note = Invoice.objects.get(kind="credit_note")
    own = f"{site}/mit-medlemskab/{token_for(membership)}"
    payment_page.goto(f"{own}/fakturaer/")
    expect(payment_page.locator("main")).to_contain_text(note.number)
    expect(payment_page.locator("main")).to_contain_text("Kreditnota")
    text = text_of(downloaded(payment_page.locator(f"a[href*='{note.pk}.pdf']").first))
    assert note.number in text
    assert "Aftalt med kommunen" in text


def downloaded(link: Locator) -> bytes:
    with link.page.expect_download() as download:
        link.click()
    return download.value.path().read_bytes()


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def check_pdf(pdf: bytes, invoice: Invoice) -> None:
    text = text_of(pdf)
    for told in (invoice.number, invoice.buyer_name, "8.750 kr."):
        assert told in text, text


def check_xml(xml: bytes, invoice: Invoice) -> None:
    root = etree.fromstring(xml)
    assert root.findtext("cbc:ID", namespaces=UBL) == invoice.number
    assert root.findtext("cbc:IssueDate", namespaces=UBL) == invoice.issued_on.isoformat()
    assert root.xpath("string(//cbc:PayableAmount)", namespaces=UBL) == "8750.00"
    assert root.xpath("string(//cbc:BuyerReference)", namespaces=UBL) == "Kultur og fritid"


def test_member_and_finance_download_the_invoice_as_pdf_and_xml(
    page: BrowserPage, context, site, sign_in, newest_mail
):
    make_seller()
    membership = confirmed(make_network())
    page.goto(link_in(newest_mail(membership.contact.email), "/mit-medlemskab/"))
    invoice = Invoice.objects.get()
    page.locator("a[href$='/fakturaer/']").first.click()
    check_pdf(downloaded(page.locator(f"a[href*='{invoice.pk}.pdf']").first), invoice)
    check_xml(downloaded(page.locator(f"a[href*='{invoice.pk}.xml']").first), invoice)
    finance = context.browser.new_context(locale="da-DK").new_page()
    sign_in(finance, roles.FINANCE)
    finance.goto(site + invoices.row_url("inspect", invoice.pk))
    pdf, xml = (invoices.row_url(name, invoice.pk) for name in ("pdf", "xml"))
    check_pdf(downloaded(finance.locator(f"a[href='{pdf}']").first), invoice)
    # What is seldom wanted stands in the menu "more".
    link = finance.locator(f"a[href='{xml}']").first
    if not link.is_visible():
        finance.locator("[data-w-dropdown-target=toggle]").last.click()
    check_xml(downloaded(link), invoice)
