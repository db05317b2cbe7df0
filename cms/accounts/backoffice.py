"""A colleague's sign-in in the administration: for administrators (superusers) alone.

Who could reset another's second factor and knew their mailbox could sign in as them; hence no
role has it.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms import audit
from cms.accounts import invitations, lockout, second_factor
from cms.audit import Actor

#: AuditEntry.action → what happened.
ACTION_LABELS = {
    "user.invited": _("Invited"),
    "user.password_changed": _("Password changed"),
    "user.second_factor_added": _("Second step set up"),
    "user.second_factor_removed": _("Second step removed"),
    "user.second_factor_reset": _("Second step reset"),
    "user.recovery_codes_new": _("New recovery codes"),
    "user.unlocked": _("Unlocked"),
    "user.entra_linked": _("Account linked"),
    "user.entra_unlinked": _("Account unlinked"),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("How you made sure that it is them, such as by telephone."),
        max_length=300,
    )


class SignInView(WagtailAdminTemplateMixin, View):
    """How a user signs in, and what an administrator can do about it. Buttons act on POST."""

    template_name = "accounts/sign_in.html"
    header_icon = "user"
    page_title = _("Sign-in")
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (request.user.is_active and request.user.is_superuser):
            raise PermissionDenied
        self.user = get_object_or_404(User, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return self._show(ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        actor = Actor.by(request.user)  # type: ignore[arg-type]
        form = ReasonForm()
        match request.POST.get("action"):
            case "invite" if not self.user.has_usable_password():
                invitations.invite(actor=actor, user=self.user)
                messages.success(request, _("The invitation is on its way."))
            case "unlock":
                lockout.unlock(actor=actor, user=self.user)
                messages.success(request, _("The user can try again."))
            case "reset":
                form = ReasonForm(request.POST)
                if not form.is_valid():
                    return self._show(form)
                reason = form.cleaned_data["reason"]
                second_factor.reset(actor=actor, user=self.user, reason=reason)
                messages.success(request, _("The second step is reset."))
        return redirect("accounts_sign_in", pk=self.user.pk)

    def _show(self, form: forms.Form) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form,
                user_shown=self.user,
                authenticators=Authenticator.objects.filter(user=self.user).order_by("pk"),
                sessions=UserSession.objects.filter(user=self.user).count(),
                is_locked_out=lockout.is_locked_out(self.user),
                entries=self._history(),
            )
        )
        return response

    def _history(self) -> list[tuple[audit.AuditEntry, Any]]:
        entries = audit.history(self.user)[:10]
        return [(entry, ACTION_LABELS.get(entry.action, entry.action)) for entry in entries]

    def get_page_subtitle(self) -> str:
        return self.user.get_full_name() or self.user.get_username()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        users = {"url": reverse("wagtailusers_users:index"), "label": _("Users")}
        person = {
            "url": reverse("wagtailusers_users:edit", args=[self.user.pk]),
            "label": self.get_page_subtitle(),
        }
        here = {"url": "", "label": self.page_title}
        return [*self.breadcrumbs_items, users, person, here]
