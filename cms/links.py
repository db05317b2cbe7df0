"""Personal links: 192 random bits, stored hashed, bound to a purpose, expiring, revocable.

A link identifies; it never acts. Mail scanners open links, so whatever a link leads to changes
nothing until a button is pressed (POST).
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Link(models.Model):
    """One issued link. ``subject`` is the opaque reference of the row it opens."""

    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(_("purpose"), max_length=30)
    subject = models.CharField(_("subject"), max_length=80, db_index=True)
    #: The address the link was sent to: following it proves that address and no other.
    address = models.EmailField(_("e-mail"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(*, purpose: str, subject: str, lifetime: timedelta, address: str = "") -> str:
    """Make a link and return its token, which is known nowhere else from then on."""
    token = secrets.token_urlsafe(24)
    Link.objects.create(
        token_hash=_digest(token),
        purpose=purpose,
        subject=subject,
        address=address,
        expires_at=timezone.now() + lifetime,
    )
    return token


def resolve(token: str, *purposes: str) -> Link | None:
    """The valid link of that token and one of the purposes, or None (unknown, expired, revoked)."""
    return Link.objects.filter(
        token_hash=_digest(token),
        purpose__in=purposes,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
    ).first()


def revoke(*, subject: str, purpose: str, address: str | None = None) -> None:
    """Make every link of that purpose to that row useless; with ``address``, those sent to it."""
    links = Link.objects.filter(subject=subject, purpose=purpose, revoked_at__isnull=True)
    if address is not None:
        links = links.filter(address=address)
    links.update(revoked_at=timezone.now())


def revoke_address(address: str, *, subject: str | None = None) -> None:
    """Make the links that were sent to that address useless: all of them, or those to one row."""
    links = Link.objects.filter(address=address, revoked_at__isnull=True)
    if subject is not None:
        links = links.filter(subject=subject)
    links.update(revoked_at=timezone.now())


def forget_address(address: str) -> None:
    """Delete the links that were sent to an erased address."""
    Link.objects.filter(address__iexact=address).delete()


def forget_subject(subject: str) -> None:
    """Delete the links to a row that is no more."""
    Link.objects.filter(subject=subject).delete()
