"""Hosts of one meeting: the right comes with the task, and goes with it."""

import pytest

from cms import audit
from networks import roles
from networks.models import MeetingHost
from networks.services import hosts
from tests.factories.meeting_day import meeting_today
from tests.factories.networks import make_user

pytestmark = pytest.mark.django_db


def is_host(user):
    return user.groups.filter(name=roles.HOSTS).exists()


def test_a_host_gets_the_right_once_and_loses_it_with_the_last_meeting():
    user, first, second = make_user(), meeting_today(), meeting_today()
    for meeting in (first, first, second):
        hosts.assign(meeting.pk, user=user, actor=audit.SYSTEM)
    assert MeetingHost.objects.count() == 2
    hosts.remove(first.pk, user_id=user.pk, actor=audit.SYSTEM)
    assert is_host(user)
    for _turn in range(2):
        hosts.remove(second.pk, user_id=user.pk, actor=audit.SYSTEM)
    assert not is_host(user)
    told = [entry.action for entry in audit.history(first)]
    assert told == ["meeting.host_removed", "meeting.host_assigned"]
