"""What every test may use.

Transactional tests (``transaction=True``, ``live_server``) get serialized_rollback without asking:
emptying the tables takes the rows that migrations made (Wagtail's root page, the default site,
groups), and those are put back before the next such test. Procrastinate's tables are unmanaged,
so Django's flush leaves them alone: they are emptied here.
"""

import inspect
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.db.models import Q
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from wagtail.models import Page, Site

from cms.translations import compile_catalogues
from home.models import HomePage
from tests.chromium import system_chromium
from tests.factories.users import force_login_proves_second_factor
from tests.seed_rows import SeedRows

# The same examples each time; `make test-properties` looks for new ones.
hypothesis_settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis_settings.register_profile("searching", deadline=None, print_blob=True)
hypothesis_settings.load_profile("steady")

force_login_proves_second_factor()

# A clean clone has no compiled texts yet. Once, before xdist starts its workers.
if "PYTEST_XDIST_WORKER" not in os.environ:
    compile_catalogues()

# Playwright's event loop lives in the thread of the test, which uses the ORM beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

TRANSACTIONAL_FIXTURES = {"transactional_db", "live_server"}


def is_transactional(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    fixtures = TRANSACTIONAL_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or bool(marker and marker.kwargs.get("transaction"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # pytest-django puts them last, since they leave the tables empty; pytest moves some again,
    # to bring together those that share a parameter of the session.
    items.sort(key=is_transactional)
    for item in items:
        if not is_transactional(item):
            continue
        item.fixturenames.insert(0, "django_db_serialized_rollback")
        # Where a test has the marker, pytest-django looks nowhere else.
        if marker := item.get_closest_marker("django_db"):
            arguments = {**marker.kwargs, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**arguments), append=False)


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker) -> Iterator[None]:
    """Leaves the database as a next run with --reuse-db wants it, and nobody connected to it."""
    # Once Playwright's event loop runs in this thread, Django gives it a connection of its own:
    # what is to be put back must be known to every connection, or it is left out in silence.
    with django_db_blocker.unblock():
        seeds = SeedRows()
    database = type(connection.creation.connection)
    database._test_serialized_contents = ""
    type(connection.creation).deserialize_db_from_string = lambda creation, _contents: (
        seeds.put_back(creation.connection)
    )
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if request.config.getvalue("reuse_db"):
            seeds.put_back(connection)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rates are counted in the cache: one test's attempts are not the next one's."""
    cache.clear()


@pytest.fixture(autouse=True)
def _empty_queue(request: pytest.FixtureRequest, django_db_blocker) -> Iterator[None]:
    """Jobs that a transactional test committed don't reach the next test."""
    yield
    if is_transactional(request.node):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_workers, "
                "procrastinate_periodic_defers RESTART IDENTITY CASCADE"
            )


@pytest.fixture
def run_jobs() -> Callable[..., list[str]]:
    """Runs the jobs that are due, and those they make, in this test's connection and order.

    Returns the names of those run. An error reaches the test. ``only``: run no other job.
    """

    def run(only: str | None = None) -> list[str]:
        ran = []
        while (job := _next_job(only)) is not None:
            # As under a worker, a job that runs no longer waits: its key is free again.
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
            inspect.unwrap(app.tasks[job.task_name].func)(**job.args)
            ran.append(job.task_name)
            assert len(ran) < 1000, "jobs make jobs without an end"
        return ran

    return run


def _next_job(only: str | None) -> ProcrastinateJob | None:
    due = Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=timezone.now())
    jobs = ProcrastinateJob.objects.filter(due, status="todo")
    return (jobs.filter(task_name=only) if only else jobs).order_by("pk").first()


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Calls the functions in as many threads, let go together, each with its own connection.

    Returns their results in order; an exception is a result too. For transactional tests.
    """

    def run(*functions: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(functions))

        def call(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(timeout=10)
                return function()
            except Exception as error:  # noqa: BLE001 - handed to the test, which judges it
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(call, functions))

    return run


@pytest.fixture
def home_page(db) -> HomePage:
    """The front page of the default site."""
    home = HomePage.objects.first()
    if home is None:
        root = Page.get_first_root_node()
        home = root.add_child(instance=HomePage(title="Forside", slug="forside"))
    Site.objects.filter(is_default_site=True).update(root_page=home)
    Site.clear_site_root_paths_cache()
    return home


# The browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium if there is one; it can't reach any host but this machine."""
    found = system_chromium()
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ]
    chosen = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **chosen, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "da-DK", "timezone_id": "Europe/Copenhagen"}
