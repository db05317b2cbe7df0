"""Writing to many members at once."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.bulk import Prospect
from cms.bulk import BulkRun
from cms.messages import composing
from cms.messages.models import Message
from networks.backoffice.bulk import CARRY_OUT, MembershipBulkAction
from networks.models import Membership
from networks.services import correspondence

LONGEST_SUBJECT = 150


class LetterForm(forms.Form):
    """Subject and text, in each of the languages in which the members are written to."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        for language in languages:
            suffix = f" ({names[language]})" if len(languages) > 1 else ""
            self.fields[f"subject_{language}"] = forms.CharField(
                label=_t("Subject") + suffix,
                max_length=LONGEST_SUBJECT,
                widget=forms.TextInput(attrs={"autocomplete": "off", "lang": language}),
            )
            self.fields[f"text_{language}"] = forms.CharField(
                label=_t("Text") + suffix,
                help_text=_(
                    "The mail begins with the member's name, and ends by saying why they get it. "
                    "An empty line begins a new paragraph."
                ),
                widget=forms.Textarea(attrs={"rows": 10, "lang": language}),
            )


class WriteToManyView(MembershipBulkAction):
    name = "write_many"
    path = "bulk/write"
    label = _("Write to")
    submit_format = _("Send to %(number)s")
    icon_name = "mail"
    template_name = "networks/backoffice/bulk_message.html"
    form_class = LetterForm
    job = CARRY_OUT
    nothing_to_do = _("None of those chosen can be written to.")
    mail: dict[str, Any] | None = None

    def prospects(self, rows: Sequence[Membership]) -> list[Prospect]:
        first = correspondence.once_each(rows)
        return [self._prospect(row, is_first=first[row.pk]) for row in rows]

    @staticmethod
    def _prospect(row: Membership, *, is_first: bool) -> Prospect:
        if why := correspondence.obstacle(row):
            return Prospect(row, why, possible=False)
        if not is_first:
            return Prospect(row, _t("The contact gets the mail for another membership"), False)
        return Prospect(row, _t("The contact gets the mail"))

    @cached_property
    def recipients(self) -> list[Membership]:
        return [prospect.row for prospect in self.outlook if prospect.possible]

    @cached_property
    def languages(self) -> list[str]:
        """Those of the recipients, in the order of the site's."""
        wanted = {row.language for row in self.recipients}
        return [language for language, _name in settings.LANGUAGES if language in wanted]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "languages": self.languages}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if "preview" not in request.POST:
            return super().post(request)
        form = self.get_form()
        del form.fields["confirmed"]
        if form.is_valid():
            self.mail = self.preview(form.cleaned_data)
            form = self.get_form()
            form.is_bound = False
            form.initial.update({name: request.POST.get(name, "") for name in form.fields})
        return self.show(form)

    def preview(self, data: dict[str, Any]) -> dict[str, Any]:
        """The mail as the first of the recipients gets it."""
        to = self.recipients[0]
        subject, body = correspondence.as_sent(
            to, subject=data[f"subject_{to.language}"], text=data[f"text_{to.language}"]
        )
        message = Message(
            subject=subject, body=body, language=to.language, to_email=to.contact.email
        )
        return {"to": to, "subject": subject, "html": composing.as_html(message, {})}

    def start(self, data: dict[str, Any]) -> BulkRun:
        return super().start({**data, "occasion": str(uuid.uuid4())})

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        language = Membership.objects.values_list("language", flat=True).get(pk=key)
        correspondence.write(
            key,
            subject=data[f"subject_{language}"],
            text=data[f"text_{language}"],
            occasion=data["occasion"],
            actor=actor,
        )
        return _t("The mail is in the outbox")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**{"mail": self.mail, **kwargs})
        return context
