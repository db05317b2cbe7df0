"""A long list whose worker is killed half-way: nothing is taken in, and it is begun anew."""

import threading
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from cms.audit import Actor
from networks import roles
from networks.models import Meeting, Membership, Participant, Person
from networks.services import importing, taking_in
from networks.services.errors import NotPossible
from tests.factories.networks import MunicipalityFactory, make_network, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def carry_out_elsewhere(key: Any, raised: list[Exception]) -> threading.Thread:
    def work() -> None:
        try:
            taking_in.carry_out(key)
        except OperationalError as error:
            raised.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def session_of(key: Any) -> int:
    """The database session that has the list in hand, once it waits for somebody's lock."""
    until = monotonic() + 20
    while monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE %s "
                "AND wait_event_type = 'Lock'",
                [f"i:{key} %"],
            )
            if row := cursor.fetchone():
                return int(row[0])
            # Within a transaction the same activity is shown again and again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        sleep(0.05)
    raise AssertionError("Nobody takes the list in.")


def test_a_killed_import_leaves_nothing_and_is_done_when_the_job_runs_anew() -> None:
    network, place = make_network(), MunicipalityFactory()
    actor = Actor.by(make_user(roles.MEMBER_ADMINISTRATORS))
    number = taking_in.AT_ONCE + 1
    rows = [f"{place.name};Ane {each};ane{each}@{place.domains[0]}" for each in range(number)]
    content = "\n".join(["Kommune;Navn;E-mail", *rows]).encode()
    waiting = importing.upload(content, network=network, actor=actor)
    digest = importing.outlook(waiting).plan.digest
    taking_in.begin(waiting.pk, digest=digest, actor=actor)
    assert taking_in.how_far(waiting) is None
    raised: list[Exception] = []
    with transaction.atomic():
        # Memberships and people are written by the time that it comes to the meetings.
        list(Meeting.objects.select_for_update().order_by("pk"))
        worker = carry_out_elsewhere(waiting.pk, raised)
        session = session_of(waiting.pk)
        seen = taking_in.how_far(waiting)
        assert seen is not None
        assert seen.total == number
        with pytest.raises(NotPossible):
            taking_in.stop(waiting.pk, actor=actor)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [session])
        worker.join(timeout=20)
    assert raised
    assert not Membership.objects.exists()
    assert not Person.objects.exists()
    assert taking_in.how_far(waiting) is None
    taking_in.carry_out(waiting.pk)
    assert Membership.objects.count() == 1
    assert Participant.objects.count() == number
