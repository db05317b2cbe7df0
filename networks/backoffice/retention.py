"""Retention in the administration: what would be erased now and soon, and what was."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Site

from cms.audit import AuditEntry, reference
from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import RowIndexView
from cms.backoffice.rows import BackofficeView, InspectView
from networks.backoffice.membership_page import when
from networks.models import RetentionRun
from networks.privacy_policies import retention_policy
from networks.services.retention import preview
from networks.services.retention_kinds import KINDS

LABELS = {kind.key: kind.label for kind in KINDS}


def kind_label(run: RetentionRun) -> Any:
    return LABELS.get(run.kind, run.kind)


class RetentionPreviewView(BackofficeView):
    """Per kind: how long it is kept, what is due now, what will be within thirty days."""

    name = "preview"
    label = _("Retention")
    icon_name = "time"
    template_name = "networks/backoffice/retention.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        may_change = request.user.has_perm("networks.change_privacysettings")
        lines = preview(KINDS)
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                lines=lines,
                now=sum(line.now for line in lines),
                soon=sum(line.soon for line in lines),
                settings_url=_settings_url() if may_change else "",
            )
        )
        return response

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        url = self.model_admin.row_url("index")
        return [HeaderButton(_("What was erased"), url=url, icon_name="history", priority=10)]


def _settings_url() -> str:
    site = Site.objects.filter(is_default_site=True).values_list("pk", flat=True).first()
    try:
        return reverse("wagtailsettings:edit", args=["networks", "privacysettings", site])
    except NoReverseMatch:
        return ""


class RetentionIndexView(RowIndexView):
    title_column = ("pk", _("Entry"))
    default_ordering = "-ran_at"
    row_columns = (
        Column("what", label=_("What"), accessor=kind_label, sort_key="kind"),
        Column("number", label=_("Erased"), sort_key="number"),
        DateColumn("ran_at", label=_("Time"), sort_key="ran_at"),
    )


class RetentionInspectView(InspectView):
    """Which rows it was, by their keys: what they said is nowhere any more."""

    template_name = "cms/backoffice/inspect.html"

    def get_page_title(self) -> Any:
        return kind_label(self.instance)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.instance
        entry = AuditEntry.objects.filter(subject=reference(run)).first()
        facts = [
            (_("Time"), when(run.ran_at)),
            (_("Erased"), run.number),
            (_("Keys"), ", ".join(entry.data.get("keys", [])) if entry else ""),
        ]
        return super().get_context_data(**{"facts": facts, **kwargs})


class RetentionAdmin(RowAdmin):
    model = RetentionRun
    policy = retention_policy
    menu_label = _("What was erased")
    menu_icon = "history"
    index_view_class = RetentionIndexView
    inspect_view_class = RetentionInspectView
    pages = (RetentionPreviewView,)
