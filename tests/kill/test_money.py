"""The site killed at 50 random moments of checkout, webhook, refund and invoice issue.

Web server and worker are processes of their own, against this database and a fake Stripe; each
dies 25 times, by SIGKILL (``site.py``). People go on signing up, paying and crediting meanwhile.
Takes minutes: run by ``make test-kill-money``, and not with the other tests. ``SEEDS=7`` draws
other moments.
"""

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from socket import socket

import pytest
import requests
import time_machine
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cms import audit, queue
from cms import jobs as core_jobs
from cms.messages.models import Message
from networks import jobs as membership_jobs
from networks.models import Membership
from networks.services import confirmation
from payments import jobs
from payments.models import Charge, Invoice, Payment, Refund
from payments.services import crediting, ledger, reconciliation
from tests.factories.networks import make_network
from tests.factories.sellers import make_seller
from tests.factories.signups import applied
from tests.fakes.stripe import FakeStripe
from tests.faults.purchases import outcome_of
from tests.kill.site import WORK, Orders
from tests.networks.public.visits import token_for
from tests.payments.agreement import differences_from

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
SEEDS = os.environ.get("SEEDS", "1").split()
DEATHS = 25
#: Seconds for all of it, and that a buyer looks at a page that does not come.
PATIENCE, GIVES_UP = 900, 20


class Site:
    """The two processes, and what they leave behind them."""

    def __init__(self, folder: Path, stripe: FakeStripe, seed: int) -> None:
        self.folder = folder
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.running = {role: self._start(role, stripe, seed) for role in WORK}

    def _start(self, role: str, stripe: FakeStripe, seed: int) -> subprocess.Popen[bytes]:
        orders = Orders(
            database=connection.settings_dict["NAME"],
            stripe=stripe.url,
            port=self.port,
            deaths=DEATHS,
            seed=seed,
            book=str(self.folder / role),
            mails=str(self.folder / "mails"),
            e_invoices=str(self.folder / "e-invoices"),
        )
        arguments = [role, json.dumps(asdict(orders))]
        return subprocess.Popen([sys.executable, "-m", "tests.kill.site", *arguments])

    def deaths(self) -> Counter[str]:
        """What was being done, and how often it was cut short."""
        found: Counter[str] = Counter()
        for role in self.running:
            book = self.folder / role
            found.update(book.read_text().splitlines() if book.exists() else [])
        return found

    def dead_enough(self) -> bool:
        for role, process in self.running.items():
            assert process.poll() is None, f"{role} ended by itself"
        return sum(self.deaths().values()) == DEATHS * len(self.running)

    def end(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(timeout=30)

    def mail_ids(self) -> list[str]:
        mails = (path.read_text(errors="replace") for path in (self.folder / "mails").glob("*"))
        return [
            key for text in mails for key in re.findall(r"^Message-ID: (.+)$", text, re.M | re.I)
        ]


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(retry_delays=(0.3, 1, 2, 4, 8)) as started:
        yield started


@pytest.fixture
def site(tmp_path, fake, settings, request) -> Iterator[Site]:
    settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY = fake.url, fake.api_key
    settings.E_INVOICE_SENDER = str(tmp_path / "e-invoices")
    for name in ("mails", "e-invoices"):
        (tmp_path / name).mkdir()
    make_seller()
    started = Site(tmp_path, fake, int(request.node.callspec.params["seed"]))
    fake.point_webhook(f"{started.url}{reverse('payments:stripe_webhook')}")
    yield started
    started.end()


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_50_random_moments_nothing_is_lost_and_nothing_is_twice(
    site, fake, run_jobs, seed
):
    print(f"seed {seed}")
    began = time.monotonic()
    people = Crowd(site, fake, int(seed))
    while not site.dead_enough():
        assert time.monotonic() - began < PATIENCE, site.deaths()
        people.somebody_comes()
    print(f"{time.monotonic() - began:.0f} s: {dict(site.deaths())}, {len(people.all)} people")
    wait_until_quiet(fake)
    site.end()
    recover(run_jobs)
    check(people, site, fake)
    for work in ("checkout", "webhook", "refund", "invoice issue"):
        assert site.deaths()[work], f"nothing died during {work}"


class Crowd:
    """People who sign up and pay, by card or by invoice, one after the other; and finance."""

    def __init__(self, site: Site, fake: FakeStripe, seed: int) -> None:
        self.site = site
        self.fake = fake
        self.chance = random.Random(seed)
        self.network = make_network()
        self.by_card: list[Membership] = []
        self.by_invoice: list[Membership] = []

    @property
    def all(self) -> list[Membership]:
        return self.by_card + self.by_invoice

    def somebody_comes(self) -> None:
        if self.chance.random() < 0.3:
            membership = applied(self.network)
            confirmation.confirm(membership.pk, accepted_net=membership.accepted_net)
            self.by_invoice.append(membership)
        else:
            membership = applied(self.network, method="card")
            self.by_card.append(membership)
            self.pay(membership)
        if self.chance.random() < 0.6:
            self.finance_credits()

    def pay(self, membership: Membership) -> None:
        """Press the button until the hosted page comes, pay there, and come back, mostly."""
        address = self.site.url + reverse("payment", args=[token_for(membership, purpose="pay")])
        with requests.Session() as browser:
            page = self.press(browser, address)
            if page is None:
                return
            session_id = page.rstrip("/").rsplit("/", 1)[-1]
            self.fake.pay(session_id)
            if self.chance.random() < 0.6:
                with suppress(requests.RequestException):
                    browser.get(address, timeout=GIVES_UP)

    def press(self, browser: requests.Session, address: str) -> str | None:
        """The hosted page's address; None for a buyer who has given up."""
        deadline = time.monotonic() + GIVES_UP
        while time.monotonic() < deadline:
            with suppress(requests.RequestException, KeyError):
                browser.get(address, timeout=GIVES_UP)
                answer = browser.post(
                    address,
                    {"pay": "1", "csrfmiddlewaretoken": browser.cookies["csrftoken"]},
                    timeout=GIVES_UP,
                    allow_redirects=False,
                )
                if answer.status_code == 303 and answer.headers["Location"] != address:
                    return answer.headers["Location"]
        return None

    def finance_credits(self) -> None:
        """The first charge with a receipt, cards before invoices: what was paid is sent back."""
        charges = Charge.objects.filter(invoices__isnull=False, credits__isnull=True)
        charge = charges.order_by("method", "created_at").first()
        if charge is not None:
            net = self.chance.choice((None, 100_000))
            crediting.credit_by_hand(charge, net=net, key="1", reason="Aftalt", actor=audit.SYSTEM)


def wait_until_quiet(fake: FakeStripe) -> None:
    """The last lives do what they can; what a dead worker had in hand waits for its time."""
    deadline = time.monotonic() + 120
    with suppress(TimeoutError):
        fake.flush(60)
    while time.monotonic() < deadline and _jobs("todo") > 0:
        time.sleep(0.5)


def _jobs(*states: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status::text = ANY(%s) "
            "AND (scheduled_at IS NULL OR scheduled_at <= now())",
            [list(states)],
        )
        return int(cursor.fetchone()[0])


def recover(run_jobs) -> None:
    """Started again, as the clock does it: stalled jobs, what is due, what Stripe knows."""
    time.sleep(queue.DEAD_AFTER + 1)
    core_jobs.retry_stalled_jobs()
    with connection.cursor() as cursor:
        # What the clock had put in the queue is done below, by its function.
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE args ? 'timestamp' AND status = 'todo'"
        )
    for minutes in (0, 10, 20):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            jobs.reconcile()
            jobs.catch_up_events()
            jobs.issue_due_documents()
            jobs.import_balance()
            core_jobs.resume_messages()
            membership_jobs.let_time_pass()
            run_jobs()


def check(people: Crowd, site: Site, fake: FakeStripe) -> None:
    assert list(differences_from(fake)) == []
    assert list(ledger.differences()) == []
    assert reconciliation.remaining_differences() == []
    call_command("check_ledger")
    assert _jobs("todo", "doing", "failed") == 0
    received = sum(row["amount_received"] for row in fake.objects("payment_intent"))
    paid = Payment.objects.filter(state="succeeded")
    assert received == sum(paid.values_list("amount", flat=True)) > 0
    assert len(fake.objects("refund")) == Refund.objects.count() > 0
    _check_papers()
    for membership in people.all:
        _check_person(membership, by_card=membership in people.by_card)
    _check_mails(site)


def _check_papers() -> None:
    """One series without a gap; everything owed or credited has its one paper."""
    numbers = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    for charge in Charge.objects.all():
        owed = charge.method == "invoice" or charge.paid_at is not None
        papers = Counter(charge.invoices.values_list("kind", flat=True))
        assert papers["invoice"] == int(owed), charge
        assert papers["credit_note"] == (charge.credits.count() if owed else 0), charge


def _check_person(membership: Membership, *, by_card: bool) -> None:
    charge = Charge.objects.get(reference=audit.reference(membership))
    joined = not by_card or charge.paid_at is not None
    found = outcome_of(membership)
    assert found.activations == int(joined), (membership.pk, found)
    assert found.mails.get("welcome", 0) == int(joined), (membership.pk, found)


def _check_mails(site: Site) -> None:
    """Each left; a second copy, of a mail whose sending was cut short, has the first one's id."""
    ids = site.mail_ids()
    states = Counter(Message.objects.values_list("state", flat=True))
    assert set(states) == {"sent"}, states
    twice = [key for key, copies in Counter(ids).items() if copies > 1]
    cut_short = Message.objects.filter(attempts__gt=1).count()
    assert len(twice) <= cut_short
    print(f"{len(set(ids))} mails left the worker, {len(twice)} of them twice under one id")
