"""The municipalities as tiles, each about where it lies. The layout is data: see
``networks/data/municipality_tiles.csv``, laid out by hand from their positions."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.backoffice.charts import WIDTH, Picture
from networks.services.statistics_coverage import Covered, Standing

LAYOUT = Path(__file__).resolve().parents[2] / "data" / "municipality_tiles.csv"
STANDING_LABELS = {
    Standing.MEMBER: _("Member"),
    Standing.WAITING: _("Waiting"),
    Standing.FORMER: _("Former member"),
    Standing.NONE: _("Never a member"),
}
#: Stands in the tile beside its colour and pattern.
SIGNS = {Standing.MEMBER: "●", Standing.WAITING: "◐", Standing.FORMER: "○", Standing.NONE: ""}
KEY_HEIGHT = 34
GAP = 3


@dataclass(frozen=True)
class Tile:
    """Where a municipality stands, counted from the top left, and its three letters."""

    short: str
    column: int
    row: int


@cache
def layout() -> dict[str, Tile]:
    """Municipality code → tile."""
    with LAYOUT.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Tile(row["short"], int(row["column"]), int(row["row"]))
            for row in csv.DictReader(file)
        }


class TileMap(Picture):
    template_name = "networks/backoffice/reports/tile_map.svg"

    def __init__(self, title: Any, description: Any, rows: Sequence[Covered]) -> None:
        super().__init__(title, description)
        self.rows = rows

    def drawing(self) -> dict[str, Any]:
        tiles = layout()
        columns = max(tile.column for tile in tiles.values()) + 1
        size = WIDTH // columns
        height = (max(tile.row for tile in tiles.values()) + 1) * size
        return {
            "width": WIDTH,
            "height": KEY_HEIGHT + height,
            "size": size - GAP,
            "middle": (size - GAP) // 2,
            "key": self._key(),
            "tiles": [
                self._tile(covered, tiles[covered.municipality.code], size)
                for covered in self.rows
                if covered.municipality.code in tiles
            ],
        }

    def _tile(self, covered: Covered, tile: Tile, size: int) -> dict[str, Any]:
        return {
            "name": covered.municipality.name,
            "standing": covered.standing,
            "label": STANDING_LABELS[covered.standing],
            "sign": SIGNS[covered.standing],
            "short": tile.short,
            "x": tile.column * size,
            "y": KEY_HEIGHT + tile.row * size,
        }

    def _key(self) -> list[dict[str, Any]]:
        found, x = [], 0
        for standing, label in STANDING_LABELS.items():
            text = f"{label} {SIGNS[standing]}".strip()
            found.append({"standing": standing, "label": text, "x": x, "text_x": x + 24})
            x += 54 + 8 * len(text)
        return found
