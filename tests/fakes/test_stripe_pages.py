"""The fake Stripe's payment page, its list of sessions, its state file and its command line."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import stripe

from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.receiver import Receiver
from tests.fakes.stripe.sample import client_for, session_params

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running() -> Iterator[FakeStripe]:
    with FakeStripe() as started:
        yield started


@pytest.fixture
def fake(running: FakeStripe) -> FakeStripe:
    running.reset()
    return running


@pytest.fixture
def session(fake: FakeStripe) -> stripe.checkout.Session:
    return client_for(fake).v1.checkout.sessions.create(params=session_params())


def press(url: str | None, action: str) -> requests.Response:
    assert url
    return requests.post(url, data={"action": action}, allow_redirects=False, timeout=5)


def look(url: str | None) -> str:
    assert url
    return requests.get(url, timeout=5).text


def test_the_page_shows_what_is_paid_and_that_it_is_a_test(
    session: stripe.checkout.Session,
) -> None:
    html = look(session.url)
    assert 'lang="da"' in html
    assert "Medlemskab 2027" in html
    assert "1.250,00 kr." in html
    assert "Testside" in html
    for button in ("Betal", "Afvis kortet", "Betal asynkront", "Annullér"):
        assert f">{button}</button>" in html


def test_what_a_customer_wrote_is_escaped(fake: FakeStripe) -> None:
    params = session_params()
    params["line_items"][0]["price_data"]["product_data"]["name"] = "<script>"
    created = client_for(fake).v1.checkout.sessions.create(params=params)
    assert "<script>" not in look(created.url)
    assert "<script>" not in look(f"{fake.url}/")


def test_paying_redirects_with_the_sessions_id(
    fake: FakeStripe, session: stripe.checkout.Session
) -> None:
    answer = press(session.url, "pay")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:8000/return/?session={session.id}"
    paid = client_for(fake).v1.checkout.sessions.retrieve(session.id)
    assert paid.payment_status == "paid"
    assert "Der er allerede betalt" in look(session.url)
    assert press(session.url, "pay").status_code == 409
    assert len(fake.objects("charge")) == 1


def test_a_declined_card_is_told_and_may_be_tried_again(
    fake: FakeStripe, session: stripe.checkout.Session
) -> None:
    answer = press(session.url, "decline")
    assert answer.status_code == 200
    assert "Kortet blev afvist" in answer.text
    assert fake.objects("event")[-1]["type"] == "payment_intent.payment_failed"
    assert press(session.url, "pay").status_code == 303


def test_cancelling_redirects_and_leaves_the_session_open(
    fake: FakeStripe, session: stripe.checkout.Session
) -> None:
    answer = press(session.url, "cancel")
    assert answer.headers["Location"] == "http://127.0.0.1:8000/cancel/" == fake.cancel(session.id)
    assert fake.objects("checkout.session")[0]["status"] == "open"


def test_an_asynchronous_payment_is_settled_on_the_list(
    fake: FakeStripe, session: stripe.checkout.Session
) -> None:
    assert press(session.url, "pay_async").status_code == 303
    assert "Betalingen behandles" in look(session.url)
    assert "Lad den lykkes" in look(f"{fake.url}/")
    settle = f"{fake.url}/settle/{session.id}"
    answer = requests.post(settle, data={"outcome": "succeeded"}, timeout=5)
    assert "Betalt" in answer.text
    assert fake.objects("checkout.session")[0]["payment_status"] == "paid"
    assert requests.post(settle, data={"outcome": "failed"}, timeout=5).status_code == 409


def test_an_expired_session_says_so(fake: FakeStripe, session: stripe.checkout.Session) -> None:
    fake.clock.advance(25 * 3600)
    assert "Betalingen er udløbet" in look(session.url)
    assert press(session.url, "pay").status_code == 409
    assert "Udløbet" in look(f"{fake.url}/")


def test_an_unknown_session_or_button_is_refused(
    fake: FakeStripe, session: stripe.checkout.Session
) -> None:
    assert requests.get(f"{fake.url}/c/pay/cs_0", timeout=5).status_code == 404
    assert press(f"{fake.url}/c/pay/cs_0", "pay").status_code == 404
    assert press(session.url, "give").status_code == 400
    assert requests.get(f"{fake.url}/elsewhere", timeout=5).status_code == 404
    assert "Ingen betalinger" not in look(f"{fake.url}/")


def test_the_state_outlives_the_fake(tmp_path: Path) -> None:
    path = tmp_path / "var" / "fake-stripe.json"
    params = session_params()
    with FakeStripe(state=path) as first:
        options = {"idempotency_key": "k"}
        made = client_for(first).v1.checkout.sessions.create(params=params, options=options)
    with FakeStripe(state=path) as second:
        v1 = client_for(second).v1
        known = v1.checkout.sessions.retrieve(made.id)
        assert known.url == f"{second.url}/c/pay/{made.id}"
        again = v1.checkout.sessions.create(params=params, options={"idempotency_key": "k"})
        assert again.id == made.id
        assert press(known.url, "pay").status_code == 303


def test_what_was_not_delivered_is_delivered_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with Receiver() as receiver:
        with FakeStripe(state=path, webhook_url="http://127.0.0.1:9/", retry_delays=()) as first:
            made = client_for(first).v1.checkout.sessions.create(params=session_params())
            first.pay(made.id)
            first.flush()
        with FakeStripe(state=path, webhook_url=receiver.url) as second:
            second.flush()
        assert receiver.types == ["payment_intent.succeeded", "checkout.session.completed"]


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The fake as a process, and its address once it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.stripe", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found
        yield process, found[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_command_serves_and_ends_cleanly(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with (
        Receiver("whsec_new") as receiver,
        command(
            *("--webhook-url", receiver.url, "--api-key", "sk_test_fake_run"),
            *("--webhook-secret", "whsec_old", "--webhook-secret", "whsec_new"),
            *("--state", str(state), "--minimum-amount", "300"),
        ) as (process, url),
    ):
        client = stripe.StripeClient("sk_test_fake_run", base_addresses={"api": url})
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.checkout.sessions.create(params=session_params(amount=299))
        made = client.v1.checkout.sessions.create(params=session_params())
        steered = requests.post(
            f"{url}/_fake/knobs", json={"pay": made.id, "flush": None}, timeout=5
        )
        assert steered.status_code == 200
        assert receiver.types == ["payment_intent.succeeded", "checkout.session.completed"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert made.id in json.loads(state.read_text())["objects"]


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "tests.fakes.stripe", "--port", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr
