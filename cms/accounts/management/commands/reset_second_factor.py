"""``manage.py reset_second_factor``: let a user who lost it set up a new one."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from cms.accounts import second_factor
from cms.audit import SYSTEM


class Command(BaseCommand):
    help = (
        "Removes a user's app, passkeys and recovery codes, ends their sessions and tells them by "
        "mail. For the last administrator, whom nobody can help in the administration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="Written in the audit log.")

    def handle(self, *args: Any, username: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.")
        second_factor.reset(actor=SYSTEM, user=user, reason=reason)
        self.stdout.write(f"{username} sets up a new second step at the next sign-in.")
