"""A year change of 5,000 memberships, killed five times in the middle.

Takes minutes: run by ``make test-kill``, and not with the other tests.
"""

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from cms.messages.models import Message
from networks.services import renewal
from payments.models import Charge
from tests.concurrency.test_renewal import (
    check,
    network_before_its_next_season,
    next_season,
    start,
)

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
MEMBERS = 5_000
KILLS = 5


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Until the condition holds; fails when the process ends before."""
    deadline = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_5000_memberships_killed_five_times_have_5000_charges_and_5000_messages():
    network = network_before_its_next_season(MEMBERS)
    season = next_season(network)
    for kill in range(1, KILLS + 1):
        goal = kill * MEMBERS // (KILLS + 1)
        process = start(season.pk)
        # From outside, at whatever point of a batch it is.
        wait_for(lambda goal=goal: Charge.objects.count() >= goal, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
        charges = Charge.objects.count()
        assert charges < MEMBERS
        print(f"killed with {charges} charges, {Message.objects.count()} messages")
    began = time.monotonic()
    outcome = renewal.run(season.pk)
    print(f"the last {outcome.charged} in {time.monotonic() - began:.1f} s")
    check(network, MEMBERS)
    began = time.monotonic()
    again = renewal.run(season.pk)
    print(f"once more, nothing: {time.monotonic() - began:.3f} s")
    assert (again.announced, again.charged, again.free) == (0, 0, 0)
    check(network, MEMBERS)
