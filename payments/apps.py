from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from payments import checks


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        register(checks.check_callables)
        register(checks.check_stripe)
