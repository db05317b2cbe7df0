"""Lockout: who guesses passwords or codes must wait.

An attempt is written down before it is judged and taken back when it was right, so that attempts
made at the same time count each other. A refused attempt is not written down: whoever tries on
does not lengthen their own wait. A whole municipality can share one address; hence its limit is
the highest, and what locks a user out first is the user together with the address: nobody can
lock a colleague out from elsewhere with five wrong passwords.

Rows hold a keyed hash of the user name, and go once they no longer count.
"""

from datetime import timedelta
from enum import StrEnum

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from cms import audit
from cms.audit import Actor

#: How long a failed attempt counts.
WINDOW = timedelta(minutes=15)
#: Failed attempts within the window after which the next is refused.
PER_USER_AND_ADDRESS, PER_USER, PER_ADDRESS = 5, 25, 100


class Step(StrEnum):
    """What was guessed. A right password does not forgive wrong codes."""

    PASSWORD = "password"  # noqa: S105
    CODE = "code"


class LockedOut(Exception):
    """Too many failed attempts; ``minutes`` until the oldest of them no longer counts."""

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes)
        self.minutes = minutes


class FailedAttempt(models.Model):
    """An attempt to sign in that was not right, or is not judged yet."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    step = models.CharField(max_length=10, choices=[(step.value, step.value) for step in Step])
    who = models.CharField(max_length=64)
    address = models.CharField(max_length=45)

    class Meta:
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")
        indexes = [models.Index(fields=["who", "at"], name="failed_attempt_who")]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"


def digest(login: str) -> str:
    """The user as the rows know them: by name or e-mail, in whatever case it was typed."""
    typed = login.strip()
    user = (
        get_user_model()
        .objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed))
        .order_by("pk")
        .first()
    )
    return _digest_of(user) if user else _hash(f"name:{typed.lower()}")


def _digest_of(user: AbstractBaseUser) -> str:
    return _hash(f"user:{user.pk}")


def _hash(value: str) -> str:
    return salted_hmac("cms.accounts.lockout", value, algorithm="sha256").hexdigest()


def begin(step: Step, login: str, address: str) -> FailedAttempt:
    """Count this attempt as failed until it is forgiven; raises LockedOut."""
    now = timezone.now()
    FailedAttempt.objects.filter(at__lt=now - WINDOW).delete()
    attempt = FailedAttempt.objects.create(
        at=now, step=step, who=digest(login), address=address[:45]
    )
    counting = FailedAttempt.objects.filter(step=step, at__gte=now - WINDOW).order_by("at")
    for attempts, limit in (
        (counting.filter(who=attempt.who, address=attempt.address), PER_USER_AND_ADDRESS),
        (counting.filter(who=attempt.who), PER_USER),
        (counting.filter(address=attempt.address), PER_ADDRESS),
    ):
        times = list(attempts.values_list("at", flat=True))
        if len(times) > limit:
            attempt.delete()
            # One more than the limit with this attempt: the oldest of the others has to go.
            raise LockedOut(_minutes_until(times[len(times) - limit - 1] + WINDOW - now))
    return attempt


def _minutes_until(rest: timedelta) -> int:
    return max(1, -(-int(rest.total_seconds()) // 60))


def forgive(attempt: FailedAttempt) -> None:
    """It was right: forget it, and the user's earlier ones of this step at this address."""
    FailedAttempt.objects.filter(
        step=attempt.step, who=attempt.who, address=attempt.address
    ).delete()


def is_locked_out(user: AbstractBaseUser) -> bool:
    """Whether an attempt of the user would be refused now, at the address they tried from."""
    counting = FailedAttempt.objects.filter(who=_digest_of(user), at__gte=timezone.now() - WINDOW)
    places = counting.values("step", "address").annotate(number=models.Count("pk"))
    steps = counting.values("step").annotate(number=models.Count("pk"))
    return any(row["number"] >= PER_USER_AND_ADDRESS for row in places) or any(
        row["number"] >= PER_USER for row in steps
    )


@transaction.atomic
def unlock(*, actor: Actor, user: AbstractBaseUser, reason: str = "") -> None:
    """Let the user try again at once, wherever they tried from."""
    FailedAttempt.objects.filter(who=_digest_of(user)).delete()
    audit.record(actor=actor, action="user.unlocked", subject=user, reason=reason)


def unlock_address(address: str) -> int:
    """Let everybody at the address try again at once; returns how many attempts are forgotten."""
    return FailedAttempt.objects.filter(address=address).delete()[0]
