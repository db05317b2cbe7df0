"""Sign-in of staff: allauth, the second factor, Entra ID."""

from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from cms.env import env, required

AUTHENTICATION_BACKENDS = ["cms.accounts.backends.StaffBackend"]
LOGIN_URL = WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

#: Nobody enters the administration without a second factor. Only development can turn it off.
STAFF_MFA_REQUIRED = True

# Passwords are chosen by those who use them, through allauth's pages; Wagtail asks for none.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False

ACCOUNT_ADAPTER = "cms.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# Django's own: a link is void once the user signs in, or gets another password or address.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
#: Seconds in which the password need not be given again; setting up an app takes a while.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
#: A whole municipality can share one address. Wrong passwords and codes: cms.accounts.lockout.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "",
    "reset_password": "60/h/ip",
    "reset_password_from_key": "60/h/ip",
}
ACCOUNT_FORMS = {
    "login": "cms.accounts.forms.LoginForm",
    "reauthenticate": "cms.accounts.forms.ReauthenticateForm",
    "change_password": "cms.accounts.forms.ChangePasswordForm",
    "set_password": "cms.accounts.forms.SetPasswordForm",
    "reset_password": "cms.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "cms.accounts.forms.ResetPasswordKeyForm",
}

MFA_ADAPTER = "cms.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
#: Steps of 30 seconds that a telephone's clock may be off.
MFA_TOTP_TOLERANCE = 1
# What it guards against, an account that a stranger opened with your address, can't be here.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
MFA_FORMS = {
    "authenticate": "cms.accounts.forms.AuthenticateForm",
    "reauthenticate": "cms.accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "cms.accounts.forms.ActivateAppForm",
    "add_webauthn": "cms.accounts.forms.AddKeyForm",
    "edit_webauthn": "cms.accounts.forms.EditKeyForm",
}

# Entra ID -------------------------------------------------------------------------------------

#: The tenant of private Microsoft accounts: anybody can have one.
PRIVATE_ACCOUNTS = UUID("9188040d-6c67-4c5b-b112-36a304b66dad")

ENTRA_CLIENT_ID = env.str("ENTRA_CLIENT_ID", "")
#: Named tenants: ``KL=<tenant id>``, several separated by commas.
ENTRA_TENANTS: list[str] = env.list("ENTRA_TENANTS", [])
ENTRA_AUTHORITY = env.str("ENTRA_AUTHORITY", "https://login.microsoftonline.com").rstrip("/")
#: The operator vouches that the tenants ask for a second factor at each sign-in.
ENTRA_ENFORCES_MFA = env.bool("ENTRA_ENFORCES_MFA", False)
#: An authentication context (``c1``) that a tenant grants only to who gave a second factor.
ENTRA_MFA_CONTEXT = env.str("ENTRA_MFA_CONTEXT", "")


def entra_app(named_tenant: str, *, client_id: str, secret: str, authority: str) -> dict:
    """A tenant as allauth's provider; refuses what is no tenant's id (common, organizations)."""
    name, _equals, tenant = (part.strip() for part in named_tenant.rpartition("="))
    try:
        key = UUID(tenant)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"ENTRA_TENANTS: {tenant!r} is not a tenant's id. Name each tenant that may sign in: "
            "common, organizations and domain names are not accepted."
        ) from error
    if key == PRIVATE_ACCOUNTS:
        raise ImproperlyConfigured("ENTRA_TENANTS: private accounts can't sign in.")
    issuer = f"{authority}/{key}/v2.0"
    return {
        "provider_id": f"entra-{key}",
        "name": name or "Entra ID",
        "client_id": client_id,
        "secret": secret,
        "settings": {
            "server_url": issuer,
            "issuer": issuer,
            "tenant": str(key),
            "uid_field": "oid",
            "fetch_userinfo": False,
            "oauth_pkce_enabled": True,
            "scope": ["openid", "profile"],
        },
    }


ENTRA_APPS: list[dict] = []
if ENTRA_CLIENT_ID:
    if not ENTRA_TENANTS:
        raise ImproperlyConfigured("The environment variable ENTRA_TENANTS must be set.")
    ENTRA_APPS = [
        entra_app(
            tenant,
            client_id=ENTRA_CLIENT_ID,
            secret=required("ENTRA_CLIENT_SECRET"),
            authority=ENTRA_AUTHORITY,
        )
        for tenant in ENTRA_TENANTS
    ]

SOCIALACCOUNT_ADAPTER = "cms.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "cms.accounts.entra.EntraProvider", "APPS": ENTRA_APPS}
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
