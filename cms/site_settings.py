"""Settings of a site that every page reads: kept in the cache, forgotten when saved."""

from typing import Any, Self

from django.core.cache import cache
from wagtail.contrib.settings.models import BaseSiteSetting

#: Another machine's change is seen after this at the latest, where the cache isn't shared.
SECONDS = 60


class CachedSiteSetting(BaseSiteSetting):
    """Read through ``of``: no query while it is in the cache, and no row written by reading."""

    class Meta:
        abstract = True

    @classmethod
    def _key(cls, site_id: int | None) -> str:
        return f"setting.{cls._meta.label_lower}.{site_id}"

    @classmethod
    def of(cls, site_id: int | None) -> Self:
        """The site's row, or an unsaved one with the defaults."""
        found: Self | None = cache.get(cls._key(site_id))
        if found is None:
            rows = cls._default_manager.filter(site_id=site_id)
            found = rows.select_related(*(cls.select_related or [])).first() or cls()
            cache.set(cls._key(site_id), found, SECONDS)
        return found

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        cache.delete(self._key(self.site_id))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        cache.delete(self._key(self.site_id))
        return super().delete(*args, **kwargs)
