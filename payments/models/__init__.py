"""Money's tables."""

from payments.models.balance import (
    BalanceCategory,
    BalanceReading,
    BalanceTransaction,
    Payout,
)
from payments.models.bank import BankTransfer, TransferState
from payments.models.charge import (
    Buyer,
    Charge,
    ChargeLine,
    ChargeState,
    Credit,
    PaymentMethod,
)
from payments.models.dunning import PaymentReminder, RemindersStopped
from payments.models.invoice import Invoice, NumberSeries, SkippedNumbers
from payments.models.journal import AccountingMonth, Posting, Role, VoucherKind
from payments.models.payment import (
    AWAITS_EVIDENCE,
    UNDER_WAY,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from payments.models.settings import PaymentSettings, seller_settings, site_vat_rate
from payments.models.stripe_event import EventCursor, StripeEvent
from payments.models.transmission import ON_ITS_WAY, Transmission, TransmissionState

__all__ = [
    "AWAITS_EVIDENCE",
    "AccountingMonth",
    "BalanceCategory",
    "BalanceReading",
    "BalanceTransaction",
    "Payout",
    "Posting",
    "Role",
    "VoucherKind",
    "BankTransfer",
    "TransferState",
    "ON_ITS_WAY",
    "Transmission",
    "TransmissionState",
    "UNDER_WAY",
    "Buyer",
    "Charge",
    "ChargeLine",
    "ChargeState",
    "Credit",
    "EventCursor",
    "Invoice",
    "NumberSeries",
    "Payment",
    "PaymentMethod",
    "PaymentReminder",
    "PaymentSettings",
    "SkippedNumbers",
    "PaymentState",
    "Refund",
    "RefundState",
    "RemindersStopped",
    "StripeEvent",
    "seller_settings",
    "site_vat_rate",
]
