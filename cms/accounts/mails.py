"""Mails about an account, through the outbox: no request waits for the mail server, and what it
refuses for now is tried again.

A link to choose a password is made when the mail leaves and is kept nowhere: the outbox holds a
mark in its place. Only superusers see these mails there.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone, translation

from cms import audit
from cms.messages import composing, outbox
from cms.messages.composing import NoLink
from cms.messages.outbox import LinkRequest

#: Whose they are, in the outbox: no network's, and not the site's either.
SCOPE = "accounts"
CHOOSE_PASSWORD = "choose_password"  # noqa: S105
#: Whoever forgot a password waits for the mail, or asks again.
WAITED_FOR = timedelta(hours=6)


def put(template: str, address: str, *, subject: str, body: str) -> None:
    """A mail that is written and holds no secret."""
    _put(template, address, subject=subject, body=body)


def put_reset(template: str, user: User, *, subject: str, body: str) -> None:
    """A mail with ``request_for(user)`` where the link to choose a password is to stand."""
    _put(
        template,
        user.email,
        subject=subject,
        body=body,
        about=audit.reference(user),
        link_requests=(request_for(user),),
        useful_until=timezone.now() + WAITED_FOR,
    )


def request_for(user: User) -> LinkRequest:
    subject = audit.reference(user)
    return LinkRequest(CHOOSE_PASSWORD, CHOOSE_PASSWORD, subject, path="", days=0)


def _put(template: str, address: str, **facts: Any) -> None:
    outbox.put_written(
        key=f"{template}:{uuid4()}",
        template=template.rpartition("/")[2],
        to=("", address),
        scope=SCOPE,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        **facts,
    )


def _choose_password(subject: str, address: str) -> str:
    """Only to the address that the user has now, and only while they may sign in."""
    _label, _separator, key = subject.partition(":")
    user = User.objects.filter(pk=key, is_active=True, email__iexact=address).first()
    if user is None:
        raise NoLink
    token = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    url: str = get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{token}")
    return url


composing.register_link(CHOOSE_PASSWORD, _choose_password)
