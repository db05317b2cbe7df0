"""Answering many requests to join at once."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.bulk import BulkActionView, Prospect
from networks.backoffice.actions import OptionalReasonForm, ServicePage
from networks.backoffice.bulk import CARRY_OUT
from networks.backoffice.request_rows import TurnDownForm
from networks.models import JoinRequest, RequestState
from networks.policies import join_request_policy
from networks.rules.states import OPEN, Status
from networks.services import requests


class JoinRequestBulkAction(ServicePage, BulkActionView):
    policy = join_request_policy
    permission = "change"
    job = CARRY_OUT
    nothing_to_do = _("None of those chosen awaits an answer.")

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(
            "membership__network", "membership__municipality", "membership__contact"
        )

    def prospects(self, rows: Sequence[JoinRequest]) -> list[Prospect]:
        return [
            self.prospect(row)
            if row.state == RequestState.WAITING
            else Prospect(row, _t("This request has been answered already."), possible=False)
            for row in rows
        ]

    def prospect(self, row: JoinRequest) -> Prospect:
        """Of one that waits."""
        raise NotImplementedError


class TakeInManyView(JoinRequestBulkAction):
    name = "take_in_many"
    path = "bulk/take-in"
    label = _("Take in")
    submit_format = _("Take %(number)s in")
    icon_name = "check"
    form_class = OptionalReasonForm

    def explanation(self) -> str:
        return _t("Each colleague is told by e-mail.")

    def prospect(self, row: JoinRequest) -> Prospect:
        if row.membership.state not in OPEN:
            return Prospect(row, _t("This membership is closed."), possible=False)
        if row.membership.state == Status.ACTIVE:
            return Prospect(row, _t("Becomes a participant, with the seats that are free"))
        return Prospect(row, _t("Gets seats when the membership becomes active"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        requests.take_in(int(key), actor=actor, **data)
        return _t("Taken in; the colleague is told by e-mail.")


class TurnDownManyView(JoinRequestBulkAction):
    name = "turn_down_many"
    path = "bulk/turn-down"
    label = _("Turn down")
    submit_format = _("Turn %(number)s down")
    icon_name = "cross"
    is_serious = True
    form_class = TurnDownForm

    def prospect(self, row: JoinRequest) -> Prospect:
        return Prospect(row, _t("Is turned down, and told so by e-mail"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        requests.turn_down(int(key), actor=actor, **data)
        return _t("Turned down; the colleague is told by e-mail.")
