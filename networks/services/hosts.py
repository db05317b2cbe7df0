"""Hosts: staff who look after one meeting, see who comes and note who came."""

from datetime import datetime

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet

from cms import audit
from cms.audit import Actor
from networks import roles
from networks.models import Meeting, MeetingHost


@transaction.atomic
def assign(meeting_id: int, *, user: User, actor: Actor) -> MeetingHost:
    """Make the user host of the meeting, with a host's rights; done twice it changes nothing."""
    meeting = Meeting.objects.select_for_update(no_key=True).get(pk=meeting_id)
    host, created = MeetingHost.objects.get_or_create(meeting=meeting, user=user)
    if created:
        user.groups.add(Group.objects.get_or_create(name=roles.HOSTS)[0])
        audit.record(actor=actor, action="meeting.host_assigned", subject=meeting)
    return host


@transaction.atomic
def remove(meeting_id: int, *, user_id: int, actor: Actor) -> None:
    """The user is host of the meeting no longer; of no meeting at all: without a host's rights."""
    meeting = Meeting.objects.select_for_update(no_key=True).get(pk=meeting_id)
    host = MeetingHost.objects.filter(meeting=meeting, user_id=user_id).first()
    if host is None:
        return
    host.delete()
    if not MeetingHost.objects.filter(user_id=user_id).exists():
        host.user.groups.remove(*Group.objects.filter(name=roles.HOSTS))
    audit.record(actor=actor, action="meeting.host_removed", subject=meeting)


def hosted_meetings(user_id: int, now: datetime) -> QuerySet[Meeting]:
    """The dated meetings that the user hosts and that are not over, the next first."""
    return (
        Meeting.objects.filter(hosts__user=user_id, ends_at__gt=now)
        .exclude(record__cancelled_at__isnull=False)
        .select_related("season__page", "host", "record")
        .order_by("starts_at", "pk")
    )
