"""``manage.py reconcile_payments``: compare with Stripe and say what differed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments import gateway
from payments.services import balance, balance_checks, journal, reconciliation


class Command(BaseCommand):
    help = (
        "Brings open payments, missed events and Stripe's balance to what Stripe says. "
        "Prints each difference; exits with an error when one remains."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = reconciliation.reconcile_open_payments()
        remaining = []
        try:
            findings.add(reconciliation.sync_payments(reconciliation.catch_up_events()))
        except gateway.GatewayError as error:
            remaining.append(f"events: {error}")
        remaining += [f"payment {pk}: {error}" for pk, error in findings.unanswered]
        for change in findings.changes:
            self.stdout.write(f"payment {change.payment_id}: {change.before} -> {change.after}")
        remaining += reconciliation.remaining_differences()
        remaining += self._balance()
        for line in remaining:
            self.stdout.write(line)
        if remaining:
            raise CommandError(f"{len(remaining)} differences remain.")
        self.stdout.write("Payments agree with Stripe.")

    def _balance(self) -> list[str]:
        """Read Stripe's balance; what it says otherwise than we do."""
        try:
            new = balance.import_balance()
        except gateway.GatewayError as error:
            return [f"balance: {error}"]
        self.stdout.write(f"{new} new balance transactions")
        journal.post_due()
        return list(balance_checks.differences())
