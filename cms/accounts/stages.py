"""The steps of a sign-in."""

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from cms.accounts import second_factor


class SecondFactorStage(AuthenticateStage):
    """The second factor, unless Entra has just asked for it."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is not None and second_factor.was_proved_to_entra(request, user):
            return False
        return bool(super()._should_handle(request))
