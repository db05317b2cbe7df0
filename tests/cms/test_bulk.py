"""Runs over many rows: each row once, whatever happens to the others or to the process."""

import pytest
from django.contrib.auth.models import User

from cms import bulk
from cms.bulk import BulkRun, ItemState, NotDone
from tests.factories.networks import make_user

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Ends the process, as far as the code that it meets can tell."""


def run_of(*keys: str, **data: str) -> BulkRun:
    return bulk.begin("test", user=make_user(), keys=keys, data=data)


def told(run: BulkRun) -> list[tuple[str, str, str]]:
    return list(run.items.values_list("key", "state", "outcome"))


def test_each_row_is_done_with_the_runs_data_by_whoever_began_it():
    run = run_of("a", "b", text="Velkommen")
    seen = []

    def work(key, actor, data):
        seen.append((key, actor.user, data))
        return f"{key} ok"

    bulk.carry_out(run.pk, work)
    assert seen == [("a", run.user, {"text": "Velkommen"}), ("b", run.user, {"text": "Velkommen"})]
    assert told(run) == [("a", ItemState.DONE, "a ok"), ("b", ItemState.DONE, "b ok")]


def test_one_rows_refusal_or_failure_is_no_others_and_leaves_nothing():
    run = run_of("broken", "refused", "good")

    def work(key, actor, data):
        User.objects.create_user(key)
        if key == "refused":
            raise NotDone("Ikke muligt")
        if key == "broken":
            raise KeyError(key)
        return "Gjort"

    for _attempt in range(bulk.ATTEMPTS):
        with pytest.raises(KeyError):
            bulk.carry_out(run.pk, work)
    assert told(run)[0] == ("broken", ItemState.WAITING, "")
    assert told(run)[2] == ("good", ItemState.DONE, "Gjort")
    bulk.carry_out(run.pk, work)
    states = {key: (state, outcome) for key, state, outcome in told(run)}
    assert states["refused"] == (ItemState.REFUSED, "Ikke muligt")
    assert states["good"] == (ItemState.DONE, "Gjort")
    assert states["broken"][0] == ItemState.FAILED
    assert set(User.objects.values_list("username", flat=True)) >= {"good"}
    assert not User.objects.filter(username__in=["refused", "broken"]).exists()


def test_a_run_that_was_killed_goes_on_with_the_row_where_it_stopped():
    run, seen = run_of("a", "b", "c"), []

    def work(key, actor, data):
        seen.append(key)
        User.objects.create_user(f"{key}{len(seen)}")
        if seen == ["a", "b"]:
            raise Killed
        return ""

    with pytest.raises(Killed):
        bulk.carry_out(run.pk, work)
    assert [state for _key, state, _outcome in told(run)] == ["done", "waiting", "waiting"]
    bulk.carry_out(run.pk, work)
    # What may have killed it has its turn after the others.
    assert seen == ["a", "b", "c", "b"]
    made = User.objects.filter(username__in=["a1", "b2", "c3", "b4"]).order_by("username")
    assert [user.username for user in made] == ["a1", "b4", "c3"]


def test_a_finished_run_is_not_carried_out_again_and_forgets_its_text():
    run, seen = run_of("a", text="Personligt"), []
    for _turn in range(2):
        bulk.carry_out(run.pk, lambda key, actor, data: seen.append(key) or "")
    run.refresh_from_db()
    assert seen == ["a"]
    assert (run.data, run.finished_at is None) == ({}, False)


def test_a_run_whose_user_is_gone_does_nothing():
    run = run_of("a")
    run.user.delete()
    bulk.carry_out(run.pk, lambda key, actor, data: pytest.fail("done by nobody"))
