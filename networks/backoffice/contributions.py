"""Topics and offers in the administration: their lists, and a page for each."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import (
    CRITICAL,
    NEUTRAL,
    POSITIVE,
    WAITING,
    DayColumn,
    RowIndexView,
    StatusColumn,
    status_tag,
)
from cms.backoffice.rows import InspectView
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.contribution_actions import AnswerView, DeclineView, PlanView
from networks.backoffice.filters import NetworkFilter
from networks.backoffice.membership_page import when
from networks.backoffice.programme import meeting_url
from networks.backoffice.wording import ACTION_LABELS
from networks.models import (
    Contribution,
    ContributionState,
    Offer,
    OfferKind,
    Topic,
)
from networks.policies import membership_policy, offer_policy, topic_policy

TONES = {
    ContributionState.PROPOSED: WAITING,
    ContributionState.ANSWERED: NEUTRAL,
    ContributionState.PLANNED: POSITIVE,
    ContributionState.DECLINED: CRITICAL,
}


def state_tone(row: Contribution) -> str:
    return TONES[ContributionState(row.state)]


# Lists --------------------------------------------------------------------------------------------


class StateFilter(django_filters.MultipleChoiceFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("State"),
            choices=ContributionState.choices,
            widget=forms.CheckboxSelectMultiple,
            distinct=False,
            **kwargs,
        )


class TopicFilters(WagtailFilterSet):
    state = StateFilter()
    network = NetworkFilter()

    class Meta:
        model = Topic
        fields: list[str] = []


class OfferFilters(WagtailFilterSet):
    state = StateFilter()
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=OfferKind.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    network = NetworkFilter()

    class Meta:
        model = Offer
        fields: list[str] = []


STATE = StatusColumn("state", label=_("State"), accessor="get_state_display", tone=state_tone)
RECEIVED = DayColumn("created_at", label=_("Received"), sort_key="created_at")
FROM = Column("author_name", label=_("Proposed by"), sort_key="author_name")
ORGANISATION = Column(
    "organisation",
    label=_("Municipality"),
    accessor="membership.organisation",
    sort_key="membership__municipality__sort_key",
)
NETWORK = Column("network", label=_("Network"), accessor="network.title")


class ContributionIndexView(RowIndexView):
    title_column = ("title", _("Title"))
    title_sort_key = "title"
    standing_views = (StandingView(_("Without an answer"), "state=proposed"),)
    default_ordering = "-created_at"
    related: tuple[str, ...] = ("network", "membership__municipality", "membership__contact")
    search_fields = (
        "title",
        "text",
        "author_name",
        "author_email",
        "membership__municipality__name",
        "network__title",
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Title")), lambda row: row.title),
            *self.own_export_columns(),
            ExportColumn(str(_("Description")), lambda row: row.text),
            ExportColumn(str(_("Proposed by")), lambda row: row.author_name),
            ExportColumn(str(_("E-mail")), lambda row: row.author_email),
            ExportColumn(str(_("Municipality")), lambda row: row.membership.organisation),
            ExportColumn(str(_("Network")), lambda row: row.network.title),
            ExportColumn(str(_("State")), lambda row: row.get_state_display()),
            ExportColumn(str(_("Answer")), lambda row: row.answer),
            ExportColumn(str(_("Received")), lambda row: row.created_at),
        ]

    def own_export_columns(self) -> list[ExportColumn]:
        return []


class TopicIndexView(ContributionIndexView):
    filterset_class = TopicFilters
    export_filename = "emner"
    row_columns = (
        FROM,
        ORGANISATION,
        NETWORK,
        Column("supporters", label=_("Supporters"), sort_key="supporters"),
        STATE,
        RECEIVED,
    )

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().annotate(supporters=Count("supports"))

    def own_export_columns(self) -> list[ExportColumn]:
        return [ExportColumn(str(_("Supporters")), lambda row: row.supporters)]


class OfferIndexView(ContributionIndexView):
    filterset_class = OfferFilters
    export_filename = "tilbud"
    related = (*ContributionIndexView.related, "meeting")
    row_columns = (
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        FROM,
        ORGANISATION,
        NETWORK,
        Column("meeting", label=_("Meeting"), accessor=lambda row: for_meeting(row)),
        STATE,
        RECEIVED,
    )

    def own_export_columns(self) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Kind")), lambda row: row.get_kind_display()),
            ExportColumn(str(_("Meeting")), for_meeting),
        ]


def for_meeting(offer: Offer) -> str:
    return offer.meeting.label if offer.meeting else _t("Any meeting")


# The page of each ---------------------------------------------------------------------------------


class ContributionInspectView(InspectView):
    template_name = "networks/backoffice/contribution.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(
            "network", "membership__municipality", "membership__contact", "answered_by"
        )

    def facts(self) -> list[tuple[Any, Any]]:
        """What is said of this kind of contribution alone."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.instance
        facts = [
            (_("Network"), row.network.title),
            *self.facts(),
            (_("Proposed by"), row.author_name),
            (_("E-mail"), row.author_email),
            (_("Municipality"), row.membership.organisation),
            (_("Received"), when(row.created_at)),
            (_("Time of the answer"), when(row.answered_at)),
            (_("Answered by"), row.answered_by and row.answered_by.get_full_name()),
        ]
        items = row.programme.select_related("meeting")
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "status": status_tag(row.get_state_display(), state_tone(row)),
                "membership_url": self.membership_url(),
                "planned": [(item, meeting_url(item.meeting_id)) for item in items],
                "history": history_of(row, ACTION_LABELS),
                **kwargs,
            }
        )

    def membership_url(self) -> str:
        """The author's membership, for those who may see it."""
        membership = self.instance.membership
        if not membership_policy.user_has_permission_for_instance(
            self.request.user, "view", membership
        ):
            return ""
        return reverse("networks_membership_modeladmin_inspect", args=[quote(membership.pk)])


class TopicInspectView(ContributionInspectView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        supports = self.instance.supports.select_related(
            "membership__municipality", "membership__contact", "membership__network"
        ).order_by("created_at")
        parties = [(row.membership.party_name, row.created_at) for row in supports]
        return super().get_context_data(**{"supporters": parties, **kwargs})


class OfferInspectView(ContributionInspectView):
    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().with_relations(rows).select_related("meeting")

    def facts(self) -> list[tuple[Any, Any]]:
        offer = self.instance
        return [(_("Kind"), offer.get_kind_display()), (_("For meeting"), for_meeting(offer))]


class TopicAdmin(RowAdmin):
    model = Topic
    policy = topic_policy
    menu_label = _("Topics")
    menu_icon = "comment"
    index_view_class = TopicIndexView
    inspect_view_class = TopicInspectView
    actions = (AnswerView, PlanView, DeclineView)


class OfferAdmin(RowAdmin):
    model = Offer
    policy = offer_policy
    menu_label = _("Offers")
    menu_icon = "pick"
    index_view_class = OfferIndexView
    inspect_view_class = OfferInspectView
    actions = (AnswerView, PlanView, DeclineView)
