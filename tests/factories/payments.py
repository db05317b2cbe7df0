"""Charges as the domain makes them, and attempts to pay them."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from payments.models import Charge, Payment, PaymentMethod
from payments.money import STANDARD_VAT_RATE
from payments.services import charging
from payments.services.charging import Line

SEASON_FEE = Line("Medlemskab 2027", 1, 700_000, STANDARD_VAT_RATE)
BUYER = {
    "buyer_name": "Prøvekøbing Kommune",
    "buyer_street": "Rådhustorvet 1",
    "buyer_postal_code": "9999",
    "buyer_city": "Prøvekøbing",
}


class ChargeFactory(factory.django.DjangoModelFactory):
    """An open charge of 7.000 kr. excl. VAT to be paid by card, made by the service."""

    class Meta:
        model = Charge

    key = factory.Sequence(lambda number: f"membership-{number}:2027:1")
    reference = factory.Sequence(lambda number: f"networks.membership:{number}")
    scope = "1"
    scope_label = "Fritidsfaciliteter"
    description = "Fritidsfaciliteter 2027"
    method = PaymentMethod.CARD
    lines = (SEASON_FEE,)
    buyer = BUYER

    @classmethod
    def _create(cls, model_class: type[Charge], *args: Any, **values: Any) -> Charge:
        return charging.create_charge(**values)


class PaymentFactory(factory.django.DjangoModelFactory):
    """An attempt that was begun, of which Stripe knows nothing."""

    class Meta:
        model = Payment

    charge = factory.SubFactory(ChargeFactory)
    amount = factory.SelfAttribute("charge.gross")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))
