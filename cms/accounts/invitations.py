"""Mails about a user's sign-in that nobody waits for: sent by a job, which tries again.

Links are made when the mail is sent, so that neither the queue nor the outbox holds one.
"""

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from cms import audit, queue
from cms.accounts.adapters import site_facts
from cms.audit import Actor

INVITE = queue.Job("cms.accounts.send_invitation")


@transaction.atomic
def invite(*, actor: Actor, user: User) -> None:
    """Mail the new user a link to choose a password with."""
    audit.record(actor=actor, action="user.invited", subject=user)
    INVITE.enqueue(key=f"invite:{user.pk}", user_id=user.pk)


def send_invitation(user_id: int) -> None:
    """Not to who has chosen a password since, or may no longer sign in."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or user.has_usable_password():
        return
    token = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    url = get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{token}")
    _send(user, "account/email/invitation", password_reset_url=url, username=user.get_username())


def tell_second_factor_reset(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        _send(user, "mfa/email/second_factor_reset")


def _send(user: User, template: str, **facts: str) -> None:
    context = {**site_facts(), **facts}
    with translation.override(settings.LANGUAGE_CODE):
        subject = render_to_string(f"{template}_subject.txt", context).strip()
        body = render_to_string(f"{template}_message.txt", context).strip()
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email]).send()
