"""The site refuses to run where money would be taken in silence, or where it is not real."""

import pytest

from payments import checks

PRODUCTION = {
    "DEBUG": False,
    "WAGTAILADMIN_BASE_URL": "https://netvaerk.example.org",
    "STRIPE_SECRET_KEY": "sk_live_abc",
    "STRIPE_API_BASE": "https://api.stripe.com",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_abc"],
}


def found(settings, **changes: object) -> list[str]:
    for name, value in (PRODUCTION | changes).items():
        setattr(settings, name, value)
    return [message.id for message in checks.check_stripe()]


def test_real_settings_are_good(settings) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"STRIPE_SECRET_KEY": ""}, []),
        ({"STRIPE_SECRET_KEY": "sk_test_fake"}, ["payments.E002", "payments.W001"]),
        ({"STRIPE_SECRET_KEY": "sk_test_abc"}, ["payments.W001"]),
        ({"STRIPE_API_BASE": "http://127.0.0.1:12111"}, ["payments.E002", "payments.E003"]),
        (
            {"STRIPE_API_BASE": "https://api.stripe.com.evil.example"},
            ["payments.E002", "payments.E003"],
        ),
        ({"DEBUG": True}, ["payments.E004"]),
        ({"STRIPE_WEBHOOK_SECRETS": [""]}, ["payments.E005"]),
        ({"STRIPE_WEBHOOK_SECRETS": ["whsec_fake"]}, ["payments.E006"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(settings, changes: dict, expected: list[str]) -> None:
    assert found(settings, **changes) == expected


def test_the_fake_is_good_for_development(settings) -> None:
    fake = {
        "DEBUG": True,
        "WAGTAILADMIN_BASE_URL": "http://localhost:8000",
        "STRIPE_SECRET_KEY": "sk_test_fake",
        "STRIPE_API_BASE": "http://127.0.0.1:12111",
        "STRIPE_WEBHOOK_SECRETS": ["whsec_fake"],
    }
    assert found(settings, **fake) == []


@pytest.mark.parametrize("name", ["PAYMENTS_CHARGE_HANDLER", "PAYMENTS_SCOPE_POLICY"])
def test_a_callable_that_is_not_there_is_an_error(settings, name: str) -> None:
    settings.PAYMENTS_CHARGE_HANDLER = "tests.payments.recorder.charge_changed"
    settings.PAYMENTS_SCOPE_POLICY = "tests.payments.recorder.charge_changed"
    assert checks.check_callables() == []
    setattr(settings, name, "networks.nowhere.at_all")
    assert [message.id for message in checks.check_callables()] == ["payments.E001"]
