"""How long personal data are kept: which are due, and forgetting them, batch by batch.

Due is what has been kept as long as the settings say and is not yet forgotten, so a missed night is
caught up and a second run finds nothing. No mail is sent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cms import audit
from cms.audit import SYSTEM
from networks.models import PrivacySettings, RetentionRun, privacy_settings

BATCH = 100
#: So many rows of a kind are named in a preview; of the rest only the number is.
NAMED = 50
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Kind:
    """One kind of data.

    ``due``: its rows that are due at a moment. ``forget``: erases a batch, in its transaction.
    ``kept``: for how long, in words. ``named``: what a row is called in a preview (no names of
    people); empty: rows are only counted.
    """

    key: str
    label: Any
    kept: Callable[[PrivacySettings], str]
    due: Callable[[PrivacySettings, datetime], QuerySet[Any]]
    forget: Callable[[Sequence[Any]], None]
    named: Callable[[Any], str] | None = None
    purpose: Any = ""


@dataclass(frozen=True)
class Due:
    """What of a kind is due now, and what will be within thirty days besides."""

    kind: Kind
    kept: str
    now: int
    soon: int
    rows_now: list[str]
    rows_soon: list[str]
    last: RetentionRun | None


def preview(kinds: Iterable[Kind], now: datetime | None = None) -> list[Due]:
    """What would be forgotten now, and in the next thirty days; changes nothing."""
    moment, settings = now or timezone.now(), privacy_settings()
    newest = RetentionRun.objects.order_by("kind", "-ran_at", "-pk").distinct("kind")
    last = {run.kind: run for run in newest}
    return [_due(kind, settings, moment, last.get(kind.key)) for kind in kinds]


def _due(kind: Kind, settings: PrivacySettings, moment: datetime, last: RetentionRun | None) -> Due:
    now = kind.due(settings, moment)
    later = kind.due(settings, moment + SOON)
    number = now.count()
    soon = later.exclude(pk__in=now.order_by().values("pk"))
    return Due(
        kind=kind,
        kept=kind.kept(settings),
        now=number,
        soon=later.count() - number,
        rows_now=_named(kind, now),
        rows_soon=_named(kind, soon),
        last=last,
    )


def _named(kind: Kind, rows: QuerySet[Any]) -> list[str]:
    return [kind.named(row) for row in rows[:NAMED]] if kind.named else []


def forget_due(kinds: Iterable[Kind], now: datetime | None = None) -> dict[str, int]:
    """Forget everything that is due; returns how many rows of each kind."""
    moment, settings = now or timezone.now(), privacy_settings()
    return {kind.key: _forget(kind, settings, moment) for kind in kinds}


def _forget(kind: Kind, settings: PrivacySettings, moment: datetime) -> int:
    """Batch by batch, each in a transaction of its own, until nothing is due."""
    total = 0
    while (number := _forget_batch(kind, settings, moment)) > 0:
        total += number
    return total


@transaction.atomic
def _forget_batch(kind: Kind, settings: PrivacySettings, moment: datetime) -> int:
    rows = list(kind.due(settings, moment)[:BATCH])
    if not rows:
        return 0
    kind.forget(rows)
    run = RetentionRun.objects.create(kind=kind.key, number=len(rows))
    audit.record(
        actor=SYSTEM,
        action="retention.forgotten",
        subject=run,
        kind=kind.key,
        number=len(rows),
        keys=[str(row.pk) for row in rows],
    )
    return len(rows)
