"""One text of a message: writing it, seeing it with real data, giving it up again."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.history import history_of
from cms.backoffice.rows import FormPage
from cms.messages import kinds, texts
from cms.messages.kinds import MessageKind
from cms.messages.models import MessageTemplate
from cms.messages.texts import Text
from networks.backoffice import message_sample
from networks.backoffice.texts_of import TextsView
from networks.backoffice.wording import ACTION_LABELS
from networks.models import Membership, Unit
from networks.policies import membership_policy


class TextForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    body = forms.CharField(
        label=_("Text"),
        required=False,
        help_text=_(
            "An empty line begins a new paragraph. A link becomes a button when it stands on a "
            "line of its own, below the line that says what the button says."
        ),
        widget=forms.Textarea(attrs={"rows": 18}),
    )

    def __init__(self, *args: Any, kind: MessageKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for field, messages in texts.problems_of(self.kind, data["subject"], data["body"]).items():
            for message in messages:
                self.add_error(field, message)
        return data


class TextView(TextsView):
    """A page about one kind's text in one language."""

    @cached_property
    def kind(self) -> MessageKind:
        kind = kinds.find(self.request.GET.get("kind", ""))
        if kind is None or (self.network and not kind.of_one_network):
            raise Http404
        return kind

    @cached_property
    def language(self) -> str:
        language = self.request.GET.get("language", settings.LANGUAGE_CODE)
        if language not in dict(settings.LANGUAGES):
            raise Http404
        return language

    @property
    def here(self) -> dict[str, str]:
        return {"kind": self.kind.template, "language": self.language}

    def get_page_title(self) -> Any:
        return f"{self.kind.label} ({dict(settings.LANGUAGES)[self.language]})"

    @cached_property
    def row(self) -> MessageTemplate | None:
        return MessageTemplate.objects.filter(
            template=self.kind.template, scope=self.scope, language=self.language
        ).first()

    @property
    def own(self) -> Text | None:
        row = self.row
        return Text(row.subject, row.body) if row and row.body else None

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]

    # The sample -----------------------------------------------------------------------------

    @cached_property
    def memberships(self) -> list[Membership]:
        visible = membership_policy.instances_user_has_permission_for(self.request.user, "view")
        return message_sample.candidates(visible, self.network)

    @cached_property
    def sample(self) -> message_sample.Sample | None:
        """With the chosen membership, else the latest that fits."""
        chosen = self.request.GET.get("membership", "")
        first = [each for each in self.memberships if str(each.pk) == chosen]
        return self.sample_of([*first, *self.memberships])

    def sample_of(self, memberships: list[Membership]) -> message_sample.Sample | None:
        """The first that fits, else an invented one."""
        network = self.network or next(iter(self.networks), None)
        last = [message_sample.invented(network)] if network else []
        return message_sample.sample_for(self.kind, [*memberships, *last])

    def preview(self, text: Text | None) -> dict[str, Any]:
        """The mail with this text (None: the one that applies without an own)."""
        if self.sample is None:
            return {}
        with texts.in_language(self.language):
            if text and texts.problems_of(self.kind, *text):
                return {}
            filled = (
                texts.fill(self.kind, text, self.sample.context)
                if text
                else texts.usual(self.kind.template, self.sample.context)
            )
        mail = message_sample.as_mail(self.sample, filled, self.language)
        return {"preview_subject": filled.subject, "preview_html": mail}

    @cached_property
    def sites_own(self) -> Text | None:
        """The text that the site has in place of the usual one, for a network's screen."""
        return texts.find(self.kind, language=self.language, scope="") if self.network else None

    @cached_property
    def fallback(self) -> Text | None:
        """What applies without a text of one's own, with names in the places of values: for a
        network the site's own, if there is one, else the usual text."""
        if self.sites_own:
            return self.sites_own
        # Where a person is the member, member and recipient have one name: the least telling.
        telling = sorted(self.memberships, key=lambda membership: membership.unit == Unit.PERSON)
        sample = self.sample_of(telling)
        if sample is None:
            return None
        with texts.in_language(self.language):
            usual = texts.usual(self.kind.template, sample.context)
            return texts.as_template(self.kind, usual, sample.context)


class EditTextView(FormPage, TextView):
    name = "edit"
    template_name = "networks/backoffice/message_text.html"
    success_message = _("The text is saved. Mails written from now on have it.")
    form_class = TextForm

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if not self.may_change:
            raise PermissionDenied
        return super().post(request)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "kind": self.kind}

    def get_form(self) -> forms.Form:
        form = super().get_form()
        for field in form.fields.values():
            field.disabled = not self.may_change
        return form

    def get_initial(self) -> dict[str, Any]:
        text = self.own or self.fallback
        return text._asdict() if text else {}

    def perform(self, data: dict[str, Any]) -> None:
        texts.save_text(
            self.kind,
            scope=self.scope,
            language=self.language,
            actor=self.actor,
            **data,
        )

    def get_success_url(self) -> str:
        return self.address("edit", **self.here)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            **context,
            "kind": self.kind,
            "network": self.network,
            "own": self.own,
            "fallback": self.fallback,
            "fallback_is_sites": self.sites_own is not None,
            "may_change": self.may_change,
            "memberships": self.memberships,
            "sample": self.sample,
            "is_invented": self.sample is not None and self.sample.membership._state.adding,
            "languages": [
                {
                    "label": label,
                    "url": self.address("edit", kind=self.kind.template, language=code),
                    "is_current": code == self.language,
                }
                for code, label in settings.LANGUAGES
            ],
            "usual_url": self.address("usual", **self.here),
            "cancel_url": self.address("index"),
            "preview_url": self.address("preview", **self.here, **self.chosen),
            "history": history_of(self.row, ACTION_LABELS) if self.row else [],
            **self.preview(self.own or self.sites_own),
        }

    @property
    def chosen(self) -> dict[str, str]:
        return {"membership": str(self.sample.membership.pk)} if self.sample else {}


class PreviewView(TextView):
    """The mail with the text in the form, as a fragment of the editor's page. Nothing is kept."""

    name = "preview"
    template_name = "networks/backoffice/message_preview.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TextForm(request.POST, kind=self.kind)
        text = Text(request.POST.get("subject", ""), request.POST.get("body", ""))
        context = {"form": form, "sample": self.sample}
        if form.is_valid():
            context |= self.preview(text)
        response: HttpResponse = self.render_to_response(context)
        return response


class UsualTextView(FormPage, TextView):
    """Back to the text that applies without one's own."""

    name = "usual"
    permission = "change"
    success_message = _("The usual text applies again.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "explanation": _t("Your own text is given up; the history keeps that it was."),
                "submit_label": _t("Back to the usual text"),
                "is_serious": True,
                "cancel_url": self.address("edit", **self.here),
                **kwargs,
            }
        )
        return context

    def perform(self, data: dict[str, Any]) -> None:
        texts.back_to_usual(
            self.kind,
            scope=self.scope,
            language=self.language,
            actor=self.actor,
        )

    def get_success_url(self) -> str:
        return self.address("edit", **self.here)
