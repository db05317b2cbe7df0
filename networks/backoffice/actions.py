"""Actions through the services of networks: what these refuse becomes an error in the form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import FormPage
from networks.rules.states import TransitionNotAllowed
from networks.services.errors import NotPossible
from networks.services.paying import PaymentUnavailable

REFUSALS = (NotPossible, TransitionNotAllowed, PaymentUnavailable)


class ServicePage(FormPage):
    """A form whose POST calls a service on behalf of the signed-in user."""

    refusals = REFUSALS

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]

    def refusal_text(self, error: Exception) -> Any:
        if isinstance(error, NotPossible):
            return error.message
        if isinstance(error, PaymentUnavailable):
            return _("Stripe does not answer at the moment. Nothing was changed; try again.")
        return _("That can't be done now: the state has changed.")


class ReasonForm(forms.Form):
    """Why: kept in the history."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept in the history; not sent to anyone."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class OptionalReasonForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
