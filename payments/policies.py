"""Who may see which charge and payment.

Which scopes a user may see is decided by whoever makes the charges: ``PAYMENTS_SCOPE_POLICY``
names ``(user) -> set[str] | None``; None means every scope.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from cms.policy import RowPermissionPolicy, User
from payments import gateway
from payments.models import BalanceTransaction, BankTransfer, Charge, Invoice, Payment, Posting


def visible_scopes(user: User) -> set[str] | None:
    policy: Callable[[User], set[str] | None] = import_string(settings.PAYMENTS_SCOPE_POLICY)
    return policy(user)


class ScopedPolicy(RowPermissionPolicy):
    """Rows by the scope of their charge, which ``scope_lookup`` leads to."""

    def __init__(self, model: Any, scope_lookup: str) -> None:
        super().__init__(model)
        self.scope_lookup = scope_lookup

    def rows(self, user: User) -> QuerySet[Any]:
        scopes = visible_scopes(user)
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows if scopes is None else rows.filter(**{f"{self.scope_lookup}__in": scopes})


class BankTransferPolicy(RowPermissionPolicy):
    """What is on the bank account is of no network: the permission alone decides."""

    def rows(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = BankTransfer.objects.all()
        return rows


class PostingPolicy(RowPermissionPolicy):
    """The books are read whole or not at all: the permission alone decides."""

    def rows(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = Posting.objects.all()
        return rows


class BalancePolicy(RowPermissionPolicy):
    """Stripe's balance is of no network: the permission alone decides; of the key's mode, so that
    test money never stands among real."""

    def rows(self, user: User) -> QuerySet[Any]:
        return BalanceTransaction.objects.filter(livemode=gateway.is_live())


charge_policy = ScopedPolicy(Charge, "scope")
payment_policy = ScopedPolicy(Payment, "charge__scope")
invoice_policy = ScopedPolicy(Invoice, "charge__scope")
bank_transfer_policy = BankTransferPolicy(BankTransfer)
posting_policy = PostingPolicy(Posting)
balance_policy = BalancePolicy(BalanceTransaction)
