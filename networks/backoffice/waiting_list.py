"""Waiting lists: who stands in line in a network, who has an offer, and moving one in the line."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.audit import Actor
from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING, status_tag
from cms.backoffice.rows import BackofficeView
from networks.backoffice.wording import places_text, taken_text
from networks.models import Membership, NetworkPage
from networks.policies import HANDLE, visible_networks
from networks.rules.states import Status
from networks.services import terms, waitlist
from networks.services.errors import NotPossible

#: Who stands in a line, or has an offer from it.
IN_LINE = Q(memberships__status=Status.WAITLISTED)
OFFERED = Q(memberships__status=Status.OFFERED)


class WaitingListsView(BackofficeView):
    """The networks that have a line, or an offer out."""

    name = "waiting_lists"
    path = "waiting-list"
    label = _("Waiting lists")
    icon_name = "list-ol"
    template_name = "networks/backoffice/waiting_lists.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(self.get_context_data())
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        networks = (
            visible_networks(self.request.user)
            .filter(IN_LINE | OFFERED)
            .annotate(
                waiting_count=Count("memberships", filter=IN_LINE, distinct=True),
                offered_count=Count("memberships", filter=OFFERED, distinct=True),
            )
        )
        holding = Membership.objects.filter(network__in=networks).holding(timezone.now())
        counted = holding.order_by().values_list("network_id")
        taken = dict(counted.annotate(units=Count("unit_key", distinct=True)))
        lines = [
            (
                network,
                self.model_admin.row_url("waiting_list", network.pk),
                taken_text(terms.Places(network.capacity, taken.get(network.pk, 0))),
            )
            for network in networks
        ]
        context: dict[str, Any] = super().get_context_data(**{"lines": lines, **kwargs})
        return context


class MoveForm(forms.Form):
    """Whom, where to, and why."""

    move = forms.ChoiceField(
        choices=[("first", _("First")), ("up", _("Up")), ("down", _("Down")), ("last", _("Last"))]
    )
    membership = forms.UUIDField()
    reason = forms.CharField(
        label=_("Reason for another place in line"),
        help_text=_("Kept in the history; not sent to anyone."),
        error_messages={"required": _("Say why before you move one.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One button says both: where to, and whom.
        if self.is_bound:
            move, _separator, key = self.data.get("move", "").partition(":")
            self.data = {"reason": self.data.get("reason", ""), "move": move, "membership": key}

    def target(self, place: int, number: int) -> int:
        """The place in line that is meant, of the one at ``place`` (1: the first)."""
        places = {"first": 1, "up": place - 1, "down": place + 1, "last": number}
        return min(max(places[self.cleaned_data["move"]], 1), number)


@dataclass(frozen=True)
class Place:
    """One in line, as the table shows it."""

    position: int
    membership: Membership
    url: str
    is_next: bool
    confirmed: str
    approval: str
    offer_url: str
    approve_url: str


class WaitingListView(BackofficeView):
    """One network's line in its order. Moving one needs the right to change memberships, offering
    a place that to handle them."""

    name = "waiting_list"
    path = r"waiting-list/(?P<network_pk>\d+)"
    icon_name = "list-ol"
    template_name = "networks/backoffice/waiting_list.html"
    network_pk: str = ""

    @cached_property
    def network(self) -> NetworkPage:
        network = visible_networks(self.request.user).filter(pk=self.network_pk).first()
        if network is None:
            raise Http404
        return network

    @cached_property
    def line(self) -> list[Membership]:
        return list(self._readable(waitlist.line_of(self.network.pk)))

    def _readable(self, rows: QuerySet[Membership]) -> QuerySet[Membership]:
        return rows.select_related("network", "municipality", "contact")

    def get_page_title(self) -> Any:
        return _t("Waiting list: %(network)s") % {"network": self.network.title}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *path, here = super().get_breadcrumbs_items()
        lists = {"url": self.model_admin.row_url("waiting_lists"), "label": WaitingListsView.label}
        return [*path, lists, here]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(MoveForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = MoveForm(request.POST)
        if not form.is_valid():
            if set(form.errors) - {"reason"}:
                raise Http404
            messages.error(request, _("It could not be done: see the errors below."))
            return self.show(form)
        membership = self.find(form.cleaned_data["membership"])
        position = form.target(self.line.index(membership) + 1, len(self.line))
        try:
            waitlist.move_in_queue(
                membership.pk,
                position=position,
                actor=Actor.by(request.user),  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
            )
        except NotPossible as error:
            messages.error(request, error.message)
        else:
            said = {"member": membership.party_name, "position": position}
            messages.success(request, _t("%(member)s is number %(position)s in line now.") % said)
        return redirect(self.model_admin.row_url("waiting_list", self.network.pk))

    def find(self, key: Any) -> Membership:
        """The one in line that is meant, of those that the user may change."""
        rows = self.policy.instances_user_has_permission_for(self.request.user, "change")
        try:
            allowed = rows.filter(pk=key).exists()
        except ValidationError as error:
            raise Http404 from error
        membership = next((row for row in self.line if row.pk == key), None)
        if membership is None or not allowed:
            raise Http404
        return membership

    def show(self, form: MoveForm) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(self.get_context_data(form=form))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offers = self.network.memberships.filter(status=Status.OFFERED).order_by("deadline")
        context: dict[str, Any] = super().get_context_data(
            **{
                "network": self.network,
                "places_text": places_text(self.network),
                "free": terms.places_of(self.network).left,
                "line": self.places(),
                "next_tag": status_tag(_("Next"), WAITING),
                "may_move": self.policy.user_has_permission(self.request.user, "change"),
                "offers": [
                    (row, self.model_admin.row_url("inspect", quote(row.pk)))
                    for row in self._readable(offers)
                ],
                **kwargs,
            }
        )
        return context

    def places(self) -> list[Place]:
        """The line with what each lacks; the next to be offered a place is marked."""
        may_handle = self.policy.instances_user_has_permission_for(self.request.user, HANDLE)
        handled = set(may_handle.filter(network=self.network).values_list("pk", flat=True)[:1])
        ready = [row for row in self.line if row.address_confirmed_at and not row.needs_approval]
        return [
            self._place(position, row, is_next=row in ready[:1], may_handle=bool(handled))
            for position, row in enumerate(self.line, start=1)
        ]

    def _place(self, position: int, row: Membership, *, is_next: bool, may_handle: bool) -> Place:
        def address(action: str, *, fits: bool) -> str:
            url = self.model_admin.row_url(action, quote(row.pk))
            return str(url) if may_handle and fits else ""

        confirmed = row.address_confirmed_at is not None
        return Place(
            position,
            row,
            url=self.model_admin.row_url("inspect", quote(row.pk)),
            is_next=is_next,
            confirmed=status_tag(_("Yes"), POSITIVE)
            if confirmed
            else status_tag(_("No"), CRITICAL),
            approval=approval_tag(row),
            offer_url=address("offer", fits=confirmed),
            approve_url=address("approve", fits=confirmed and row.needs_approval),
        )


def approval_tag(row: Membership) -> str:
    if row.address_at_domain:
        return status_tag(_("Not needed"), NEUTRAL)
    if row.approved_at:
        return status_tag(_("Approved"), POSITIVE)
    return status_tag(_("Missing"), WAITING)
