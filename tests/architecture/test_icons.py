"""An icon that Wagtail doesn't have leaves an empty ring where it should be."""

import re
from pathlib import Path

from wagtail.admin.icons import get_icons

BASE_DIR = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"\b(?:header_icon|icon_name|icon name|icon) ?= ?[\"']([a-z0-9-]+)[\"']")


def named_icons() -> set[tuple[str, str]]:
    """The icons that code and templates name, each with where."""
    files = [
        path
        for folder in ("cms", "home", "networks", "payments", "templates")
        for ending in ("py", "html")
        for path in (BASE_DIR / folder).rglob(f"*.{ending}")
    ]
    return {
        (name, str(path.relative_to(BASE_DIR)))
        for path in files
        for name in NAMED.findall(path.read_text())
    }


def test_every_icon_that_is_named_is_there():
    there = set(re.findall(r'id="icon-([a-z0-9-]+)"', get_icons()))
    named = named_icons()
    assert len(named) > 50
    assert {(name, where) for name, where in named if name not in there} == set()
