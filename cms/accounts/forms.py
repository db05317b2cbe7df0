"""allauth's forms in our words, and with our lockout."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.accounts import lockout
from cms.accounts.lockout import LockedOut, Step
from cms.security import client_address

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


def locked_out(refusal: LockedOut) -> ValidationError:
    text = ngettext(
        "Too many failed attempts. Wait %(minutes)s minute and try again, "
        "or ask an administrator to unlock you.",
        "Too many failed attempts. Wait %(minutes)s minutes and try again, "
        "or ask an administrator to unlock you.",
        refusal.minutes,
    )
    return ValidationError(text % {"minutes": refusal.minutes}, code="locked_out")


def describe(form: forms.Form, name: str, label: Any, help_text: Any = "", **attrs: str) -> None:
    """Give a field of allauth's our words, and no placeholder: it vanishes while one types."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


class LoginForm(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "login", _("User name or e-mail"), autocomplete="username")
        self.fields["login"].max_length = None
        describe(self, "password", _("Password"))

    def user_credentials(self) -> dict[str, Any]:
        """An e-mail stands for the one user who has it, in whatever case it was typed."""
        credentials: dict[str, Any] = super().user_credentials()
        typed = credentials.get("username", "")
        if "@" in typed:
            users = get_user_model().objects.filter(email__iexact=typed)[:2]
            if len(users) == 1:
                credentials["username"] = users[0].get_username()
        return credentials


class ReauthenticateForm(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "password", _("Password"))


_rules_of_passwords = lazy(password_validation.password_validators_help_text_html, str)


class ChangePasswordForm(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "oldpassword", _("Password now"))
        _describe_new_password(self)


class SetPasswordForm(account.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe_new_password(self)


class ResetPasswordKeyForm(account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe_new_password(self)


def _describe_new_password(form: forms.Form) -> None:
    describe(form, "password1", _("New password"), _rules_of_passwords())
    describe(form, "password2", _("New password again"))


class ResetPasswordForm(account.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "email", _("E-mail"), autocomplete="email")

    def clean_email(self) -> str:
        """The address of the user form is the only one that counts, in whatever case."""
        email: str = self.cleaned_data["email"]
        self.users = list(get_user_model().objects.filter(email__iexact=email, is_active=True))
        return email


class _CodeForm(mfa.BaseAuthenticateForm):
    """A code of the app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(
            self, "code", _("Code"), _("Six digits from your app, or a recovery code."), **CODE
        )

    def clean_code(self) -> str:
        login = self.user.get_username()
        try:
            attempt = lockout.begin(Step.CODE, login, client_address(context.request))
        except LockedOut as refusal:
            raise locked_out(refusal) from refusal
        code: str = super().clean_code()
        lockout.forgive(attempt)
        return code


class AuthenticateForm(_CodeForm, mfa.AuthenticateForm):
    pass


class ReauthenticateCodeForm(_CodeForm, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "code", _("Code"), _("The six digits that the app shows now."), **CODE)

    @property
    def readable_secret(self) -> str:
        """The key in groups of four, for who types it."""
        groups = range(0, len(self.secret), 4)
        return " ".join(self.secret[start : start + 4] for start in groups)


class AddKeyForm(webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "name", _("Name"), _("So that you know it again, such as My work phone."))
        describe(
            self,
            "passwordless",
            _("Sign in with this passkey alone"),
            _("Without a password. The passkey then asks for your fingerprint, face or PIN."),
        )


class EditKeyForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, "name", _("Name"))
