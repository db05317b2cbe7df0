"""What a report is of: a network or all that the user may see, and a period or a day."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.reports import ReportView
from networks.models import NetworkPage
from networks.policies import visible_networks

YEARS_AT_MOST = 5


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class NetworkForm(forms.Form):
    """``networks``: those that may be chosen; none chosen is all of them."""

    network = forms.ModelChoiceField(
        label=_("Network"),
        queryset=NetworkPage.objects.none(),
        required=False,
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, networks: QuerySet[NetworkPage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].queryset = networks  # type: ignore[attr-defined]

    def chosen_networks(self) -> QuerySet[NetworkPage]:
        networks = self.fields["network"].queryset  # type: ignore[attr-defined]
        chosen = self.cleaned_data["network"]
        rows: QuerySet[NetworkPage] = networks.filter(pk=chosen.pk) if chosen else networks
        return rows


class PeriodForm(NetworkForm):
    """From and to, both included: the last twelve months unless said."""

    start = forms.DateField(label=_("From"), widget=DayInput, input_formats=["%Y-%m-%d"])
    end = forms.DateField(label=_("To"), widget=DayInput, input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].initial, self.fields["end"].initial = self.usual(timezone.localdate())

    def usual(self, today: date) -> tuple[date, date]:
        return today.replace(year=today.year - 1, day=1), today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            raise ValidationError(_("The period ends before it begins."))
        if (
            start
            and end
            and (end.year - start.year) * 12 + end.month - start.month > (YEARS_AT_MOST * 12)
        ):
            text = _t("Choose at most %(number)s years.") % {"number": YEARS_AT_MOST}
            raise ValidationError(text)
        return data


class PastPeriodForm(PeriodForm):
    """Up to today: what is to come has not happened."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("end"):
            data["end"] = min(data["end"], timezone.localdate())
        if data.get("start") and data["start"] > timezone.localdate():
            raise ValidationError(_("The period has not begun yet."))
        return data


class NetworkReportView(ReportView):
    """Of the networks whose members the user may see. Another's is not found."""

    form_class: type[NetworkForm] = PastPeriodForm
    form: NetworkForm

    @classmethod
    def networks(cls, user: Any) -> QuerySet[NetworkPage]:
        """By title; a translation's memberships are its original's."""
        return visible_networks(user).filter(alias_of__isnull=True)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"networks": self.networks(self.request.user)}

    def get_form(self) -> forms.Form:
        form = super().get_form()
        if "network" in form.errors:
            raise Http404
        assert isinstance(form, NetworkForm)
        self.form = form
        return form


def day_text(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def month_text(day: date) -> str:
    return date_format(day, "F Y")


def short_month(day: date) -> str:
    """For the axis of a picture: apr 27."""
    return f"{date_format(day, 'b')} {day:%y}"
