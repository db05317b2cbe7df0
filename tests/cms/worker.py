"""Procrastinate's worker, without the jobs that run by the clock.

``python -m tests.cms.worker PORT``: one in a process of its own, which sends mail to that port.
"""

import asyncio
import sys

import django
from django.conf import settings
from procrastinate.contrib.django import app


def work() -> None:
    """Run what is due, as ``manage.py procrastinate worker --one-shot`` does."""
    periodic, app.periodic_registry.periodic_tasks = app.periodic_registry.periodic_tasks, {}
    try:
        with app.replace_connector(app.connector.get_worker_connector()):
            asyncio.run(_work())
    finally:
        app.periodic_registry.periodic_tasks = periodic


async def _work() -> None:
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False)


if __name__ == "__main__":
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[1])
    django.setup()
    work()
