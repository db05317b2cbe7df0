"""Saved views: a list as somebody filtered, searched and sorted it, under a name.

A view is its owner's. Those who may share can offer one to everybody who may open the list: it
holds a query, not rows, so that each sees in it what they may see.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms import audit
from cms.audit import Actor
from cms.policy import RowPermissionPolicy, User

SHARE = "cms.share_savedview"
#: Parts of an address that say nothing about which rows, in which order.
PASSING = frozenset({"p", "page", "export", "id", "next", "childOf", "_w_filter_fragment"})
LONGEST_QUERY = 2000


class NotSaved(Exception):
    """``reason`` is translated, for whoever wanted to save it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SavedView(models.Model):
    """``listing`` names the list by its model (``networks.membership``)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    listing = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=LONGEST_QUERY)
    is_shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        default_permissions = ()
        permissions = [("share_savedview", "Can share saved views")]
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="one_view_each_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SavedViewPolicy(RowPermissionPolicy):
    """Everybody keeps views of their own; only their owner changes or deletes them."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return user.has_perm(SHARE) if action == "share" else bool(user.pk)

    def rows(self, user: User) -> QuerySet[Any]:
        own: QuerySet[Any] = SavedView.objects.filter(user_id=user.pk or 0)
        return own


saved_view_policy = SavedViewPolicy(SavedView)


def offered(user: User, listing: str) -> QuerySet[SavedView]:
    """The user's own views of the list, and those that others share."""
    views = SavedView.objects.filter(listing=listing)
    return views.filter(Q(user_id=user.pk or 0) | Q(is_shared=True))


def essence(query: str) -> str:
    """What of a query string says which rows in which order, always written the same way."""
    pairs = [(name, value) for name, value in parse_qsl(query) if name not in PASSING and value]
    return urlencode(sorted(pairs))


@transaction.atomic
def save(
    *, user: Any, listing: str, name: str, query: str, is_shared: bool = False, actor: Actor
) -> SavedView:
    """Keep the query under the name; a view of the user's with that name gets the new query.

    Raises NotSaved when there is nothing to keep, or too much.
    """
    kept = essence(query)
    if not kept:
        raise NotSaved(_t("Nothing is filtered, searched or sorted: there is nothing to save."))
    if len(kept) > LONGEST_QUERY:
        raise NotSaved(_t("The filter is too long to be saved."))
    is_shared = is_shared and saved_view_policy.user_has_permission(user, "share")
    view, _created = SavedView.objects.update_or_create(
        user=user, listing=listing, name=name, defaults={"query": kept, "is_shared": is_shared}
    )
    audit.record(
        actor=actor, action="saved_view.saved", subject=view, listing=listing, shared=is_shared
    )
    return view


@transaction.atomic
def change(view_id: int, *, name: str, is_shared: bool, actor: Actor) -> SavedView:
    """Give the actor's own view another name, or share it. Raises NotSaved when the name is
    another view's."""
    view = saved_view_policy.rows(actor.user).select_for_update().get(pk=view_id)
    others = SavedView.objects.filter(user=view.user, listing=view.listing, name=name)
    if others.exclude(pk=view.pk).exists():
        raise NotSaved(_t("You have a view of this name already."))
    view.name = name
    view.is_shared = is_shared and saved_view_policy.user_has_permission(actor.user, "share")
    view.save(update_fields=["name", "is_shared"])
    audit.record(actor=actor, action="saved_view.changed", subject=view, shared=view.is_shared)
    return view


@transaction.atomic
def delete(view_id: int, *, actor: Actor) -> None:
    """Delete the actor's own view."""
    view = saved_view_policy.rows(actor.user).select_for_update().get(pk=view_id)
    audit.record(actor=actor, action="saved_view.deleted", subject=view, listing=view.listing)
    view.delete()
