"""Begins a payment and dies: after Stripe's answer, before our commit.

``python -m tests.faults.killed <database> <Stripe's address> <membership> <return address>``.
"""

import os
import sys
from typing import Any

import django
from django.conf import settings
from django.db import connection


def die_at_the_session(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
    """The first statement that would write down the session that Stripe has made."""
    if sql.startswith('UPDATE "payments_payment"') and "session_id" in sql:
        os._exit(9)
    return execute(sql, params, *rest)


def main(database: str, stripe: str, membership_id: str, return_url: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    settings.DATABASES["default"]["NAME"] = database
    settings.STRIPE_API_BASE = stripe
    django.setup()
    # Not before Django is set up.
    from networks.services import paying  # noqa: PLC0415

    with connection.execute_wrapper(die_at_the_session):
        paying.begin_payment(membership_id, return_url=return_url)


if __name__ == "__main__":
    main(*sys.argv[1:])
