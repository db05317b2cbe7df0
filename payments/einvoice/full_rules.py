"""The full Peppol rules: compiled Schematron (XSLT) in a directory that the operator names.

OpenPeppol and the Danish authorities publish the rules twice a year; they are no part of this site.
``PEPPOL_RULES_DIR`` names a directory with the ``.xslt`` files, and the package saxonche, which
production does not need otherwise, runs them. Where either is missing, ``NotAvailable`` says which:
nothing is ever taken for checked that was not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from lxml import etree

try:
    import saxonche
except ImportError:  # Not installed in production unless the operator wants it.
    saxonche = None

SVRL = "{http://purl.oclc.org/dsdl/svrl}"


class NotAvailable(Exception):
    """The full rules can't be run here; the text says what is missing."""


@dataclass(frozen=True)
class Failure:
    """A rule that a document breaks, in the rules' own words. Not ``is_fatal``: a warning, with
    which the document is accepted all the same."""

    rule: str
    text: str
    is_fatal: bool

    def __str__(self) -> str:
        return f"{'' if self.is_fatal else 'warning: '}{self.rule}: {self.text}"


class FullRules:
    """The rules of these files, compiled once. Raises NotAvailable; a context manager, since
    the processor holds memory outside Python."""

    def __init__(self, sheets: list[Path]) -> None:
        if saxonche is None:
            raise NotAvailable(
                "The package saxonche, which runs the Peppol rules, is not installed."
            )
        self._processor = saxonche.PySaxonProcessor(license=False)
        compiler = self._processor.new_xslt30_processor()
        self._sheets = [self._compiled(compiler, path) for path in sheets]

    @classmethod
    def configured(cls) -> "FullRules":
        """Those in ``PEPPOL_RULES_DIR``."""
        name = settings.PEPPOL_RULES_DIR
        if not name:
            raise NotAvailable("PEPPOL_RULES_DIR is not set.")
        sheets = sorted(Path(name).glob("*.xsl*"))
        if not sheets:
            raise NotAvailable(f"There is no .xslt file in PEPPOL_RULES_DIR ({name}).")
        return cls(sheets)

    @staticmethod
    def _compiled(compiler: Any, path: Path) -> Any:
        try:
            return compiler.compile_stylesheet(stylesheet_file=str(path))
        except saxonche.PySaxonApiError as error:
            raise NotAvailable(f"{path.name} is no stylesheet that can be run: {error}") from error

    def __enter__(self) -> "FullRules":
        return self

    def __exit__(self, *_error: object) -> None:
        self._sheets.clear()

    def failures(self, xml: bytes) -> list[Failure]:
        """Every rule that the document breaks, fatal or not. Raises ValueError for no XML."""
        try:
            etree.fromstring(xml)
        except etree.XMLSyntaxError as error:
            raise ValueError(str(error)) from error
        node = self._processor.parse_xml(xml_text=xml.decode())
        reports = (sheet.transform_to_string(xdm_node=node) for sheet in self._sheets)
        return [failure for report in reports for failure in _failures_in(report)]


def _failures_in(report: str) -> Iterator[Failure]:
    """Schematron's report: an assertion that failed, or a report of what must not be."""
    root = etree.fromstring(report.encode())
    for name in ("failed-assert", "successful-report"):
        for row in root.iter(f"{SVRL}{name}"):
            text = " ".join("".join(row.itertext()).split())
            is_fatal = row.get("flag", row.get("role", "fatal")) not in ("warning", "information")
            yield Failure(row.get("id", "?"), text, is_fatal)
