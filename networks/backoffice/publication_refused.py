"""A version that can't be published, where no form could say so: in bulk, from a workflow."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from wagtail.admin import messages

from networks.models.publication import PublicationRefused


class PublicationRefusedMiddleware:
    """Back to where the editor came from, with a message that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, PublicationRefused) or not request.path.startswith(home):
            return None
        for message in exception.messages:
            messages.error(request, message)
        origin = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(origin, {request.get_host()})
        return redirect(origin if is_ours else home)
