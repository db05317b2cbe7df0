"""Wagtail's indexes of who refers to what, and of searched texts: more than half of what making
a page takes, and read by next to no test. The tests in a browser keep them."""

from typing import Any

from django_tasks.backends.base import BaseTaskBackend
from django_tasks.backends.immediate import ImmediateBackend

KEPT = {"default": {"BACKEND": f"{ImmediateBackend.__module__}.{ImmediateBackend.__name__}"}}


class LeftAlone(BaseTaskBackend):
    """Wagtail's tasks are these indexes and nothing else: none is run."""

    supports_defer = supports_async_task = supports_priority = True

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> None:
        return None
