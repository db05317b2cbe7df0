"""What the pages of an import have in common: who may see them, and whose list it is."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import BackofficeView
from cms.policy import User
from networks.models import MemberImport, NetworkPage
from networks.policies import membership_policy, visible_networks

#: What whoever imports may do to memberships.
PERMISSIONS = ("import", "add")


def may_import(user: User) -> bool:
    return all(membership_policy.user_has_permission(user, name) for name in PERMISSIONS)


def networks_of(user: User) -> QuerySet[NetworkPage]:
    """The networks that the user may import members of."""
    if not may_import(user):
        return NetworkPage.objects.none()
    return visible_networks(user).filter(live=True)


class ImportPage(BackofficeView):
    """For whoever may add memberships, and import them."""

    permission = "import"
    label = _("Import members")
    icon_name = "upload"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.policy.user_has_permission(request.user, "add"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def networks(self) -> QuerySet[NetworkPage]:
        return networks_of(self.request.user)


class WaitingPage(ImportPage):
    """About a list that the user has uploaded; anybody else's is not found."""

    import_id: str = ""
    #: Of one that was begun there is nothing to be decided any more.
    is_about_a_run = False

    @cached_property
    def waiting(self) -> MemberImport:
        mine = MemberImport.objects.kept().filter(
            user_id=self.request.user.pk or 0, network__in=self.networks.order_by()
        )
        if self.is_about_a_run:
            mine = mine.defer("rows")
        try:
            return mine.select_related("network", "season").get(pk=self.import_id)
        except (MemberImport.DoesNotExist, ValidationError) as error:
            raise Http404 from error

    def url_of(self, page: str) -> str:
        return str(self.model_admin.row_url(page, self.waiting.pk))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.request = request
        if may_import(request.user) and self.is_in_hand and not self.is_about_a_run:
            return redirect(self.url_of("import_run"))
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_in_hand(self) -> bool:
        return self.waiting.begun_at is not None or self.waiting.finished_at is not None
