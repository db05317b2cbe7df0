"""The test-suite: PostgreSQL, quick password hashing, mail in memory."""

from cms.settings.base import *  # noqa: F403
from cms.settings.base import CONTENT_SECURITY_POLICY

DEBUG = False
SECRET_KEY = "test-only"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAILBOX_DIRECTORY = None

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "members": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True

STRIPE_SECRET_KEY = "sk_test_fake"
STRIPE_WEBHOOK_SECRETS = ["whsec_fake"]
#: Nothing listens here; tests of payments point it at their own fake Stripe.
STRIPE_API_BASE = "http://127.0.0.1:1"
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("http://127.0.0.1:*")
# Wagtail's indexes: see tests.indexes.
TASKS = {"default": {"BACKEND": "tests.indexes.LeftAlone"}}
