"""``manage.py unlock_sign_in``: let a user or an address that was locked out try again."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from cms.accounts import lockout
from cms.audit import SYSTEM


class Command(BaseCommand):
    help = "Forgets failed attempts to sign in: those of a user, or those made from an address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--user")
        what.add_argument("--address")

    def handle(self, *args: Any, user: str | None, address: str | None, **options: Any) -> None:
        if address is not None:
            forgotten = lockout.unlock_address(address)
            self.stdout.write(f"{forgotten} failed attempts from {address} are forgotten.")
            return
        found = User.objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"There is no user {user}.")
        lockout.unlock(actor=SYSTEM, user=found, reason="manage.py unlock_sign_in")
        self.stdout.write(f"{user} can try again.")
