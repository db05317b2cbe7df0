"""``make run``: everything local, nothing leaves the machine."""

from cms.env import env
from cms.settings.base import *  # noqa: F403
from cms.settings.base import BASE_DIR, CONTENT_SECURITY_POLICY, MEMBERS_FILES, STRIPE_SECRET_KEY

DEBUG = True
SECRET_KEY = "development-only"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
INTERNAL_IPS = ["127.0.0.1"]

#: The web server's port; links in mails follow it.
PORT = env.int("PORT", 8000)
WAGTAILADMIN_BASE_URL = env.str("SITE_URL", "") or f"http://localhost:{PORT}"

#: The demo's logins have a password alone; STAFF_MFA_REQUIRED=1 shows what production asks for.
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", False)

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = BASE_DIR / "var" / "mail"
#: Sent mail is shown under /mailbox/ when this is set.
MAILBOX_DIRECTORY = EMAIL_FILE_PATH

#: E-invoices land here, as at an access point that reads a directory.
E_INVOICE_SENDER = str(BASE_DIR / "var" / "e-invoices")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "members": MEMBERS_FILES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True

#: The port of the fake Stripe that ``cms.run`` starts beside the site; None when a key is given.
FAKE_STRIPE_PORT = None
if not STRIPE_SECRET_KEY:
    FAKE_STRIPE_PORT = env.int("FAKE_STRIPE_PORT", PORT + 1)
    STRIPE_SECRET_KEY = "sk_test_fake"
    STRIPE_WEBHOOK_SECRETS = ["whsec_fake"]
    STRIPE_API_BASE = f"http://127.0.0.1:{FAKE_STRIPE_PORT}"
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(STRIPE_API_BASE)
