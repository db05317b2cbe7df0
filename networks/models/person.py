"""People: those known by their address, and the staff who look after networks."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import GroupPagePermission

from cms.searching import search_index
from networks.models.pages import NetworkPage
from networks.rules.eligibility import normalise_email


class Person(models.Model):
    """Someone known by e-mail (normalised). ``confirmed_at``: the address was proved by a link."""

    SEARCHED = ("name", "email", "job_title", "phone")

    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("work e-mail"), unique=True)
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    municipality = models.ForeignKey(
        "networks.Municipality",
        verbose_name=_("municipality"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
    )
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    #: Name and address stand for nobody any more.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        permissions = [
            ("report_person", "Can take out all that is kept about a person"),
            ("export_person", "Can export people"),
        ]
        indexes = [
            models.Index(fields=["name"], name="person_name"),
            search_index("name", "email", "job_title", "phone", name="person_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.email = normalise_email(self.email)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Coordinator(models.Model):
    """A user who looks after a network: sees and mails its members and no other's."""

    network = models.ForeignKey(
        NetworkPage,
        verbose_name=_("network"),
        on_delete=models.CASCADE,
        related_name="coordinators",
    )
    user = models.ForeignKey(
        "auth.User",
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="coordinated_networks",
    )

    class Meta:
        verbose_name = _("coordinator")
        verbose_name_plural = _("coordinators")
        constraints = [
            models.UniqueConstraint(fields=["network", "user"], name="one_coordination_each"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.network}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Coordinator.objects.filter(pk=self.pk).values_list("network_id", flat=True)
        networks = {*before, self.network_id}
        super().save(*args, **kwargs)
        for network_id in networks:
            share_page(network_id)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        deleted = super().delete(*args, **kwargs)
        share_page(self.network_id)
        return deleted


class MeetingHost(models.Model):
    """A user who hosts one meeting: sees who comes, and notes who came."""

    meeting = models.ForeignKey(
        "networks.Meeting",
        verbose_name=_("meeting"),
        on_delete=models.CASCADE,
        related_name="hosts",
    )
    user = models.ForeignKey(
        "auth.User",
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="hosted_meetings",
    )

    class Meta:
        verbose_name = _("host of a meeting")
        verbose_name_plural = _("hosts of meetings")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="one_hosting_each"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.meeting}"


def share_page(network_id: int) -> None:
    """Let exactly the network's coordinators edit drafts of its page: a group of its own has the
    right, since Wagtail gives rights on pages to groups."""
    group, _created = Group.objects.get_or_create(name=f"Koordinatorer af netværk {network_id}")
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.get_or_create(group=group, page_id=network_id, permission=change)
    group.user_set.set(
        Coordinator.objects.filter(network_id=network_id).values_list("user_id", flat=True)
    )
