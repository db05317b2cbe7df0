"""What the screens of messages' texts share: whose texts they are about."""

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property
from django.utils.http import urlencode

from cms.backoffice.rows import BackofficeView
from networks.models import NetworkPage
from networks.policies import SEES_ALL_NETWORKS, visible_networks
from networks.services.scopes import scope_of


class TextsView(BackofficeView):
    """A page about the texts of one network, or (no network chosen) of the whole site."""

    @cached_property
    def networks(self) -> list[NetworkPage]:
        """Those whose texts the user may see; a translation's messages are its original's."""
        rows = visible_networks(self.request.user).select_related("locale")
        return [row for row in rows if not row.alias_of_id and not row.holds_texts_only]

    @cached_property
    def sees_site(self) -> bool:
        return bool(self.request.user.has_perm(SEES_ALL_NETWORKS))

    @cached_property
    def network(self) -> NetworkPage | None:
        """The chosen one; without a choice the site, or the first network of a coordinator."""
        key = self.request.GET.get("network", "")
        if key:
            found = next((row for row in self.networks if str(row.pk) == key), None)
            if found is None:
                raise Http404
            return found
        if self.sees_site:
            return None
        if not self.networks:
            raise Http404
        return self.networks[0]

    @property
    def scope(self) -> str:
        return scope_of(self.network) if self.network else ""

    @cached_property
    def may_change(self) -> bool:
        return bool(self.policy.user_has_permission(self.request.user, "change"))

    def address(self, page: str, **parameters: Any) -> str:
        """A page of these screens that stays with the chosen network."""
        kept = {"network": self.network.pk} if self.network else {}
        return f"{self.model_admin.row_url(page)}?{urlencode({**kept, **parameters})}"
