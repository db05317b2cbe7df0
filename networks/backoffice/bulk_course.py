"""Moving many up from the waiting list, cancelling many memberships, sending links anew."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.bulk import Prospect
from networks.backoffice import membership_forms as forms
from networks.backoffice.bulk import CARRY_OUT, MembershipBulkAction, cannot
from networks.backoffice.membership_page import day
from networks.models import Membership
from networks.rules.states import Status
from networks.services import leaving, lifecycle, people, terms, waitlist
from networks.services.actions import allowed_actions
from payments.policies import charge_policy


class MoveUpManyView(MembershipBulkAction):
    """Out of turn, in the order of the line: as many as there are places, or all of them above
    capacity, with a reason."""

    name = "offer_many"
    path = "bulk/offer"
    label = _("Move up from the waiting list")
    submit_format = _("Offer a place to %(number)s")
    icon_name = "arrow-up"
    form_class = forms.OfferForm
    job = CARRY_OUT

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().with_relations(rows).order_by("queued_at", "signed_up_at", "pk")

    def prospects(self, rows: Sequence[Membership]) -> list[Prospect]:
        networks = {row.network_id: row.network for row in rows}
        left = {key: terms.places_of(network).left for key, network in networks.items()}
        found = []
        for row in rows:
            room = left[row.network_id]
            prospect = self._prospect(row, room)
            if prospect.possible and room:
                left[row.network_id] = room - 1
            found.append(prospect)
        return found

    @staticmethod
    def _prospect(row: Membership, left: int | None) -> Prospect:
        if "offer" not in allowed_actions(row):
            return cannot(row, Status.WAITLISTED)
        if left is None or left > 0:
            return Prospect(row, _t("Is offered a place by e-mail"))
        return Prospect(row, _t("Is offered a place only above capacity, with a reason"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        waitlist.offer_place(key, actor=actor, **data)
        return _t("A place is offered by e-mail")


class CancelManyView(MembershipBulkAction):
    """Each ends on a day of its own, which the preview says; or all on the day chosen."""

    name = "cancel_many"
    path = "bulk/cancel"
    permission = "change"
    label = _("Cancel memberships")
    submit_format = _("Cancel %(number)s")
    icon_name = "calendar-alt"
    is_serious = True
    form_class = forms.CancelForm
    job = CARRY_OUT

    def get_form_kwargs(self) -> dict[str, Any]:
        may_credit = charge_policy.user_has_permission(self.request.user, "view")
        return {**super().get_form_kwargs(), "may_credit": may_credit}

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().with_relations(rows).select_related("first_season")

    def prospects(self, rows: Sequence[Membership]) -> list[Prospect]:
        leavings = leaving.consequences_of_many(
            [row for row in rows if "cancel" in allowed_actions(row)]
        )
        return [self._prospect(row, leavings.get(row.pk)) for row in rows]

    @staticmethod
    def _prospect(row: Membership, left: leaving.Leaving | None) -> Prospect:
        if row.state == Status.ACTIVE and row.cancelled_at is not None:
            text = _t("Is cancelled already, with effect from %(date)s") % {
                "date": day(row.ends_on)
            }
            return Prospect(row, text, possible=False)
        if left is None:
            return cannot(row, Status.ACTIVE)
        text = _t("Ends on %(date)s") % {"date": day(left.last_day)}
        if left.credits_something:
            text = _t("%(ends)s; the charge of the season that has not begun is credited") % {
                "ends": text
            }
        return Prospect(row, text)

    def start(self, data: dict[str, Any]) -> Any:
        ends_on: date | None = data["ends_on"]
        return super().start({**data, "ends_on": ends_on.isoformat() if ends_on else None})

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        chosen = data["ends_on"]
        ends_on = date.fromisoformat(chosen) if chosen else None
        row = lifecycle.cancel(key, actor=actor, **{**data, "ends_on": ends_on})
        return _t("Cancelled; ends on %(date)s") % {"date": day(row.ends_on)}


class NewLinkManyView(MembershipBulkAction):
    """Reminds those of whom something is awaited: to confirm, to accept a place, to pay."""

    name = "link_many"
    path = "bulk/link"
    label = _("Send a new link")
    submit_format = _("Send to %(number)s")
    icon_name = "link"
    job = CARRY_OUT

    def explanation(self) -> str:
        return _t("Earlier links stop working.")

    def prospects(self, rows: Sequence[Membership]) -> list[Prospect]:
        return [self._prospect(row) for row in rows]

    @staticmethod
    def _prospect(row: Membership) -> Prospect:
        if "new_link" not in allowed_actions(row):
            return cannot(row)
        if row.address_confirmed_at is None:
            return Prospect(row, _t("Gets a link to confirm the address"))
        if row.state == Status.OFFERED:
            return Prospect(row, _t("Gets a link to the membership, to accept the place there"))
        if row.state == Status.AWAITING_PAYMENT:
            return Prospect(row, _t("Gets a link to the membership, to pay there"))
        return Prospect(row, _t("Gets a link to the membership"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        people.send_new_link(key, actor=actor)
        return _t("A new link is sent.")
