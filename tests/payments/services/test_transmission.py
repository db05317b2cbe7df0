"""E-invoices on their way: over real HTTP, into a real directory, and what becomes of failures."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.utils import timezone
from lxml import etree

from cms.audit import SYSTEM
from payments.models import Invoice, Transmission
from payments.services import invoicing, transmission
from payments.services.transmission import NotSendable
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db


class AccessPoint(ThreadingHTTPServer):
    """Takes each document once, and answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: dict[str, bytes] = {}
        self.tokens: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/documents"


class Answer(BaseHTTPRequestHandler):
    server: AccessPoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 201
        key = self.headers["Idempotency-Key"]
        self.server.tokens.append(self.headers.get("Authorization", ""))
        if status < 300 and key in self.server.taken:
            status = 409
        if status < 300:
            self.server.taken[key] = body
        self.send_response(status)
        self.send_header("Location", f"/documents/{len(self.server.taken)}")
        self.end_headers()
        if status >= 400:
            self.wfile.write(b"Ukendt modtager")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def access_point(settings) -> Iterator[AccessPoint]:
    with AccessPoint() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.E_INVOICE_SENDER = server.url
        settings.E_INVOICE_TOKEN = "secret"
        yield server
        server.shutdown()


@pytest.fixture
def issued() -> Invoice:
    make_seller()
    invoice = invoicing.issue_invoice(ChargeFactory(method="invoice", buyer=BUYER))
    assert invoice is not None
    return invoice


@pytest.fixture
def queued(access_point, issued) -> Transmission:
    return Transmission.objects.get()


def test_an_invoice_is_posted_with_its_token_and_gets_a_receipt(queued, access_point, run_jobs):
    run_jobs("payments.send_invoice")
    queued.refresh_from_db()
    assert (queued.state, queued.receipt) == ("sent", "/documents/1")
    assert queued.sent_at is not None
    assert access_point.tokens == ["Bearer secret"]
    (xml,) = access_point.taken.values()
    assert etree.fromstring(xml).findtext("{*}ID") == queued.invoice.number


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_failure_that_may_pass_is_tried_again_later(queued, access_point, run_jobs, status):
    access_point.answers = [status]
    transmission.send(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == ("queued", 1)
    assert str(status) in queued.error
    transmission.send(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.attempts, queued.error) == ("sent", 2, "")


def test_an_access_point_that_is_down_is_tried_again_until_a_person_must_look(
    queued, access_point, settings
):
    settings.E_INVOICE_SENDER = "http://127.0.0.1:1/"
    for _attempt in range(transmission.ATTEMPTS):
        transmission.send(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == ("failed", transmission.ATTEMPTS)
    assert queued.error


def test_a_refusal_is_final_and_tells_why(queued, access_point):
    access_point.answers = [422]
    transmission.send(queued.pk)
    queued.refresh_from_db()
    assert queued.state == "failed"
    assert "Ukendt modtager" in queued.error


def test_killed_after_it_was_taken_it_is_not_taken_twice(queued, access_point, run_jobs):
    transmission.send(queued.pk)
    # The process died before it could write down that the document was taken.
    long_ago = timezone.now() - timedelta(hours=1)
    Transmission.objects.update(state="sending", sent_at=None, attempted_at=long_ago)
    assert transmission.resume_stuck() == 1
    run_jobs("payments.send_invoice")
    queued.refresh_from_db()
    assert queued.state == "sent"
    assert len(access_point.taken) == 1


def test_sent_again_it_is_another_transmission_of_the_same_document(queued, access_point, run_jobs):
    with pytest.raises(NotSendable):
        transmission.send_again(queued.invoice, actor=SYSTEM)
    run_jobs("payments.send_invoice")
    transmission.send_again(queued.invoice, actor=SYSTEM)
    run_jobs("payments.send_invoice")
    first, second = access_point.taken.values()
    assert first == second


def test_a_directory_gets_whole_files(issued, settings, tmp_path, run_jobs):
    settings.E_INVOICE_SENDER = str(tmp_path / "out")
    transmission.send_again(issued, actor=SYSTEM)
    run_jobs("payments.send_invoice")
    (written,) = (tmp_path / "out").iterdir()
    assert written.name == f"faktura-{issued.number}.xml"
    assert etree.parse(str(written)).getroot().findtext("{*}ID") == issued.number


def test_a_directory_that_cannot_be_written_is_a_failure_that_may_pass(
    issued, settings, tmp_path, run_jobs
):
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings.E_INVOICE_SENDER = str(blocked)
    sent = transmission.send_again(issued, actor=SYSTEM)
    transmission.send(sent.pk)
    sent.refresh_from_db()
    assert sent.state == "queued"
    assert sent.error


def test_delivered_by_hand_is_recorded(issued):
    row = transmission.mark_delivered(issued, actor=SYSTEM, receipt="Uploadet i portalen")
    assert (row.state, row.sender, row.receipt) == ("sent", "by_hand", "Uploadet i portalen")


def test_what_goes_by_no_e_invoice_is_not_sent(access_point):
    make_seller()
    charge = ChargeFactory(method="invoice", buyer={**BUYER, "buyer_gln": ""})
    invoice = invoicing.issue_invoice(charge)
    assert not Transmission.objects.exists()
    with pytest.raises(NotSendable):
        transmission.send_again(invoice, actor=SYSTEM)
