"""Finance decides about payments; who may only read is refused, who may not see finds nothing."""

import pytest
from django.test import Client

from networks import roles
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.services.crediting import credit_part
from payments.wagtail_hooks import payments
from tests.factories.networks import MembershipFactory, make_user
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db
DECISIONS = ("accept", "return", "close-review")


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles.FINANCE))
    return client


@pytest.fixture
def in_review() -> Payment:
    charge = make_charge(MembershipFactory(), method="card")
    return make_payment(charge, state="needs_review", review_reason="beløb", livemode=True)


def owed_back() -> Payment:
    charge = make_charge(MembershipFactory(), method="card")
    payment = make_payment(charge, state="succeeded", paid_at=charge.created_at)
    charge.state, charge.paid_at = "paid", charge.created_at
    charge.save()
    credit_part(charge, net=80_000, key="c", reason="Færre")
    Refund.objects.update(state=RefundState.FAILED, failure="expired_or_canceled_card")
    return payment


def test_every_way_out_stands_on_the_page_with_stripes_own(finance, in_review) -> None:
    Payment.objects.update(payment_intent_id="pi_1")
    page = finance.get(payments.row_url("inspect", in_review.pk)).content.decode()
    for name in DECISIONS:
        assert payments.row_url(name, in_review.pk) in page
    assert "https://dashboard.stripe.com/payments/pi_1" in page


@pytest.mark.parametrize("name", DECISIONS)
def test_a_reason_is_asked_for_and_stripes_silence_changes_nothing(
    finance, in_review, name: str
) -> None:
    target = payments.row_url(name, in_review.pk)
    assert finance.get(target).status_code == 200
    assert finance.post(target, {"reason": ""}).status_code == 200
    answer = finance.post(target, {"reason": "Aftalt"}).content.decode()
    assert "Stripe svarer ikke" in answer
    in_review.refresh_from_db()
    assert in_review.state == PaymentState.NEEDS_REVIEW


@pytest.mark.parametrize("name", DECISIONS)
def test_the_auditor_decides_nothing(client, in_review, name: str) -> None:
    client.force_login(make_user(roles.AUDITORS))
    target = payments.row_url(name, in_review.pk)
    assert client.post(target, {"reason": "x"}).status_code in (302, 403)
    in_review.refresh_from_db()
    assert in_review.state == PaymentState.NEEDS_REVIEW


@pytest.mark.disorder("a refund made up as failed")
def test_what_is_owed_back_is_listed_and_sent_once(finance) -> None:
    payment = owed_back()
    listed = finance.get(payments.row_url("index"), {"attention": "owed_back"}).content.decode()
    assert payments.row_url("inspect", payment.pk) in listed
    page = finance.get(payments.row_url("inspect", payment.pk)).content.decode()
    assert "1.000 kr." in page
    target = payments.row_url("send-back", payment.pk)
    form = finance.get(target).context["form"]
    posted = {"reason": "Igen", "key": form.initial["key"]}
    for _time in range(2):
        finance.post(target, posted)
    live = payment.refunds.exclude(state=RefundState.FAILED)
    assert [row.amount for row in live] == [100_000]


@pytest.mark.disorder("rows made up")
def test_the_list_shows_the_deadline_and_takes_the_same_queries_for_any_number(
    finance, django_assert_max_num_queries
) -> None:
    for _row in range(3):
        payment = owed_back()
    Payment.objects.filter(pk=payment.pk).update(
        dispute_state="needs_response", dispute_due_by=payment.paid_at
    )
    finance.get(payments.row_url("index"))
    with django_assert_max_num_queries(30) as few:
        page = finance.get(payments.row_url("index"), {"attention": "evidence"}).content.decode()
    assert "Afventer vores dokumentation" in page
    with django_assert_max_num_queries(len(few) + 1):
        finance.get(payments.row_url("index"))
