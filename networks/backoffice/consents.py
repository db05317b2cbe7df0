"""Consents in the administration: what the sign-up forms ask for, in which words."""

from typing import Any

from django import forms
from django.db.models import Count, Max, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.widgets.button import HeaderButton

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import RowIndexView
from cms.backoffice.rows import ActionView, BackofficeView, InspectView
from networks.backoffice.actions import ServicePage
from networks.backoffice.membership_page import when
from networks.models import Consent, NetworkPage
from networks.privacy_policies import consent_policy
from networks.services import consents


class ConsentForm(forms.Form):
    title = forms.CharField(
        label=_("Title"), max_length=150, help_text=_("For example: Newsletter. Shown to members.")
    )
    network = forms.ModelChoiceField(
        label=_("Network"),
        queryset=NetworkPage.objects.none(),
        required=False,
        empty_label=_("Every network"),
    )
    is_offered = forms.BooleanField(label=_("In the sign-up form"), required=False, initial=True)
    text = forms.CharField(
        label=_("Text"),
        max_length=1000,
        help_text=_(
            "What one says yes to, as a whole sentence: who writes, about what, how often. Another "
            "wording becomes another version; what people said yes to stays as they read it."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    text_en = forms.CharField(
        label=_("Text in English"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        networks = NetworkPage.objects.filter(alias_of=None, locale__language_code="da")
        self.fields["network"].queryset = networks.order_by("title")  # type: ignore[attr-defined]


class NewConsentView(ServicePage, BackofficeView):
    name = "new"
    permission = "add"
    label = _("New consent")
    icon_name = "plus"
    form_class = ConsentForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{"submit_label": _("Save"), "cancel_url": self.get_success_url(), **kwargs}
        )
        return context

    def perform(self, data: dict[str, Any]) -> None:
        consents.write(None, actor=self.actor, **data)

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url("index"))


class EditConsentView(ServicePage, ActionView):
    name = "edit"
    label = _("Edit")
    icon_name = "edit"
    form_class = ConsentForm
    submit_label = _("Save")
    instance: Consent

    def get_initial(self) -> dict[str, Any]:
        consent = self.instance
        newest = consent.texts.first()
        return {
            "title": consent.title,
            "network": consent.network_id,
            "is_offered": consent.is_offered,
            "text": newest.text if newest else "",
            "text_en": newest.text_en if newest else "",
        }

    def perform(self, data: dict[str, Any]) -> None:
        consents.write(self.instance, actor=self.actor, **data)


class ConsentIndexView(RowIndexView):
    title_column = ("title", _("Title"))
    title_sort_key = "title"
    default_ordering = "title"
    related = ("network",)
    search_fields = ("title",)
    row_columns = (
        Column("network", label=_("Network"), accessor="network.title"),
        BooleanColumn("is_offered", label=_("In the sign-up form")),
        Column("version", label=_("Version")),
        Column("given", label=_("Given now")),
    )

    def get_base_queryset(self) -> QuerySet[Any]:
        holds = Q(texts__given__isnull=False, texts__given__withdrawn_at__isnull=True)
        rows = super().get_base_queryset()
        return rows.annotate(
            version=Max("texts__version"), given=Count("texts__given", filter=holds, distinct=True)
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.permission_policy.user_has_permission(self.request.user, "add"):
            return []
        url = self.model_admin.row_url(NewConsentView.name)
        return [HeaderButton(NewConsentView.label, url=url, icon_name="plus", priority=10)]


class ConsentInspectView(InspectView):
    template_name = "networks/backoffice/consent.html"
    instance: Consent

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("network")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        consent = self.instance
        facts = [
            (_("Network"), consent.network or _("Every network")),
            (_("In the sign-up form"), _("Yes") if consent.is_offered else _("No")),
        ]
        holds = Q(given__withdrawn_at__isnull=True, given__isnull=False)
        texts = consent.texts.annotate(
            holds=Count("given", filter=holds),
            withdrawn=Count("given", filter=Q(given__withdrawn_at__isnull=False)),
        )
        versions = [(text, when(text.created_at)) for text in texts]
        return super().get_context_data(**{"facts": facts, "versions": versions, **kwargs})


class ConsentAdmin(RowAdmin):
    model = Consent
    policy = consent_policy
    menu_label = _("Consents")
    menu_icon = "check"
    index_view_class = ConsentIndexView
    inspect_view_class = ConsentInspectView
    pages = (NewConsentView,)
    actions = (EditConsentView,)
