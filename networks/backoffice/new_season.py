"""The next season by one button in the editor: what it will be, and a POST that makes it."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from networks.backoffice.actions import ServicePage
from networks.models import Meeting, NetworkPage, Season
from networks.models.page_form import may_edit_facts
from networks.services import new_season
from networks.services.errors import NotPossible
from payments import money


class NextSeasonForm(forms.Form):
    """Which season was shown: another than that is not made."""

    begins = forms.DateField(widget=forms.HiddenInput)


class NextSeasonView(ServicePage, WagtailAdminTemplateMixin, View):
    """For whoever may edit the facts of the page; a translation has none of its own."""

    template_name = "networks/backoffice/next_season.html"
    form_class = NextSeasonForm
    page: NetworkPage
    season: Season

    def dispatch(self, request: HttpRequest, page_id: int) -> HttpResponseBase:
        self.page = get_object_or_404(NetworkPage, pk=page_id)
        may_edit = self.page.permissions_for_user(request.user).can_edit()
        if not may_edit or not may_edit_facts(request.user) or self.page.facts != self.page:
            raise PermissionDenied
        try:
            self.season = new_season.next_season(self.page)
        except NotPossible as error:
            messages.error(request, error.message)
            return redirect(self.get_success_url())
        return super().dispatch(request)

    def get_page_title(self) -> Any:
        return _t("Make the season %(season)s") % {"season": self.season.name}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        back = {"url": self.get_success_url(), "label": self.page.get_admin_display_title()}
        return [*self.breadcrumbs_items, back, {"url": "", "label": self.get_page_title()}]

    def get_initial(self) -> dict[str, Any]:
        return {"begins": self.season.starts_on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        season = self.season
        context: dict[str, Any] = super().get_context_data(
            **{
                "page": self.page,
                "season": season,
                "span": f"{_day(season.starts_on)} – {_day(season.ends_on)}",
                "meetings": [(meeting.title, _when(meeting)) for meeting in season.meetings.all()],
                "prices": [
                    (step.meetings_left, money.format_kroner(step.price))
                    for step in season.ladder.all()
                    if step.price is not None
                ],
                "cancel_url": self.get_success_url(),
                **kwargs,
            }
        )
        return context

    def perform(self, data: dict[str, Any]) -> str:
        season = new_season.make_next_season(self.page.pk, begins=data["begins"], actor=self.actor)
        return _t(
            "The season %(season)s is in the draft. Check its dates, and confirm its prices before "
            "you publish."
        ) % {"season": season.name}

    def get_success_url(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _when(meeting: Meeting) -> str:
    """Weekday and date, or the text in place of a date."""
    if meeting.starts_at is None:
        return meeting.date_text
    weekday = date_format(meeting.starts_at, "l")
    return f"{weekday} {date_format(meeting.starts_at, 'DATETIME_FORMAT')}"
