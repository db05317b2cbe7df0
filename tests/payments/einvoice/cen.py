"""The rules of EN 16931, from a package that is never imported: it is here for them alone."""

from importlib.metadata import distribution
from pathlib import Path

CEN = Path(
    str(
        distribution("mcp-einvoicing-core").locate_file(
            "mcp_einvoicing_core/resources/schematron/en16931_base/CEN-EN16931-UBL.xslt"
        )
    )
)
