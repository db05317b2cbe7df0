"""The gateway: Stripe's errors told apart, its events read, and nothing else let through."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import gateway
from tests.factories.payments import PaymentFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("fault", "replayed"), [("429", False), ("503", False), ("timeout", False), ("500", True)]
)
def test_later_is_told_apart_from_no(stripe, fault: str, replayed: bool) -> None:
    payment = PaymentFactory()
    addresses = {"success_url": "https://example.org/", "cancel_url": "https://example.org/"}
    stripe.fail_next(fault, count=1 if fault in ("429", "500") else 2, seconds=0.1)
    with pytest.raises(gateway.GatewayUnavailable) as first:
        gateway.create_session(payment, **addresses)
    assert not first.value.replayed
    if replayed:
        with pytest.raises(gateway.GatewayUnavailable) as second:
            gateway.create_session(payment, **addresses)
        assert second.value.replayed
    else:
        assert gateway.create_session(payment, **addresses).status == "open"


def test_a_slow_answer_is_not_waited_for(stripe, settings) -> None:
    settings.STRIPE_TIMEOUTS = (0.2, 0.2)
    stripe.fail_next("timeout", count=2, seconds=5)
    with pytest.raises(gateway.GatewayUnavailable):
        gateway.retrieve_session("cs_test_1")


def test_nobody_listening_is_unavailable(settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    with pytest.raises(gateway.GatewayUnavailable):
        gateway.retrieve_session("cs_test_1")


def test_a_refusal_has_stripes_code(stripe) -> None:
    with pytest.raises(gateway.GatewayRefused) as caught:
        gateway.retrieve_session("cs_test_unknown")
    assert caught.value.code == "resource_missing"


def test_a_wrong_key_is_a_matter_of_configuration(stripe, settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_another"
    with pytest.raises(gateway.GatewayMisconfigured):
        gateway.retrieve_session("cs_test_1")
    settings.STRIPE_SECRET_KEY = stripe.api_key
    assert gateway.is_configured()


def test_events_are_listed_oldest_first_page_by_page(stripe) -> None:
    thing = {"id": "cs_test_foreign", "object": "checkout.session"}
    made = [stripe.emit("checkout.session.expired", thing)["id"] for _number in range(120)]
    stripe.emit("customer.created", {"id": "cus_1", "object": "customer"})
    since = timezone.now() - timedelta(hours=1)
    listed = gateway.list_events(since, ["checkout.session.expired"])
    assert [event.id for event in listed] == made
    assert listed[0].session_id == "cs_test_foreign"
    assert gateway.list_events(timezone.now() + timedelta(hours=1), ["charge.refunded"]) == []


def test_a_live_key_moves_real_money(settings) -> None:
    assert not gateway.is_live()
    settings.STRIPE_SECRET_KEY = "sk_live_abc"
    assert gateway.is_live()
