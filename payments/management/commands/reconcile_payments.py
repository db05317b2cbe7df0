"""``manage.py reconcile_payments``: compare with Stripe and say what differed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments import gateway
from payments.services import reconciliation


class Command(BaseCommand):
    help = (
        "Brings open payments and missed events to what Stripe says. "
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
        for line in remaining:
            self.stdout.write(line)
        if remaining:
            raise CommandError(f"{len(remaining)} differences remain.")
        self.stdout.write("Payments agree with Stripe.")
