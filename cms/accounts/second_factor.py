"""The second factor: which session has proved one, and what follows when it changes.

A session counts as signed in when it has proved a second factor of its user: a code, a passkey, or
Entra's word for it. It is told from the session alone, so that it costs no query.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    record_authentication,
)
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cms import audit, queue
from cms.accounts import lockout
from cms.audit import Actor

TELL_RESET = queue.Job("cms.accounts.tell_second_factor_reset")
#: The kinds of authenticator that are a second factor; recovery codes only stand in for one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
#: How a session says that Entra asked for the second factor.
BY_ENTRA = "entra"


def is_proved(request: HttpRequest) -> bool:
    """Whether this session has proved a second factor of the user it belongs to."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def was_proved_to_entra(request: HttpRequest, user: AbstractBaseUser) -> bool:
    records = get_authentication_records(request, user)
    return any(record.get("type") == BY_ENTRA for record in records)


def prove(request: HttpRequest, user: AbstractBaseUser, kind: str) -> None:
    """Write down in the session that the user has proved a second factor of this kind."""
    record_authentication(request, user, "mfa", type=kind)


def has_factor(user: AbstractBaseUser) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def _end_sessions(user: AbstractBaseUser, *, but: str | None = None) -> None:
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()


@receiver(authenticator_added, dispatch_uid="accounts.factor_added")
def factor_added(
    request: HttpRequest, user: AbstractBaseUser, authenticator: Authenticator, **kwargs: Any
) -> None:
    """The first factor, just shown to work, is proved; every later one needed a proof before."""
    if authenticator.type not in FACTORS:
        return
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
    if not others.exists():
        prove(request, user, authenticator.type)


@receiver(authenticator_removed, dispatch_uid="accounts.factor_removed")
def factor_removed(request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> None:
    if not has_factor(user):
        # Nothing is left that this session could have proved.
        clear_authentication_records(request)


# With what follows from a change ----------------------------------------------------------------

View = Callable[..., HttpResponseBase]


def in_one_transaction(view: View) -> View:
    """For a page on which users change their password or their factors: the change, the end of
    their other sessions and the history are one transaction. Cut short, nothing has changed.

    allauth tells of some changes only after its own transaction, so they are seen by comparing.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            if not request.user.is_authenticated:
                return view(request, *args, **kwargs)
            user = User.objects.select_for_update().get(pk=request.user.pk)
            before = _authenticators(user)
            response = view(request, *args, **kwargs)
            _follow(request, user, before, _authenticators(user))
        return response

    return page


def _authenticators(user: User) -> dict[int, str]:
    """{key: kind}"""
    return dict(Authenticator.objects.filter(user=user).values_list("pk", "type"))


def _follow(
    request: HttpRequest, user: User, before: dict[int, str], after: dict[int, str]
) -> None:
    """Any change ends the other sessions. New recovery codes come by themselves with the first
    factor, and are a change of their own otherwise."""
    if before == after:
        return
    _end_sessions(user, but=request.session.session_key)
    changes = [("user.second_factor_added", after[key]) for key in after.keys() - before.keys()]
    changes += [("user.second_factor_removed", before[key]) for key in before.keys() - after.keys()]
    of_factors = [(action, kind) for action, kind in changes if kind in FACTORS]
    codes = Authenticator.Type.RECOVERY_CODES.value
    for action, kind in of_factors or [("user.recovery_codes_new", codes)]:
        audit.record(actor=Actor.by(user), action=action, subject=user, kind=kind)


@receiver([password_changed, password_reset], dispatch_uid="accounts.password_changed")
def password_is_new(request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> None:
    """Django ends the other sessions, whose hash no longer fits."""
    lockout.unlock(actor=Actor.by(user), user=user)
    audit.record(actor=Actor.by(user), action="user.password_changed", subject=user)


@transaction.atomic
def reset(*, actor: Actor, user: User, reason: str) -> None:
    """Take a colleague's second factor away, who has lost it: all of it, recovery codes too.

    Their sessions end, they are told by mail, and the next sign-in leads them to a new one.
    """
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user)
    lockout.unlock(actor=actor, user=user, reason=reason)
    audit.record(actor=actor, action="user.second_factor_reset", subject=user, reason=reason)
    TELL_RESET.enqueue(user_id=user.pk)
