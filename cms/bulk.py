"""Something done to many rows: to each once, in a transaction of its own, and told in a list.

A run is written with its rows before the first of them is touched. Whoever carries it out takes
what still waits, so that one that was killed half-way goes on where it stopped, and two that do it
at once do nothing twice.
"""

import uuid
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor

#: A row is tried so often before it has failed.
ATTEMPTS = 3

#: Does it to the row of that key with the run's data, and says what became of it.
Work = Callable[[str, Actor, dict[str, Any]], str]


class NotDone(Exception):
    """A row that it can't be done to. ``reason`` is translated, for whoever began the run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BulkRun(models.Model):
    """One action on many rows, begun by a user.

    ``data`` is what the form said; a text to people is not kept longer than it is needed, so it is
    emptied when the run is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(_("action"), max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d %H:%M}"


class ItemState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not done")
    FAILED = "failed", _("Failed")


class BulkItem(models.Model):
    """One row of a run, by its key, and what became of it in words."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.WAITING)
    outcome = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("row of a bulk action")
        verbose_name_plural = _("rows of bulk actions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="one_turn_each"),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.key}"


@transaction.atomic
def begin(action: str, *, user: Any, keys: Iterable[str], data: dict[str, Any]) -> BulkRun:
    """Write down what is to be done to which rows. ``data`` must be JSON values."""
    run = BulkRun.objects.create(action=action, user=user, data=data)
    BulkItem.objects.bulk_create(BulkItem(run=run, key=key) for key in keys)
    return run


def action_of(run_id: UUID | str) -> str:
    """Which action the run is of; empty when it is gone with its user."""
    return BulkRun.objects.filter(pk=run_id).values_list("action", flat=True).first() or ""


def carry_out(run_id: UUID | str, work: Work) -> None:
    """Do what still waits of the run, row by row.

    An error is the caller's, for its job to be tried again. The row that it came from is behind
    the others then, and has failed after ``ATTEMPTS``.
    """
    run = BulkRun.objects.select_related("user").filter(pk=run_id).first()
    if run is None or run.finished_at is not None:
        return
    waiting = run.items.filter(state=ItemState.WAITING).order_by("attempts", "pk")
    while (item := waiting.first()) is not None:
        if item.attempts < ATTEMPTS:
            _do(item, run, work)
        else:
            _note(item, ItemState.FAILED, _t("An error. It is in the log; nothing was changed."))
    run.data = {}
    run.finished_at = timezone.now()
    run.save(update_fields=["data", "finished_at"])


def _do(item: BulkItem, run: BulkRun, work: Work) -> None:
    BulkItem.objects.filter(pk=item.pk).update(attempts=F("attempts") + 1)
    try:
        with transaction.atomic():
            item = BulkItem.objects.select_for_update().get(pk=item.pk)
            if item.state != ItemState.WAITING:
                return
            item.outcome = work(item.key, Actor.by(run.user), run.data)
            item.state = ItemState.DONE
            item.save(update_fields=["state", "outcome"])
    except NotDone as refusal:
        _note(item, ItemState.REFUSED, refusal.reason)


def _note(item: BulkItem, state: ItemState, outcome: str) -> None:
    waiting = BulkItem.objects.filter(pk=item.pk, state=ItemState.WAITING)
    waiting.update(state=state, outcome=outcome)
