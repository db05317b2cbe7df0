"""System checks: money is taken only where somebody hears of it, and only real money in production.

Imported by the app's configuration before models can be: it imports none.
"""

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

REAL_STRIPE = "https://api.stripe.com"


def check_callables(**_options: object) -> list[CheckMessage]:
    """What payments calls by name is there: without the handler money is taken in silence."""
    found: list[CheckMessage] = []
    for name in ("PAYMENTS_CHARGE_HANDLER", "PAYMENTS_SCOPE_POLICY"):
        try:
            import_string(getattr(settings, name))
        except ImportError as error:
            found.append(Error(f"{name} can't be imported: {error}", id="payments.E001"))
    return found


def check_stripe(**_options: object) -> list[CheckMessage]:
    """Key, address and secrets fit each other and the site."""
    key = settings.STRIPE_SECRET_KEY
    if not key:
        return []
    is_live = "_live_" in key
    is_real = settings.STRIPE_API_BASE.rstrip("/") == REAL_STRIPE
    in_production = not settings.DEBUG and settings.WAGTAILADMIN_BASE_URL.startswith("https://")
    secrets = [secret for secret in settings.STRIPE_WEBHOOK_SECRETS if secret]
    errors = {
        "payments.E002": in_production and ("fake" in key or not is_real),
        "payments.E003": is_live and not is_real,
        "payments.E004": is_live and settings.DEBUG,
        "payments.E005": not secrets,
        "payments.E006": in_production and any("fake" in secret for secret in secrets),
    }
    found: list[CheckMessage] = [
        Error(_TEXTS[number], id=number) for number, wrong in errors.items() if wrong
    ]
    if in_production and not is_live:
        found.append(CheckWarning(_TEXTS["payments.W001"], id="payments.W001"))
    return found


_TEXTS = {
    "payments.E002": "Production can't use the fake Stripe: see the settings STRIPE_….",
    "payments.E003": "A live key is sent to Stripe and to nobody else: see STRIPE_API_BASE.",
    "payments.E004": "A live key can't be used with DEBUG: real money would move.",
    "payments.E005": "STRIPE_WEBHOOK_SECRETS is empty: no webhook could be believed.",
    "payments.E006": "Production can't use a made-up webhook secret.",
    "payments.W001": "The site is in production with a key of Stripe's test mode.",
}
