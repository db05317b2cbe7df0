"""The year change in the administration: the seasons to come, what happens to whom in each, and
the button that runs it now."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.utils import quote
from django.core.paginator import Page
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import BaseColumn, Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import NEUTRAL, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import ActionView, InspectView
from networks.backoffice.actions import ServicePage
from networks.backoffice.membership_page import day
from networks.backoffice.year_wording import (
    FATE_LABELS,
    FATE_TONES,
    plan_text,
    state_of,
    summary_text,
)
from networks.models import Membership, Season
from networks.policies import visible_networks, year_policy
from networks.rules import renewal as rules
from networks.rules.renewal import Fate
from networks.services import renewal, years
from networks.services.years import MemberPlan, hold_text
from payments import money
from payments.policies import charge_policy

MEMBERS_ON_A_PAGE = 50


def sees_money(user: Any) -> bool:
    return bool(charge_policy.user_has_permission(user, "view"))


class YearIndexView(RowIndexView):
    """The seasons to come, and those that have begun without everybody."""

    template_name = "networks/backoffice/years.html"
    title_column = ("name", _("Season"))
    default_ordering = "starts_on"
    row_columns = (
        Column("network", label=_("Network"), accessor="page.title"),
        Column("starts_on", label=_("Begins"), accessor=lambda row: day(row.starts_on)),
        Column("announce_on", label=_("Told from"), accessor="announce_text"),
        Column("charge_on", label=_("Charged on"), accessor="charge_text"),
        Column("summary", label=_("What happens"), accessor="summary_text"),
    )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        state = StatusColumn(
            "state", label=_("State"), accessor="state_label", tone=lambda row: row.state_tone
        )
        return [*super().columns, state]

    def get_base_queryset(self) -> QuerySet[Season]:
        visible = visible_networks(self.request.user).order_by().values("pk")
        return years.listed_seasons(timezone.localdate()).filter(page__in=visible)

    def get_table(self, object_list: Any) -> Any:
        seasons = list(object_list)
        summaries = years.summaries(seasons)
        for season in seasons:
            change, summary = years.year_change(season), summaries[season.pk]
            season.announce_text = day(change.announce_on) if change.fee else "–"
            season.charge_text = day(change.charge_on)
            season.summary_text = summary_text(summary)
            season.state_label, season.state_tone = state_of(summary)
        return super().get_table(seasons)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        visible = set(visible_networks(self.request.user).values_list("pk", flat=True))
        missing = [
            (network, members)
            for network, members in years.networks_without_next_season(timezone.localdate())
            if network.pk in visible
        ]
        context: dict[str, Any] = super().get_context_data(*args, **{"missing": missing, **kwargs})
        return context


class YearInspectView(InspectView):
    """One season: what happens to each member, with sums that agree."""

    template_name = "networks/backoffice/year.html"
    instance: Season

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return years.with_terms(rows)

    def get_page_title(self) -> Any:
        return f"{self.instance.page.title}, {self.instance.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plans = years.plans(self.instance)
        summary = years.summary(each.plan for each in plans)
        label, tone = state_of(summary)
        asked = self.request.GET.get("fate")
        chosen = Fate(asked) if asked in set(Fate) else None
        shown = [each for each in plans if chosen in (None, each.plan.fate)]
        page = WagtailPaginator(shown, MEMBERS_ON_A_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            **{
                "status": status_tag(label, tone),
                "facts": self.facts(),
                "summary": summary,
                "sums": self.sums(plans),
                "holds": [(hold_text(hold), number) for hold, number in summary.holds.items()],
                "sees_money": sees_money(self.request.user),
                "chosen": FATE_LABELS[chosen] if chosen else None,
                "members": self.members(page),
                "page_obj": page,
                "elided_page_range": page.paginator.get_elided_page_range(page.number),
                **kwargs,
            }
        )

    def facts(self) -> list[tuple[Any, Any]]:
        season, change = self.instance, years.year_change(self.instance)
        said: list[tuple[Any, Any]] = [
            (_("Network"), season.page.title),
            (_("Begins"), day(season.starts_on)),
            (_("Ends"), day(season.ends_on)),
            (_("Members are told from"), day(change.announce_on) if change.fee else ""),
            (_("Charged on") if change.fee else _("Members enter on"), day(change.charge_on)),
            (_("Last day to cancel"), day(change.season.last_cancellation)),
        ]
        if sees_money(self.request.user) and change.fee is not None:
            said.append((_("Price excl. VAT"), money.format_kroner(change.fee)))
        return [(label, value) for label, value in said if value]

    def sums(self, plans: list[MemberPlan]) -> list[dict[str, Any]]:
        """How many by what happens to them; the last line is the total."""
        lines = []
        for fate, label in FATE_LABELS.items():
            nets = [each.plan.net for each in plans if each.plan.fate == fate]
            if nets:
                lines.append(self._sum(label, fate, nets))
        return [*lines, self._sum(_("Total"), "", [each.plan.net for each in plans])]

    def _sum(self, label: Any, fate: str, nets: list[int]) -> dict[str, Any]:
        net = money.format_kroner(sum(nets)) if sum(nets) else ""
        return {"label": label, "fate": fate, "number": len(nets), "net": net}

    def members(self, page: Page) -> list[dict[str, Any]]:
        keys: list[UUID] = [each.key for each in page.object_list]
        rows = Membership.objects.filter(pk__in=keys)
        memberships = rows.select_related("network", "municipality", "contact").in_bulk()
        return [
            {
                "membership": memberships[each.key],
                "url": reverse("networks_membership_modeladmin_inspect", args=[quote(each.key)]),
                "text": self._besides_state(plan_text(each.plan, each.ends_on), each.plan.fate),
                "net": money.format_kroner(each.plan.net) if each.plan.net else "",
                "state": status_tag(
                    FATE_LABELS[each.plan.fate], FATE_TONES.get(each.plan.fate, NEUTRAL)
                ),
            }
            for each in page.object_list
            if each.key in memberships
        ]

    @staticmethod
    def _besides_state(text: Any, fate: Any) -> Any:
        """What the state beside it doesn't say already."""
        return "–" if str(text) == str(FATE_LABELS[fate]) else text


class RunNowForm(forms.Form):
    """``is_early``: something is done before its date, which is to be confirmed."""

    confirmed = forms.BooleanField(
        label=_("Yes, earlier than its date"),
        error_messages={"required": _("Confirm that it is to be done earlier than its date.")},
    )

    def __init__(self, *args: Any, is_early: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_early:
            del self.fields["confirmed"]


class RunNowView(ServicePage, ActionView):
    name = "run"
    label = _("Run the year change now")
    icon_name = "calendar-check"
    form_class = RunNowForm
    success_message = _("The year change is under way. Load the page again to see how far it is.")
    instance: Season

    @classmethod
    def fits(cls, instance: Season) -> bool:
        return instance.ends_on is not None and instance.ends_on >= timezone.localdate()

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return years.with_terms(rows)

    def get_page_title(self) -> Any:
        return self.label

    @cached_property
    def now(self) -> renewal.Outcome:
        return renewal.outlook(self.instance, early=True)

    @cached_property
    def due(self) -> renewal.Outcome:
        return renewal.outlook(self.instance)

    def get_form_kwargs(self) -> dict[str, Any]:
        is_early = (self.now.announced, self.now.charged, self.now.free) != (
            self.due.announced,
            self.due.charged,
            self.due.free,
        )
        return {**super().get_form_kwargs(), "is_early": is_early}

    def explanation(self) -> str:
        now, change = self.now, years.year_change(self.instance)
        if not (now.announced or now.charged or now.free):
            return _t("There is nothing to be done now: see what happens to whom, and when.")
        parts = [
            (now.announced, _t("%(number)s are told of the price")),
            (now.charged, _t("%(number)s are charged")),
            (now.free, _t("%(number)s enter free of charge")),
            (now.held.total(), _t("%(number)s are held back")),
        ]
        said = ", ".join(text % {"number": number} for number, text in parts if number)
        text = _t("Now: %(what)s. Nobody is charged before %(days)s days after being told.") % {
            "what": said,
            "days": rules.NOTICE.days,
        }
        dates = _t("Its own dates: told from %(told)s, charged on %(charged)s.") % {
            "told": day(change.announce_on),
            "charged": day(change.charge_on),
        }
        return f"{text} {dates}"

    def perform(self, data: dict[str, Any]) -> None:
        renewal.start_early(self.instance.pk, user_id=self.request.user.pk)  # type: ignore[arg-type]


class YearAdmin(RowAdmin):
    model = Season
    policy = year_policy
    menu_label = _("Year change")
    menu_icon = "calendar-alt"
    index_view_class = YearIndexView
    inspect_view_class = YearInspectView
    actions = (RunNowView,)
