"""Handovers: roles on their way from one person to another; some wait for an administrator."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import DayColumn, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import ActionView, InspectView
from cms.backoffice.saved_views import StandingView
from networks.backoffice.actions import OptionalReasonForm, ReasonForm, ServicePage
from networks.backoffice.filters import HandoverFilters
from networks.backoffice.membership_page import when
from networks.backoffice.request_rows import membership_link, state_tone, waiting_first
from networks.models import Handover, HandoverKind, RequestState
from networks.policies import handover_policy
from networks.services import handovers

RELATED = ("membership__network", "membership__municipality", "membership__contact")


def state_label(handover: Handover) -> Any:
    """Whom a waiting one waits for."""
    if handover.state != RequestState.WAITING:
        return handover.get_state_display()
    if handover.confirmed_at:
        return _("Awaits a decision")
    return _("Awaits the colleague")


class HandoverIndexView(RowIndexView):
    title_column = ("name", _("New holder"))
    title_sort_key = "name"
    #: Waiting ones first, the newest of each first.
    default_ordering = ("is_answered", "-created_at")
    related = RELATED
    search_fields = ("name", "email", "membership__municipality__name", "membership__contact__name")
    filterset_class = HandoverFilters
    standing_views = (
        StandingView(_("Waiting"), "state=waiting"),
        StandingView(_("A colleague asks to take over"), "state=waiting&kind=take_over"),
    )
    row_columns = (
        Column("email", label=_("E-mail"), sort_key="email"),
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        Column("member", label=_("Membership"), accessor="membership.party_name"),
        Column("network", label=_("Network"), accessor="membership.network.title"),
        StatusColumn(
            "state",
            label=_("State"),
            accessor=state_label,
            sort_key="is_answered",
            tone=state_tone,
        ),
        DayColumn("created_at", label=_("Begun"), sort_key="created_at"),
    )

    def get_base_queryset(self) -> QuerySet[Any]:
        return waiting_first(super().get_base_queryset())


class HandoverInspectView(InspectView):
    template_name = "cms/backoffice/inspect.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*RELATED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.instance
        contact = row.membership.contact
        facts = [
            (_("Kind"), row.get_kind_display()),
            (_("Membership"), membership_link(row.membership)),
            (_("Network"), row.membership.network.title),
            (_("Contact now"), f"{contact.name}, {contact.email}"),
            (_("New holder"), row.name),
            (_("Work e-mail"), row.email),
            (_("Job title"), row.job_title),
            (_("Message"), row.text),
            (_("Begun"), when(row.created_at)),
            (_("Address confirmed"), when(row.confirmed_at)),
            (_("Answered"), when(row.answered_at)),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "status": status_tag(state_label(row), state_tone(row)),
                **kwargs,
            }
        )


class HandoverAction(ServicePage, ActionView):
    """For those whose new holder has proved the address, and that need an administrator's word."""

    instance: Handover

    @classmethod
    def fits(cls, instance: Handover) -> bool:
        return instance.state == RequestState.WAITING and instance.confirmed_at is not None

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*RELATED)


class ApproveHandoverView(HandoverAction):
    name = "approve"
    label = _("Approve")
    icon_name = "check"
    form_class = ReasonForm
    success_message = _("Approved; both are told by e-mail.")

    def explanation(self) -> str:
        names = {
            "name": self.instance.name,
            "email": self.instance.email,
            "membership": str(self.instance.membership),
            "contact": self.instance.membership.contact.name,
        }
        text = _t("%(name)s (%(email)s) takes over %(membership)s.") % names
        if self.instance.kind == HandoverKind.TAKE_OVER:
            text += " " + _t("%(contact)s was told, and has not objected.") % names
        return text

    def perform(self, data: dict[str, Any]) -> None:
        handovers.approve(self.instance.pk, actor=self.actor, **data)


class DeclineForm(ReasonForm):
    text = forms.CharField(
        label=_("Text to the colleague"),
        help_text=_("Mailed along with the answer."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DeclineHandoverView(HandoverAction):
    name = "decline"
    label = _("Decline")
    icon_name = "cross"
    form_class = DeclineForm
    is_serious = True
    success_message = _("Declined; the colleague is told by e-mail.")

    def perform(self, data: dict[str, Any]) -> None:
        handovers.decline(self.instance.pk, actor=self.actor, **data)


class WithdrawHandoverView(HandoverAction):
    name = "withdraw"
    label = _("Take back")
    icon_name = "resubmit"
    form_class = OptionalReasonForm
    is_secondary = True

    @classmethod
    def fits(cls, instance: Handover) -> bool:
        return instance.state == RequestState.WAITING and instance.kind in handovers.OFFERED

    def perform(self, data: dict[str, Any]) -> None:
        handovers.withdraw(self.instance.pk, actor=self.actor, **data)


class HandoverAdmin(RowAdmin):
    model = Handover
    shows_people = True
    policy = handover_policy
    menu_label = _("Handovers")
    menu_icon = "redirect"
    index_view_class = HandoverIndexView
    inspect_view_class = HandoverInspectView
    actions = (ApproveHandoverView, DeclineHandoverView, WithdrawHandoverView)
