"""Approving and rejecting many sign-ups at once."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms import queue
from cms.audit import Actor
from cms.backoffice.bulk import BulkActionView, Prospect
from networks.backoffice import membership_forms as forms
from networks.backoffice.actions import ServicePage
from networks.models import Membership, Seat
from networks.policies import HANDLE, membership_policy
from networks.rules.pricing import Quote, SeasonTerms, applies
from networks.rules.states import Status
from networks.services import lifecycle, terms
from networks.services.actions import allowed_actions
from payments.models import PaymentMethod

#: Carries out any of the bulk actions: its run says which.
CARRY_OUT = queue.Job("networks.carry_out_many")


class MembershipBulkAction(ServicePage, BulkActionView):
    policy = membership_policy
    permission = HANDLE

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("network", "municipality", "contact")


def gone_on(state: Status) -> str:
    """What the approval of one that is now in that state has led to, or will."""
    texts = {
        Status.ACTIVE: _t("The membership becomes active"),
        Status.AWAITING_PAYMENT: _t("Goes on to payment by card"),
        Status.PENDING_APPROVAL: _t("The price has risen: the applicant is asked to accept it"),
        Status.WAITLISTED: _t("Stays in line, and may be offered a place in its turn"),
    }
    return texts[state]


class ApproveManyView(MembershipBulkAction):
    name = "approve_many"
    path = "bulk/approve"
    label = _("Approve")
    submit_format = _("Approve %(number)s")
    icon_name = "check"
    form_class = forms.ApproveManyForm
    job = queue.Job("networks.approve_many")

    def prospects(self, rows: Sequence[Membership]) -> list[Prospect]:
        outlook = Outlook(rows)
        return [outlook.of(row) for row in rows]

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        return gone_on(lifecycle.approve(key, actor=actor, **data).state)


class RejectManyView(MembershipBulkAction):
    name = "reject_many"
    path = "bulk/reject"
    label = _("Reject")
    submit_format = _("Reject %(number)s")
    icon_name = "cross"
    is_serious = True
    form_class = forms.RejectForm
    job = queue.Job("networks.reject_many")

    def prospects(self, rows: Sequence[Membership]) -> list[Prospect]:
        return [
            Prospect(row, _t("Is rejected, and told so by e-mail"))
            if "reject" in allowed_actions(row)
            else cannot(row, Status.PENDING_APPROVAL)
            for row in rows
        ]

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        lifecycle.reject(key, actor=actor, **data)
        return _t("Rejected; the applicant is told by e-mail.")


def cannot(row: Membership, *fitting: Status) -> Prospect:
    """Why the row can't be decided about."""
    if row.state not in fitting:
        text = _t("Its state is: %(state)s") % {"state": row.get_status_display()}
    elif row.address_confirmed_at is None:
        text = _t("The address has not been confirmed yet.")
    else:
        text = _t("Needs no approval")
    return Prospect(row, text, possible=False)


class Outlook:
    """What approving would lead to now, for many memberships in few queries."""

    def __init__(self, rows: Sequence[Membership]) -> None:
        self.networks = {row.network_id: row.network for row in rows}
        self.terms: dict[int, list[SeasonTerms]] = {}
        self.attendance: dict[Any, dict[int, int]] = {}
        seats = Seat.objects.filter(membership__in=rows).current()
        counted = seats.values_list("membership_id", "meeting_id").annotate(people=Count("pk"))
        for membership, meeting, people in counted.order_by():
            self.attendance.setdefault(membership, {})[meeting] = people

    def of(self, row: Membership) -> Prospect:
        if "approve" not in allowed_actions(row):
            return cannot(row, Status.PENDING_APPROVAL, Status.WAITLISTED)
        if row.state == Status.WAITLISTED:
            return Prospect(row, gone_on(Status.WAITLISTED))
        quote = self.quote(row)
        if quote is None:
            return Prospect(row, _t("Its season can't be joined any more"), possible=False)
        if not applies(row.accepted_net, quote.net):
            return Prospect(row, gone_on(Status.PENDING_APPROVAL))
        by_card = quote.net and row.method == PaymentMethod.CARD
        return Prospect(row, gone_on(Status.AWAITING_PAYMENT if by_card else Status.ACTIVE))

    def quote(self, row: Membership) -> Quote | None:
        network = self.networks[row.network_id]
        if network.pk not in self.terms:
            self.terms[network.pk] = terms.terms_of(network)
        attendance = self.attendance.get(row.pk, {})
        return terms.quote_for(network, self.terms[network.pk], row.first_season_id, attendance)
