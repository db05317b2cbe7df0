"""What allauth asks the project."""

import logging
import time
from typing import Any

import segno
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.accounts import entra, lockout, mails, second_factor, secrets
from cms.accounts.forms import locked_out
from cms.accounts.lockout import FailedAttempt, LockedOut, Step
from cms.security import client_address

logger = logging.getLogger(__name__)

#: One text for whatever was wrong: which of them it was, is nobody's business.
MISMATCH = _("The user name or the password is not right.")
EXPIRED = _("The link has been used or is too old.")
WRONG_CODE = _("The code is not right. Take a new one and try again.")


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; whoever guesses is locked out; mails link to the site's own address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "enter_current_password": _("Write the password that you have now."),
        "incorrect_password": _("The password is not right."),
        "incorrect_code": WRONG_CODE,
        "invalid_or_expired_key": EXPIRED,
        "invalid_password_reset": EXPIRED,
        "too_many_login_attempts": _("Too many failed attempts. Wait a while and try again."),
        "rate_limited": _("Too many attempts. Wait a while and try again."),
    }
    _attempt: FailedAttempt | None = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        own = "cms.accounts.stages.SecondFactorStage"
        stages: list[str] = super().get_login_stages()
        return [own if path == "allauth.mfa.stages.AuthenticateStage" else path for path in stages]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        login = str(credentials.get("username", ""))
        try:
            self._attempt = lockout.begin(Step.PASSWORD, login, client_address(request))
        except LockedOut as refusal:
            raise locked_out(refusal) from refusal

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None and self._attempt is not None:
            lockout.forgive(self._attempt)
        return user

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse | None:
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        social_login = (kwargs.get("signal_kwargs") or {}).get("sociallogin")
        if response is None and social_login and entra.has_proved_second_factor(social_login):
            second_factor.prove(request, user, second_factor.BY_ENTRA)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within a quarter of an hour of signing in or of the last time."""
        records = get_authentication_records(context.request, context.request.user)
        age = time.time() - records[-1]["at"] if records else float("inf")
        return age > app_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        texts = {
            "reauthenticate": gettext("Use your password"),
            "mfa_reauthenticate": gettext("Use a code from your app, or a recovery code"),
            "mfa_reauthenticate:webauthn": gettext("Use a passkey"),
        }
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": texts[method["id"]]} for method in methods]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_reset_password_from_key_url(self, key: str) -> str:
        user, _dash, token = key.partition("-")
        arguments = {"uidb36": user, "key": token}
        path = reverse("account_reset_password_from_key", kwargs=arguments)
        return f"{settings.WAGTAILADMIN_BASE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox: a mail server that is down neither undoes the change nor tells which
        addresses exist."""
        mail = self.render_mail(template_prefix, email, {**context, **site_facts()})
        mails.put(template_prefix, email, subject=mail.subject, body=mail.body)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """The link is made when the mail leaves, to the address of the user form."""
        prefix = "account/email/password_reset_key"
        facts = {**site_facts(), "username": user.get_username()}
        facts["password_reset_url"] = str(mails.request_for(user))
        mail = self.render_mail(prefix, user.email, facts)
        mails.put_reset(prefix, user, subject=mail.subject, body=mail.body)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        address = email or getattr(user, "email", "")
        super().send_notification_mail(template_prefix, user, context, address)


def site_facts() -> dict[str, str]:
    """What every mail about an account says of the site."""
    return {
        "organisation": settings.WAGTAIL_SITE_NAME,
        "site_url": settings.WAGTAILADMIN_BASE_URL,
        "login_url": f"{settings.WAGTAILADMIN_BASE_URL}{reverse('account_login')}",
        "reset_url": f"{settings.WAGTAILADMIN_BASE_URL}{reverse('account_reset_password')}",
    }


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "cannot_delete_authenticator": _("You can't remove this one."),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Sealed under a SECRET_KEY that is gone: a secret that no code fits."""
        try:
            return secrets.unseal(encrypted_text)
        except InvalidToken:
            logger.exception("A second factor can't be read: was SECRET_KEY changed?")
            return generate_totp_secret()

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element of the page: no picture of it is ever an address."""
        return segno.make_qr(url, error="m").svg_inline(border=2, omitsize=True)

    def get_totp_issuer(self) -> str:
        return str(settings.WAGTAIL_SITE_NAME)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": settings.WAGTAIL_SITE_NAME}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return gettext("My passkey")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """An Entra account signs in the user who linked it, and makes none."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": _("Choose a password first: you would have no way to sign in."),
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        return False
