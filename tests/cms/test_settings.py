"""Production refuses to start on what is missing or made up."""

import secrets
import subprocess
import sys

import pytest

from cms.embedded import BASE_DIR
from cms.env import environment_with

VALID = {
    "DJANGO_ALLOW_ASYNC_UNSAFE": "",
    "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "DATABASE_URL": "postgres://site:password@database.example/site",
    "SITE_URL": "https://netvaerk.example",
    "ALLOWED_HOSTS": "netvaerk.example",
    "DEFAULT_FROM_EMAIL": "Netværk <netvaerk@netvaerk.example>",
    "EMAIL_HOST": "mail.netvaerk.example",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRETS": "whsec_x,whsec_y",
}
TENANT = "11111111-2222-4333-8444-555555555555"
ENTRA = {"ENTRA_CLIENT_ID": "x", "ENTRA_CLIENT_SECRET": "y", "ENTRA_TENANTS": f"KL={TENANT}"}
LOAD = [sys.executable, "-c", "import cms.settings.production"]
CHECK = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"]


def run(command: list[str], **changes: str) -> subprocess.CompletedProcess[str]:
    environment = environment_with(**{**VALID, **changes})
    return subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


def test_check_deploy_has_nothing_to_say():
    checked = run(CHECK)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no issues" in checked.stdout


@pytest.mark.parametrize(
    "missing",
    ["SECRET_KEY", "DATABASE_URL", "SITE_URL", "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL", "EMAIL_HOST"],
)
def test_what_is_missing_is_named(missing):
    refused = run(LOAD, **{missing: ""})
    assert refused.returncode != 0
    assert refused.stderr.splitlines()[-1].endswith(
        f"The environment variable {missing} must be set."
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"DEBUG": "true"}, "DEBUG"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SITE_URL": "http://netvaerk.example"}, "https://"),
        ({"STRIPE_SECRET_KEY": "sk_test_fake"}, "fake Stripe"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "fake Stripe"),
        ({"STRIPE_API_BASE": "https://api.stripe.com.example"}, "fake Stripe"),
        ({"STRIPE_WEBHOOK_SECRETS": ""}, "STRIPE_WEBHOOK_SECRETS"),
        ({"STRIPE_WEBHOOK_SECRETS": "whsec_fake"}, "STRIPE_WEBHOOK_SECRETS"),
        ({"DATABASE_URL": "sqlite:///site.db"}, "PostgreSQL"),
        ({"E_INVOICE_SENDER": "http://access-point.example/"}, "E_INVOICE_SENDER"),
        ({"STAFF_MFA_REQUIRED": "0"}, "STAFF_MFA_REQUIRED"),
        ({"ENTRA_AUTHORITY": "http://entra.example"}, "ENTRA_AUTHORITY"),
        ({"ENTRA_CLIENT_ID": "x"}, "ENTRA_TENANTS"),
        ({"ENTRA_CLIENT_ID": "x", "ENTRA_TENANTS": f"KL={TENANT}"}, "ENTRA_CLIENT_SECRET"),
        ({**ENTRA, "ENTRA_TENANTS": "common"}, "ENTRA_TENANTS"),
        ({**ENTRA, "ENTRA_TENANTS": f"KL={TENANT},organizations"}, "ENTRA_TENANTS"),
    ],
)
def test_what_is_made_up_is_refused(changes, why):
    refused = run(LOAD, **changes)
    assert refused.returncode != 0
    assert why in refused.stderr.splitlines()[-1]


def test_without_a_stripe_key_the_site_starts_with_invoices_alone():
    assert run(LOAD, STRIPE_SECRET_KEY="", STRIPE_WEBHOOK_SECRETS="").returncode == 0


def test_links_in_mails_follow_the_port_of_development():
    command = "from cms.settings import dev; print(dev.WAGTAILADMIN_BASE_URL, dev.STRIPE_API_BASE)"
    changes = {"PORT": "8099", "SITE_URL": "", "STRIPE_SECRET_KEY": ""}
    printed = run([sys.executable, "-c", command], **changes).stdout.split()
    assert printed == ["http://localhost:8099", "http://127.0.0.1:8100"]


def test_named_tenants_may_sign_in_and_the_policy_lets_browsers_go_there():
    command = (
        "from cms.settings import production as p; "
        "print(*[app['provider_id'] for app in p.ENTRA_APPS], "
        "p.ENTRA_AUTHORITY in p.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    printed = run([sys.executable, "-c", command], **ENTRA).stdout.split()
    assert printed == [f"entra-{TENANT}", "True"]


def test_development_asks_for_no_second_factor_unless_told_to():
    command = "from cms.settings import dev; print(dev.STAFF_MFA_REQUIRED)"
    assert run([sys.executable, "-c", command]).stdout == "False\n"
    assert run([sys.executable, "-c", command], STAFF_MFA_REQUIRED="1").stdout == "True\n"
