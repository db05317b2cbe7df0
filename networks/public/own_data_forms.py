"""The forms with which people change what is kept about them, and hand a role over."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from networks.models import HandoverKind, Municipality, NetworkPage, Unit
from networks.public.participant_form import LineField


class OwnDataForm(forms.Form):
    name = LineField(
        label=gettext_lazy("Name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    job_title = LineField(
        label=gettext_lazy("Job title"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    phone = LineField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class NewAddressForm(forms.Form):
    new_address = forms.EmailField(
        label=gettext_lazy("New work e-mail"),
        max_length=254,
        help_text=gettext_lazy("We mail a link to it. Your address changes when you use the link."),
        error_messages={"required": gettext_lazy("Write your new work e-mail.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=gettext_lazy("Language of our mails"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
    )


class HandoverForm(forms.Form):
    """Which roles go to whom. ``kinds``: (kind, label) of those that may be handed over."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What do you hand over?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what you hand over.")},
    )
    name = LineField(
        label=gettext_lazy("Your colleague's name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Write your colleague's name.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("Your colleague's work e-mail"),
        max_length=254,
        error_messages={"required": gettext_lazy("Write your colleague's work e-mail.")},
    )
    text = forms.CharField(
        label=gettext_lazy("A few words to your colleague"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(kinds) == 1:
            self.only = HandoverKind(kinds[0][0])
            del self.fields["kinds"]
        else:
            self.fields["kinds"].choices = kinds  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[HandoverKind]:
        if "kinds" not in self.fields:
            return [self.only]
        return [HandoverKind(kind) for kind in self.cleaned_data["kinds"]]


class ContactLeftForm(forms.Form):
    """A colleague tells that the contact has left."""

    network = forms.ModelChoiceField(
        label=gettext_lazy("Network"),
        queryset=NetworkPage.objects.none(),
        empty_label=gettext_lazy("Choose a network"),
        error_messages={"required": gettext_lazy("Choose a network.")},
    )
    municipality = forms.ModelChoiceField(
        label=gettext_lazy("Municipality"),
        queryset=Municipality.objects.none(),
        empty_label=gettext_lazy("Choose a municipality"),
        error_messages={"required": gettext_lazy("Choose a municipality.")},
    )
    name = LineField(
        label=gettext_lazy("Your name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your work e-mail"),
        max_length=254,
        help_text=gettext_lazy("At the municipality's own mail domain."),
        error_messages={"required": gettext_lazy("Write your work e-mail.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    job_title = LineField(label=gettext_lazy("Job title"), max_length=150, required=False)
    text = forms.CharField(
        label=gettext_lazy("What has happened?"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("For example who has left, and since when."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        networks = NetworkPage.objects.live().filter(
            unit=Unit.MUNICIPALITY,
            alias_of=None,
            locale__language_code=settings.LANGUAGE_CODE,
        )
        self.fields["network"].queryset = networks.order_by("title")  # type: ignore[attr-defined]
        municipalities = Municipality.objects.filter(merged_into=None)
        self.fields["municipality"].queryset = municipalities  # type: ignore[attr-defined]
