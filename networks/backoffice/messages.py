"""The outbox in the administration: what was mailed to whom, and what did not arrive."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import DayColumn, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import InspectView
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from cms.messages import kinds, outbox
from cms.messages.models import DID_NOT_ARRIVE, Message, MessageState
from networks.backoffice.bulk_messages import HandleManyView, SendManyAgainView
from networks.backoffice.filters import networks_of
from networks.backoffice.membership_page import when
from networks.backoffice.message_actions import (
    HandleView,
    SendAgainView,
    StopView,
    TakeUpAgainView,
)
from networks.backoffice.wording import ACTION_LABELS, message_state, message_tone, shown_body
from networks.models import Membership, NetworkPage
from networks.policies import membership_policy, message_policy, visible_networks
from networks.services.scopes import network_key, scope_of


def kind_label(message: Message) -> Any:
    """What people call it; a kind that is gone keeps the name of its template."""
    kind = kinds.find(message.template)
    return kind.label if kind else message.template.replace("_", " ")


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.template, kind.label) for kind in kinds.registered()]


class MessageFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=MessageState.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    task = django_filters.ChoiceFilter(
        label=_("To do"),
        choices=[("returning", _("Came back, and nothing has reached the address since"))],
        empty_label=_("All"),
        method="to_do",
        widget=forms.RadioSelect,
    )
    handled = django_filters.ChoiceFilter(
        label=_("Did not arrive"),
        choices=[("no", _("Not handled")), ("yes", _("Handled"))],
        empty_label=_("All"),
        method="handled_or_not",
        widget=forms.RadioSelect,
    )
    template = django_filters.ChoiceFilter(
        label=_("Kind of message"), choices=kind_choices, empty_label=_("All")
    )
    network = django_filters.ModelChoiceFilter(
        label=_("Network"), queryset=networks_of, empty_label=_("All"), method="of_network"
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=_("Written"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Message
        fields: list[str] = []

    def of_network(
        self, messages: QuerySet[Message], name: str, network: NetworkPage
    ) -> QuerySet[Message]:
        return messages.filter(scope=scope_of(network))

    def handled_or_not(
        self, messages: QuerySet[Message], name: str, value: str
    ) -> QuerySet[Message]:
        """Of those that did not arrive: whether somebody has said that nothing is left to do."""
        return messages.filter(state__in=DID_NOT_ARRIVE, handled_at__isnull=value == "no")

    def to_do(self, messages: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return messages.filter(pk__in=outbox.returning().values("pk"))


class MessageIndexView(RowIndexView):
    title_column = ("subject", _("Subject"))
    default_ordering = "-created_at"
    search_fields = ("to_name", "to_email", "subject")
    filterset_class = MessageFilters
    export_filename = "mails"
    standing_views = (
        StandingView(_("Did not arrive"), "handled=no"),
        StandingView(_("On their way"), "state=queued&state=sending&state=retrying"),
        StandingView(_("Handled"), "handled=yes"),
    )

    @cached_property
    def network_titles(self) -> dict[str, str]:
        """Scope → title, of the networks that the user may see."""
        rows = visible_networks(self.request.user)
        return {scope_of(row): row.title for row in rows.only("pk", "title")}

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            *super().columns,
            Column("to", label=_("Recipient"), accessor="to_email", sort_key="to_email"),
            StatusColumn(
                "state",
                label=_("State"),
                accessor=message_state,
                sort_key="state",
                tone=message_tone,
            ),
            DayColumn("created_at", label=_("Written"), sort_key="created_at"),
        ]

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().defer("body", "attachments", "links")

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        """Who was written to about what and when, not what the mails say."""
        titles = self.network_titles
        return [
            ExportColumn(str(_("Subject")), lambda row: row.subject),
            ExportColumn(str(_("Recipient")), lambda row: row.to_name),
            ExportColumn(str(_("E-mail")), lambda row: row.to_email),
            ExportColumn(str(_("Kind of message")), lambda row: str(kind_label(row))),
            ExportColumn(str(_("Network")), lambda row: titles.get(row.scope, "")),
            ExportColumn(str(_("State")), lambda row: str(message_state(row))),
            ExportColumn(str(_("Written")), lambda row: row.created_at),
            ExportColumn(str(_("Sent")), lambda row: row.sent_at),
        ]


class MessageInspectView(InspectView):
    template_name = "networks/backoffice/message.html"

    def get_page_title(self) -> str:
        return str(self.instance.subject)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message = self.instance
        attachments = [stored["filename"] for stored in message.attachments]
        attachments += [f"{link['name']}.png" for link in message.links if link.get("qr")]
        return super().get_context_data(
            **{
                "status": status_tag(message_state(message), message_tone(message)),
                "facts": self.facts(),
                "body": shown_body(message),
                "attachments": attachments,
                "membership": self.membership(),
                "history": history_of(message, ACTION_LABELS),
                **kwargs,
            }
        )

    def facts(self) -> list[tuple[Any, Any]]:
        message = self.instance
        network = self.network()
        said: list[tuple[Any, Any]] = [
            (_("Kind of message"), kind_label(message)),
            (_("Recipient"), f"{message.to_name} <{message.to_email}>".strip()),
            (_("Network"), network.title if network else ""),
            (_("Language"), message.get_language_display()),
            (_("Written"), when(message.created_at)),
            (_("Sent"), when(message.sent_at)),
            (_("Attempts"), message.attempts),
            (_("Next attempt"), when(message.retry_at)),
            (_("Not sent after"), when(message.useful_until)),
            (_("Handled"), self.handled()),
        ]
        return [(label, value) for label, value in said if value]

    def handled(self) -> str:
        message = self.instance
        if message.handled_at is None:
            return ""
        return f"{message.get_handled_because_display()}, {when(message.handled_at)}"

    def network(self) -> NetworkPage | None:
        key = network_key(self.instance.scope)
        return visible_networks(self.request.user).filter(pk=key).first() if key else None

    def membership(self) -> dict[str, Any] | None:
        """The membership that the message is about, for those who may see it."""
        label, _separator, key = self.instance.about.partition(":")
        if label != Membership._meta.label_lower:
            return None
        visible = membership_policy.instances_user_has_permission_for(self.request.user, "view")
        row = visible.select_related("network", "municipality", "contact").filter(pk=key).first()
        if row is None:
            return None
        url = reverse("networks_membership_modeladmin_inspect", args=[quote(row.pk)])
        return {"label": str(row), "url": url}


class MessageAdmin(RowAdmin):
    model = Message
    shows_people = True
    policy = message_policy
    menu_label = _("Mails sent")
    menu_icon = "mail"
    index_view_class = MessageIndexView
    inspect_view_class = MessageInspectView
    actions = (SendAgainView, StopView, HandleView, TakeUpAgainView)
    bulk_actions = (SendManyAgainView, HandleManyView)
