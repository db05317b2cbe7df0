"""Documents set by typst: PDF/UA-1, so that a screen reader can read them, with our own fonts."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

FONTS = [str(files("fontpkg_ibm_plex_sans") / "files")]


def typeset(template: Path, content: Mapping[str, Any]) -> bytes:
    """The PDF of a template. It reads ``content`` (every text ready to be set) as JSON, from
    ``sys.inputs.data``."""
    return typst.compile(
        str(template),
        font_paths=FONTS,
        sys_inputs={"data": json.dumps(content)},
        format="pdf",
        pdf_standards=["ua-1"],
    )
