"""Production: refuses to start on a missing secret, on the fake Stripe or on DEBUG."""

from django.core.exceptions import ImproperlyConfigured

from cms.env import env, required
from cms.settings.base import *  # noqa: F403
from cms.settings.base import (
    E_INVOICE_SENDER,
    ENTRA_AUTHORITY,
    MEMBERS_FILES,
    STRIPE_API_BASE,
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRETS,
)

if env.bool("DEBUG", False):
    raise ImproperlyConfigured("DEBUG can't be on in production.")
DEBUG = False
SECRET_KEY = required("SECRET_KEY")
#: Earlier keys, which still open what was sealed and signed with them.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
required("DATABASE_URL")
WAGTAILADMIN_BASE_URL = required("SITE_URL")
DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have 50 characters or more, and be secret.")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("The environment variable ALLOWED_HOSTS must be set.")
if not WAGTAILADMIN_BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must begin with https:// in production.")

# Without a key the site runs with card payment switched off; with one, all of it must be real.
if STRIPE_SECRET_KEY:
    if "fake" in STRIPE_SECRET_KEY or STRIPE_API_BASE != "https://api.stripe.com":
        raise ImproperlyConfigured("Production can't use the fake Stripe.")
    if not STRIPE_WEBHOOK_SECRETS or any("fake" in secret for secret in STRIPE_WEBHOOK_SECRETS):
        raise ImproperlyConfigured("The environment variable STRIPE_WEBHOOK_SECRETS must be set.")

# The token would travel in the clear.
if E_INVOICE_SENDER.startswith("http://"):
    raise ImproperlyConfigured("E_INVOICE_SENDER must be a directory or begin with https://.")

if not env.bool("STAFF_MFA_REQUIRED", True):
    raise ImproperlyConfigured("STAFF_MFA_REQUIRED can't be off in production.")
# Who signs in would be told by anybody between us and it.
if not ENTRA_AUTHORITY.startswith("https://"):
    raise ImproperlyConfigured("ENTRA_AUTHORITY must begin with https://.")

MAILBOX_DIRECTORY = None
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = required("EMAIL_HOST")
EMAIL_PORT = env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", True)

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "members": MEMBERS_FILES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# Wagtail's preview shows pages in a frame of its own admin, so frames of the same origin stay.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
