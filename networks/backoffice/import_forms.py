"""Forms of an import: the file, what its columns are, and the yes."""

from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from networks.backoffice.import_wording import COLUMN_LABELS, MISSING_TEXTS, fault_text
from networks.models import ORGANISATION_CHOICES, MemberImport, NetworkPage, Season
from networks.rules.eligibility import OrganisationKind, Policy
from networks.rules.import_columns import Column, missing, told_twice
from networks.rules.import_files import MAX_BYTES, MAX_ROWS, Fault
from networks.services.import_context import dated_seasons
from networks.services.importing import columns_of

#: Rows whose values are shown beside a column.
SAMPLES = 3


class UploadForm(forms.Form):
    network = forms.ModelChoiceField(label=_("Network"), queryset=NetworkPage.objects.none())
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"empty": _("The file is empty.")},
    )

    def __init__(self, *args: Any, networks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].queryset = networks  # type: ignore[attr-defined]
        self.fields["file"].help_text = _(
            "CSV or XLSX with a row of headings; at most %(rows)s rows and %(megabytes)s MB."
        ) % {"rows": MAX_ROWS, "megabytes": MAX_BYTES // 1024**2}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(fault_text(Fault.TOO_BIG))
        return file


class ColumnsForm(forms.Form):
    """The season up to which all is settled, what organisations are, and a choice for each column
    of the file."""

    season = forms.ModelChoiceField(
        label=_("Settled up to and including the season"),
        queryset=Season.objects.none(),
        help_text=_(
            "Nothing is charged for it, nor for earlier ones. Later seasons are charged as usual "
            "by the year change."
        ),
    )

    organisation_kind = forms.ChoiceField(
        label=_("Organisations that are no municipality are"),
        choices=[
            ("", _("As a column says")),
            *(choice for choice in ORGANISATION_CHOICES if choice != ORGANISATION_CHOICES[0]),
        ],
        required=False,
        help_text=_("Unless a column for the kind of organisation says otherwise."),
    )

    def __init__(self, *args: Any, waiting: MemberImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = waiting
        if waiting.network.eligibility == Policy.MUNICIPALITIES:
            del self.fields["organisation_kind"]
        seasons = dated_seasons(waiting.network)
        if seasons:
            chosen = Season.objects.filter(pk__in=[season.pk for season in seasons])
            self.fields["season"].queryset = chosen.order_by("starts_on")  # type: ignore[attr-defined]
        else:
            del self.fields["season"]
        guessed = columns_of(waiting)
        choices = [("", _("Not used")), *((key.value, text) for key, text in COLUMN_LABELS.items())]
        for place, heading in enumerate(waiting.headings):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or _("Without a heading"),
                choices=choices,
                required=False,
                initial=guessed.get(place, ""),
            )

    def column_fields(self) -> list[tuple[Any, list[str]]]:
        """Each choice, with the first values of its column."""
        return [
            (self[f"column_{place}"], self._samples(place))
            for place, _heading in enumerate(self.waiting.headings)
        ]

    def _samples(self, place: int) -> list[str]:
        values = (cells[place] for _number, cells in self.waiting.rows)
        return list(islice(filter(None, values), SAMPLES))

    @property
    def columns(self) -> dict[int, Column]:
        said = {
            place: self.cleaned_data.get(f"column_{place}")
            for place, _heading in enumerate(self.waiting.headings)
        }
        return {place: Column(column) for place, column in said.items() if column}

    @property
    def kind(self) -> OrganisationKind | None:
        said = self.cleaned_data.get("organisation_kind")
        return OrganisationKind(said) if said else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        told = set(self.columns.values())
        is_asked = "organisation_kind" in self.fields and Column.ORGANISATION in told
        if is_asked and Column.KIND not in told and self.kind is None:
            self.add_error("organisation_kind", _("Say what kind of organisation they are."))
        for column in told_twice(self.columns):
            text = _("Two columns are: %(column)s. Choose one.")
            self.add_error(None, text % {"column": COLUMN_LABELS[column]})
        for lacking in missing(self.columns):
            self.add_error(None, MISSING_TEXTS[lacking])
        return data


class TakeInForm(forms.Form):
    """``digest``: of the plan that was shown. Above capacity needs the word and a reason."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    above_capacity = forms.BooleanField(label=_("Accept above capacity"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept in the history; not sent to anyone."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, exceeds: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not exceeds:
            del self.fields["above_capacity"]
        self.exceeds = exceeds

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.exceeds and not data.get("above_capacity"):
            self.add_error("above_capacity", _("Not so many places are left."))
        if self.exceeds and not data.get("reason"):
            self.add_error("reason", _("Going above capacity needs a reason."))
        return data
