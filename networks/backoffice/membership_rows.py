"""Memberships as the pages of people and municipalities list them."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Case, Q, QuerySet, Value, When
from django.urls import reverse

from cms.audit import reference
from cms.backoffice.listing import status_tag
from cms.policy import User
from networks.backoffice.wording import status_label, status_tone
from networks.models import Membership
from networks.policies import membership_policy
from networks.rules.states import OPEN
from payments import money
from payments.models import Charge, ChargeState
from payments.policies import charge_policy


def visible_memberships(user: User, which: Q) -> list[Membership]:
    """Those that the user may see, the open ones first."""
    rows: QuerySet[Membership] = membership_policy.instances_user_has_permission_for(user, "view")
    is_over = Case(When(status__in=sorted(OPEN), then=Value(0)), default=Value(1))
    found = rows.filter(pk__in=rows.filter(which).order_by().values("pk"))
    related = found.select_related("network", "municipality", "contact", "first_season")
    return list(related.order_by(is_over, "network__title", "-signed_up_at"))


def open_sums(user: User, memberships: list[Membership]) -> dict[str, int] | None:
    """Reference → what is owed, øre incl. VAT; None for who sees no money."""
    if not charge_policy.user_has_permission(user, "view"):
        return None
    charges: QuerySet[Charge] = charge_policy.instances_user_has_permission_for(user, "view")
    sums: dict[str, int] = {}
    owed = charges.filter(
        reference__in=[reference(each) for each in memberships], state=ChargeState.OPEN
    )
    for about, gross, credited in owed.values_list("reference", "gross", "credited"):
        sums[about] = sums.get(about, 0) + gross - credited
    return sums


def membership_line(membership: Membership, sums: dict[str, int] | None) -> dict[str, Any]:
    owed = (sums or {}).get(reference(membership), 0)
    return {
        "membership": membership,
        "state": status_tag(status_label(membership), status_tone(membership)),
        "url": reverse("networks_membership_modeladmin_inspect", args=[quote(membership.pk)]),
        "owed": money.format_kroner(owed) if owed else "",
    }
