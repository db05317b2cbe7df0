"""Payments in the administration's menu."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import SubmenuMenuItem
from wagtail.permissions import register_permission_policy

from cms.backoffice.menus import menu_group
from payments.backoffice.charges import ChargeAdmin
from payments.backoffice.payments import PaymentAdmin
from payments.models import Charge, Payment
from payments.policies import charge_policy, payment_policy

register_permission_policy(Charge, charge_policy)
register_permission_policy(Payment, payment_policy)

charges, payments = ChargeAdmin(), PaymentAdmin()
charges.register_with_wagtail()
payments.register_with_wagtail()


@hooks.register("register_admin_menu_item")
def register_finance_menu() -> SubmenuMenuItem:
    return menu_group(
        _("Finance"), [charges, payments], icon_name="calculator", order=210, name="finance"
    )
