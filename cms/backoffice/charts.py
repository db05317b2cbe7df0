"""Pictures of numbers as SVG, drawn on the server: they need no JavaScript, and a screen reader is
told their title and description; the table beside them holds every number.

Colour never says something alone: lines differ in dash and mark, bars in pattern, and each is
named. Coordinates are strings, since a template would write them with the language's comma.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator
from wagtail.admin.ui.components import Component

#: What can be told apart at a glance.
MOST_LINES = 6
WIDTH = 760
_LABEL_GAP = 16.0
#: Of characters, beside a line and before a bar.
_BESIDE, _BEFORE = 19, 36


def _n(value: float) -> str:
    return f"{value:.1f}"


def scale_of(largest: float) -> list[int]:
    """Whole numbers from 0 to the first that holds the largest, at most five steps."""
    step = 1
    while largest > 5 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    steps = max(-(-int(largest) // step), 1)
    return [step * number for number in range(steps + 1)]


class Picture(Component):
    """``title`` and ``description`` say in words what the picture shows."""

    def __init__(self, title: Any, description: Any) -> None:
        self.title, self.description = title, description

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"title": self.title, "description": self.description, **self.drawing()}

    def drawing(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True)
class Series:
    label: str
    values: Sequence[int]


class LineChart(Picture):
    """Numbers over time, a line each. ``ticks``: what stands below each step."""

    template_name = "cms/backoffice/charts/lines.svg"
    left, right, top, bottom, height = 44, 190, 14, 30, 320

    def __init__(
        self, title: Any, description: Any, *, ticks: Sequence[str], series: Sequence[Series]
    ) -> None:
        super().__init__(title, description)
        self.ticks, self.series = ticks, series[:MOST_LINES]

    def drawing(self) -> dict[str, Any]:
        grid = scale_of(max((max(each.values) for each in self.series), default=0))
        floor = self.height - self.bottom

        def x(step: int) -> float:
            wide = WIDTH - self.left - self.right
            return self.left + wide * step / max(len(self.ticks) - 1, 1)

        def y(value: float) -> float:
            return floor - (floor - self.top) * value / grid[-1]

        return {
            "width": WIDTH,
            "height": self.height,
            "grid": [(_n(y(value)), value) for value in grid],
            "grid_from": self.left,
            "grid_to": WIDTH - self.right,
            "ticks": [(_n(x(step)), self.ticks[step]) for step in shown_steps(len(self.ticks), 7)],
            "tick_line": floor + 20,
            "lines": self._lines(x, y),
        }

    def _lines(self, x: Any, y: Any) -> list[dict[str, Any]]:
        heights = spread([y(each.values[-1]) for each in self.series], self.height - self.bottom)
        return [
            {
                "number": number,
                "points": " ".join(f"{_n(x(at))},{_n(y(n))}" for at, n in enumerate(each.values)),
                "marks": [(_n(x(at)), _n(y(each.values[at]))) for at in self._marked()],
                "label": Truncator(each.label).chars(_BESIDE),
                "value": each.values[-1],
                "label_x": _n(x(len(self.ticks) - 1) + 12),
                "label_y": _n(height + 4),
            }
            for number, (each, height) in enumerate(zip(self.series, heights, strict=True), start=1)
        ]

    def _marked(self) -> list[int]:
        return shown_steps(len(self.ticks), 13)


def shown_steps(number: int, most: int) -> list[int]:
    """Evenly chosen steps with the last among them."""
    every = -(-number // most)
    return list(range(number - 1, -1, -every))[::-1]


def spread(heights: Sequence[float], lowest: float) -> list[float]:
    """The heights moved apart as little as labels need, none below ``lowest``."""
    order = sorted(range(len(heights)), key=lambda at: -heights[at])
    placed, limit = list(heights), lowest
    for at in order:
        placed[at] = min(heights[at], limit)
        limit = placed[at] - _LABEL_GAP
    return placed


@dataclass(frozen=True)
class Bar:
    label: str
    values: Sequence[int]
    #: What stands behind the bar: the numbers in words or figures.
    text: str


class BarChart(Picture):
    """A bar for each row, of parts side by side. ``parts``: what each part is."""

    template_name = "cms/backoffice/charts/bars.svg"
    left, right, top, line, thick = 270, 170, 34, 30, 20

    def __init__(
        self, title: Any, description: Any, *, parts: Sequence[Any], bars: Sequence[Bar]
    ) -> None:
        super().__init__(title, description)
        self.parts, self.bars = parts, bars

    def drawing(self) -> dict[str, Any]:
        largest = max((sum(bar.values) for bar in self.bars), default=0) or 1
        wide = WIDTH - self.left - self.right
        return {
            "width": WIDTH,
            "height": self.top + self.line * len(self.bars) + 4,
            "key": key_of(self.parts),
            "bars": [
                self._bar(bar, self.top + self.line * at, wide / largest)
                for at, bar in enumerate(self.bars)
            ],
            "thick": self.thick,
            "label_x": self.left - 10,
        }

    def _bar(self, bar: Bar, top: int, unit: float) -> dict[str, Any]:
        parts, x = [], float(self.left)
        for number, value in enumerate(bar.values, start=1):
            if value:
                parts.append({"number": number, "x": _n(x), "width": _n(value * unit)})
            x += value * unit
        return {
            "label": Truncator(bar.label).chars(_BEFORE),
            "text": bar.text,
            "text_x": _n(x + 8),
            "text_y": top + 15,
            "top": top,
            "parts": parts,
        }


def key_of(parts: Sequence[Any]) -> list[dict[str, Any]]:
    """The key above a picture: each part with its pattern."""
    found, x = [], 0
    for number, part in enumerate(parts, start=1):
        found.append({"number": number, "label": part, "x": x, "text_x": x + 22})
        x += 46 + 8 * len(str(part))
    return found


class UpAndDownChart(Picture):
    """Two numbers at each step: one goes up from the middle line, one goes down."""

    template_name = "cms/backoffice/charts/up_and_down.svg"
    left, right, top, bottom, height = 44, 10, 44, 30, 320

    def __init__(
        self,
        title: Any,
        description: Any,
        *,
        ticks: Sequence[str],
        parts: Sequence[Any],
        up: Sequence[int],
        down: Sequence[int],
    ) -> None:
        super().__init__(title, description)
        self.ticks, self.parts, self.up, self.down = ticks, parts, up, down

    def drawing(self) -> dict[str, Any]:
        above, below = max(self.up, default=0) or 1, max(self.down, default=0) or 1
        unit = (self.height - self.top - self.bottom - 32) / (above + below)
        middle = self.top + 16 + unit * above
        wide = (WIDTH - self.left - self.right) / max(len(self.ticks), 1)
        labelled = set(shown_steps(len(self.ticks), 13))
        return {
            "width": WIDTH,
            "height": self.height,
            "key": key_of(self.parts),
            "middle": _n(middle),
            "from": self.left,
            "to": WIDTH - self.right,
            "tick_line": self.height - 10,
            "thick": _n(wide * 0.6),
            "steps": [
                {
                    "tick": tick if at in labelled else "",
                    "center": _n(self.left + wide * (at + 0.5)),
                    "x": _n(self.left + wide * (at + 0.2)),
                    "up": up,
                    "up_top": _n(middle - unit * up),
                    "up_height": _n(unit * up),
                    "up_text": _n(middle - unit * up - 5),
                    "down": down,
                    "down_height": _n(unit * down),
                    "down_text": _n(middle + unit * down + 14),
                }
                for at, (tick, up, down) in enumerate(
                    zip(self.ticks, self.up, self.down, strict=True)
                )
            ],
            "shows_numbers": len(self.ticks) <= 26,
        }
