"""Where long words may break."""

import re
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()
ADDRESS = re.compile(r"\S+@\S+")
#: What an address may break after.
JOINTS = re.compile(r"(?<=[@.])")


@register.filter
def breakable(value: Any) -> Any:
    """An e-mail address may break after its @ and dots, and nowhere else before it must."""
    if not isinstance(value, str) or not ADDRESS.fullmatch(value):
        return value
    parts = ((part,) for part in JOINTS.split(value))
    return format_html_join(SafeString("<wbr>"), "{}", parts)
