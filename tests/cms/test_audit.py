"""Every change has an actor, a time and a reason."""

import pytest
from django.contrib.auth import get_user_model

from cms import audit
from cms.audit import SYSTEM, VISITOR, Actor, ActorKind, AuditEntry
from cms.messages.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    return Message.objects.create(key="k", template="t", to_email="a@example.org", subject="S")


def test_an_entry_says_who_what_and_why(message):
    user = get_user_model().objects.create_user("finance")
    entry = audit.record(
        actor=Actor.by(user), action="resend", subject=message, reason="bounced", fields=["state"]
    )
    assert (entry.actor_kind, entry.user, entry.reason) == (ActorKind.USER, user, "bounced")
    assert entry.subject == f"cms.message:{message.pk}"
    assert entry.data == {"fields": ["state"]}


def test_the_history_is_the_rows_own_newest_first(message):
    other = Message.objects.create(key="o", template="t", to_email="b@example.org", subject="S")
    audit.record(actor=VISITOR, action="first", subject=message)
    audit.record(actor=SYSTEM, action="second", subject=message)
    audit.record(actor=SYSTEM, action="elsewhere", subject=other)
    assert [entry.action for entry in audit.history(message)] == ["second", "first"]


def test_the_history_outlives_the_row_and_the_user(message):
    user = get_user_model().objects.create_user("gone")
    audit.record(actor=Actor.by(user), action="resend", subject=message)
    message.delete()
    user.delete()
    entry = AuditEntry.objects.get()
    assert entry.user is None
    assert entry.actor_kind == ActorKind.USER
