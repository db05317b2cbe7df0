"""Handlers of charges that go wrong, for the setting ``PAYMENTS_CHARGE_HANDLER``."""

from typing import Any

from networks.services import settlement


def fails_after_its_work(**told: Any) -> None:
    settlement.charge_changed(**told)
    raise RuntimeError("the handler fails after it wrote")
