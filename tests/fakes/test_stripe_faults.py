"""The fake Stripe's idempotency keys, faults and knobs, through the real SDK."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests
import stripe

from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.sample import client_for, session_params

KEY = {"idempotency_key": "attempt-1"}


@pytest.fixture(scope="module")
def running() -> Iterator[FakeStripe]:
    with FakeStripe() as started:
        yield started


@pytest.fixture
def fake(running: FakeStripe) -> FakeStripe:
    running.reset()
    return running


@pytest.fixture
def v1(fake: FakeStripe) -> stripe.V1Services:
    return client_for(fake).v1


def replayed(answer: stripe.StripeObject) -> bool:
    return answer.last_response.headers.get("Idempotent-Replayed") == "true"


def test_the_same_key_and_body_get_the_same_answer(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params()
    first = v1.checkout.sessions.create(params=params, options=KEY)
    fake.pay(first.id)
    reordered = dict(reversed(params.items()))
    second = v1.checkout.sessions.create(params=reordered, options=KEY)
    assert second.to_dict() == first.to_dict()
    assert (replayed(first), replayed(second)) == (False, True)
    assert len(fake.objects("checkout.session")) == 1


def test_the_same_key_with_another_body_is_refused(v1: stripe.V1Services) -> None:
    v1.checkout.sessions.create(params=session_params(), options=KEY)
    with pytest.raises(stripe.IdempotencyError) as caught:
        v1.checkout.sessions.create(params=session_params(), options=KEY)
    assert caught.value.http_status == 400


def test_a_key_is_kept_for_a_day(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params()
    first = v1.checkout.sessions.create(params=params, options=KEY)
    fake.clock.advance(24 * 3600 + 1)
    assert v1.checkout.sessions.create(params=params, options=KEY).id != first.id


def test_refused_parameters_do_not_use_up_a_key(v1: stripe.V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        v1.checkout.sessions.create(params=session_params(nothing="x"), options=KEY)
    assert v1.checkout.sessions.create(params=session_params(), options=KEY).id


def test_a_refusal_by_the_endpoint_is_kept(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params(amount=100)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.checkout.sessions.create(params=params, options=KEY)
    assert caught.value.headers["Idempotent-Replayed"] == "true"


def test_a_500_is_kept_with_its_key(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params()
    fake.fail_next("500")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            v1.checkout.sessions.create(params=params, options=KEY)
    assert caught.value.http_status == 500
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert v1.checkout.sessions.create(params=params).status == "open"


def test_a_503_leaves_the_key_free(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params()
    fake.fail_next("503")
    with pytest.raises(stripe.APIError):
        v1.checkout.sessions.create(params=params, options=KEY)
    assert not replayed(v1.checkout.sessions.create(params=params, options=KEY))


def test_the_sdk_repeats_by_itself_after_a_503(fake: FakeStripe) -> None:
    fake.fail_next("503")
    client_for(fake, retries=1).v1.checkout.sessions.create(params=session_params())
    assert len(fake.requests) == 2
    assert len({request.idempotency_key for request in fake.requests}) == 1


def test_a_429_leaves_the_key_free(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params()
    fake.fail_next("429", 2)
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            v1.checkout.sessions.create(params=params, options=KEY)
    assert v1.checkout.sessions.create(params=params, options=KEY).status == "open"


def test_a_timeout_is_not_done(fake: FakeStripe) -> None:
    hasty = client_for(fake, timeout=0.1).v1
    fake.fail_next("timeout", seconds=0.5)
    with pytest.raises(stripe.APIConnectionError):
        hasty.checkout.sessions.create(params=session_params(), options=KEY)
    assert fake.objects("checkout.session") == []


def test_a_lost_reply_is_done_and_replayed(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params()
    fake.fail_next("reply_lost")
    with pytest.raises(stripe.APIConnectionError):
        v1.checkout.sessions.create(params=params, options=KEY)
    (made,) = fake.objects("checkout.session")
    again = v1.checkout.sessions.create(params=params, options=KEY)
    assert (again.id, replayed(again)) == (made["id"], True)


def test_a_refunds_lost_reply_leaves_one_refund(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    intent = fake.pay(session.id)["payment_intent"]
    fake.fail_next("reply_lost", path="/v1/refunds")
    retrying = client_for(fake, retries=1).v1
    refund = retrying.refunds.create(params={"payment_intent": intent, "amount": 500})
    assert [made["id"] for made in fake.objects("refund")] == [refund.id]


def test_the_same_key_at_the_same_time_is_a_conflict(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    params = session_params()
    fake.fail_next("slow", seconds=0.4)
    slow = threading.Thread(
        target=v1.checkout.sessions.create, kwargs={"params": params, "options": KEY}
    )
    slow.start()
    while not fake.objects("checkout.session"):
        time.sleep(0.01)
    with pytest.raises(stripe.StripeError) as caught:
        client_for(fake).v1.checkout.sessions.create(params=params, options=KEY)
    assert caught.value.http_status == 409
    assert caught.value.error.code == "idempotency_key_in_use"
    slow.join()
    assert replayed(v1.checkout.sessions.create(params=params, options=KEY))


def test_many_at_once_with_one_key_make_one_session(fake: FakeStripe) -> None:
    params = session_params()
    ids: list[str] = []

    def create() -> None:
        v1 = client_for(fake, retries=5).v1
        ids.append(v1.checkout.sessions.create(params=params, options=KEY).id)

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert set(ids) == {fake.objects("checkout.session")[0]["id"]}


def test_a_fault_may_be_for_one_endpoint_only(fake: FakeStripe, v1: stripe.V1Services) -> None:
    fake.fail_next("503", method="POST", path="/v1/checkout/sessions")
    assert v1.checkout.sessions.list().data == []
    with pytest.raises(stripe.APIError):
        v1.checkout.sessions.create(params=session_params())
    with pytest.raises(ValueError, match="no fault"):
        fake.fail_next("418")  # type: ignore[arg-type]


def test_a_session_is_shown_with_wrong_amount_currency_and_mode(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.override(session.id, amount_total=1, currency="eur", livemode=True)
    for shown in (v1.checkout.sessions.retrieve(session.id), v1.checkout.sessions.list().data[0]):
        assert (shown.amount_total, shown.currency, shown.livemode) == (1, "eur", True)
    fake.override(session.id)
    assert v1.checkout.sessions.retrieve(session.id).amount_total == 125000
    fake.override("checkout.session", amount_total=2)
    fake.pay(session.id)
    assert v1.checkout.sessions.retrieve(session.id).amount_total == 2
    assert fake.objects("event")[-1]["data"]["object"]["amount_total"] == 125000


def test_a_stopped_fake_answers_nobody_and_comes_back(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.stop()
    with pytest.raises(stripe.APIConnectionError):
        v1.checkout.sessions.retrieve(session.id)
    fake.start()
    assert v1.checkout.sessions.retrieve(session.id).url == session.url


def steer(fake: FakeStripe, instructions: object) -> requests.Response:
    return requests.post(f"{fake.url}/_fake/knobs", json=instructions, timeout=5)


def test_knobs_are_turned_over_http(fake: FakeStripe, v1: stripe.V1Services) -> None:
    answer = steer(fake, {"duplicates": 3, "drop": ["*"], "fail_next": {"kind": "429"}}).json()
    assert answer["knobs"]["duplicates"] == 3
    assert answer["knobs"]["faults"][0]["kind"] == "429"
    assert fake.knobs.drop == ["*"]
    with pytest.raises(stripe.RateLimitError):
        v1.checkout.sessions.list()
    shown = requests.get(f"{fake.url}/_fake/knobs", timeout=5).json()["knobs"]
    assert (shown["duplicates"], shown["faults"]) == (3, [])


def test_actions_are_done_over_http_in_their_order(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    answer = steer(
        fake,
        {
            "pay": session.id,
            "refund_in_dashboard": [session.id, 500],
            "override": {"target": session.id, "amount_total": 1},
            "payout": None,
            "advance": 60,
            "flush": {"timeout": 1},
        },
    )
    assert answer.status_code == 200
    assert answer.json()["results"]["refund_in_dashboard"]["amount"] == 500
    assert v1.checkout.sessions.retrieve(session.id).amount_total == 1
    assert steer(fake, {"settle": [session.id, "failed"]}).status_code == 400
    assert steer(fake, {"reset": None}).status_code == 200
    assert v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(
    "wrong",
    [{"nothing": 1}, {"stop": None}, {"pay": "cs_0"}, {"pay": [1, 2, 3]}, {"fail_next": "x"}, []],
)
def test_a_wrong_knob_is_refused(fake: FakeStripe, wrong: object) -> None:
    answer = steer(fake, wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
