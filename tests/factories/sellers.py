"""A site that can issue invoices."""

from wagtail.models import Site

from home.models import Organisation
from payments.models import PaymentSettings
from tests.factories.documents import SELLER


def make_seller(**settings: object) -> PaymentSettings:
    """The default site's organisation with name, address and CVR, and a bank account."""
    site = Site.objects.get(is_default_site=True)
    Organisation.objects.update_or_create(
        site=site,
        defaults={
            "name": SELLER.name,
            "street": SELLER.street,
            "postal_code": SELLER.postal_code,
            "city": SELLER.city,
            "cvr": SELLER.cvr,
            "email": SELLER.email,
        },
    )
    found, _created = PaymentSettings.objects.update_or_create(
        site=site,
        defaults={
            "bank_registration_number": "0040",
            "bank_account_number": "0440116243",
            "iban": "DK5000400440116243",
            **settings,
        },
    )
    return found
