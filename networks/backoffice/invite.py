"""Inviting somebody to a network that is by invitation."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import BackofficeView
from networks.backoffice.actions import ServicePage
from networks.models import NetworkPage
from networks.policies import visible_networks
from networks.rules.eligibility import Policy
from networks.services import invitations


class InviteForm(forms.Form):
    """Which network, and whom."""

    network = forms.ModelChoiceField(
        label=_("Network"),
        queryset=NetworkPage.objects.none(),
        help_text=_("Only networks that are by invitation."),
    )
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail"),
        help_text=_("The invitation opens the form for this address alone."),
    )

    def __init__(self, *args: Any, networks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].queryset = networks  # type: ignore[attr-defined]


class InviteView(ServicePage, BackofficeView):
    """Mails a personal link to the form; it works for 60 days."""

    name = "invite"
    permission = "add"
    label = _("Invite to a network")
    icon_name = "mail"
    form_class = InviteForm

    def get_form_kwargs(self) -> dict[str, Any]:
        networks = visible_networks(self.request.user).filter(live=True)
        return {
            **super().get_form_kwargs(),
            "networks": networks.filter(eligibility=Policy.INVITATION),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "submit_label": _("Send the invitation"),
                "cancel_url": self.get_success_url(),
                **kwargs,
            }
        )
        return context

    def perform(self, data: dict[str, Any]) -> str:
        invitations.invite(data["network"].facts, email=data["email"], actor=self.actor)
        return _t("The invitation to %(network)s is on its way.") % {"network": data["network"]}

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url("index"))
