"""``manage.py check_ledger``: does every sum agree with what it is made of?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments import money
from payments.models import Charge
from payments.services import ledger


class Command(BaseCommand):
    help = (
        "Checks that charges = payments - refunds + open + credited, for each charge and in all, "
        "and that no invoice number is missing. Exits with an error when a difference is found."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for line in ledger.differences():
            found += 1
            self.stdout.write(line)
        total = ledger.total(Charge.objects.all())
        for name, amount in vars(total).items():
            self.stdout.write(f"{name:>14} {money.format_amount(amount):>16}")
        if found or not total.agrees:
            raise CommandError(f"{found} differences.")
        self.stdout.write("The ledger agrees.")
