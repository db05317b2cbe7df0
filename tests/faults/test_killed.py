"""A process of its own that dies in the middle of beginning a payment."""

import subprocess
import sys

import pytest
from django.db import connection

from payments.models import PaymentState
from tests.faults.purchases import ACTIVE

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_after_stripes_answer_the_retry_finds_the_same_session(purchase):
    database = connection.settings_dict["NAME"]
    # As the payment page itself would say it, so that the key fits the buyer's next attempt.
    own_page = f"http://testserver{purchase.address}"
    arguments = [database, purchase.stripe.url, str(purchase.membership.pk), own_page]
    killed = subprocess.run([sys.executable, "-m", "tests.faults.killed", *arguments], timeout=120)
    assert killed.returncode == 9
    (made,) = purchase.stripe.objects("checkout.session")
    payment = purchase.payment()
    assert (payment.state, payment.session_id) == (PaymentState.CREATED, None)
    assert purchase.open_page() == made["id"]
    assert len(purchase.stripe.objects("checkout.session")) == 1
    purchase.stripe.pay(made["id"])
    purchase.deliver()
    assert purchase.outcome() == ACTIVE
