"""A row's history as its page tells it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from cms import audit
from cms.audit import ActorKind, AuditEntry


def actor_label(entry: AuditEntry) -> Any:
    """The name of whoever it was; an erased user by the kind alone."""
    if entry.actor_kind == ActorKind.USER and entry.user:
        return entry.user.get_full_name() or entry.user.get_username()
    return entry.get_actor_kind_display()


def history_of(row: Model, labels: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The row's entries, newest first. ``labels``: what each action is called; one without a
    label is told by its own name."""
    return [
        {
            "entry": entry,
            "action": labels.get(entry.action) or entry.action.rpartition(".")[2].replace("_", " "),
            "actor": actor_label(entry),
        }
        for entry in audit.history(row)
    ]
