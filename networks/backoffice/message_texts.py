"""The texts of messages: which there are, and whose text each has."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import NEUTRAL, POSITIVE, WAITING, status_tag
from cms.messages import kinds
from cms.messages.kinds import MessageKind
from cms.messages.models import MessageTemplate
from networks.backoffice.message_text import EditTextView, PreviewView, UsualTextView
from networks.backoffice.texts_of import TextsView
from networks.policies import message_text_policy


class TextIndexView(TextsView):
    """Every kind of message, and whose text it has in each language."""

    name = "index"
    template_name = "networks/backoffice/message_texts.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(self.get_context_data())
        return response

    def get_page_title(self) -> Any:
        return self.model_admin.get_menu_label()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            **context,
            "networks": self.networks,
            "network": self.network,
            "sees_site": self.sees_site,
            "languages": [label for _code, label in settings.LANGUAGES],
            "groups": self.groups(),
        }

    def groups(self) -> list[dict[str, Any]]:
        own = self.own_texts()
        groups: dict[Any, list[dict[str, Any]]] = {}
        for kind in kinds.registered():
            if self.network is None or kind.of_one_network:
                line = {"kind": kind, "languages": self.languages_of(kind, own)}
                groups.setdefault(kind.group, []).append(line)
        return [{"label": group.label, "lines": lines} for group, lines in groups.items()]

    def own_texts(self) -> set[tuple[str, str, str]]:
        rows = MessageTemplate.objects.filter(scope__in={self.scope, ""}).exclude(body="")
        return set(rows.values_list("template", "scope", "language"))

    def languages_of(
        self, kind: MessageKind, own: set[tuple[str, str, str]]
    ) -> list[dict[str, Any]]:
        return [
            {
                "label": label,
                "url": self.address("edit", kind=kind.template, language=code),
                "tag": self._tag(kind, code, own),
            }
            for code, label in settings.LANGUAGES
        ]

    def _tag(self, kind: MessageKind, language: str, own: set[tuple[str, str, str]]) -> Any:
        if self.network and (kind.template, self.scope, language) in own:
            return status_tag(_t("The network's own"), POSITIVE)
        if (kind.template, "", language) in own:
            return status_tag(_t("The site's own"), WAITING if self.network else POSITIVE)
        return status_tag(_t("Usual text"), NEUTRAL)


class MessageTextAdmin(RowAdmin):
    """No list of rows: a kind without a text of its own has none."""

    model = MessageTemplate
    policy = message_text_policy
    menu_label = _("Texts")
    menu_icon = "edit"
    index_view_class = TextIndexView
    pages = (EditTextView, PreviewView, UsualTextView)

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        base, name_of = self.url_helper.base_url_path, self.url_helper.get_action_url_name
        return (
            re_path(rf"^{base}/$", self.index_view, name=name_of("index")),
            *(self._pattern(page, rf"^{base}/{page.name}/$") for page in self.pages),
        )
