"""Charges and payments as the services would have left them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cms.audit import reference
from networks.models import Membership
from networks.services.scopes import scope_of
from payments.models import Charge, Payment
from payments.services.charging import Line, create_charge
from tests.factories.networks import BUYER


def make_charge(membership: Membership, *, method: str = "invoice", **buyer: str) -> Charge:
    """7.000 kr. for the membership."""
    return create_charge(
        key=f"test:{membership.pk}:{Charge.objects.count()}",
        reference=reference(membership),
        scope=scope_of(membership.network),
        scope_label=membership.network.title,
        description=f"Medlemskab af {membership.network.title}",
        method=method,
        lines=[Line("Medlemskab", 1, 700_000, 2500)],
        buyer={**BUYER, **buyer},
    )


def make_payment(charge: Charge, **facts: Any) -> Payment:
    """An attempt that stands open at Stripe."""
    values = {
        "amount": charge.gross,
        "state": "open",
        "session_id": f"cs_test_{Payment.objects.count()}",
        "expires_at": timezone.now() + timedelta(hours=1),
        **facts,
    }
    return Payment.objects.create(charge=charge, **values)
