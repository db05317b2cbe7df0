"""``POST /_fake/knobs``: the same knobs and actions for a fake in another process."""

from dataclasses import asdict, is_dataclass
from typing import Any

from .errors import RefusalError
from .knobs import Dials
from .shape import Json

ACTIONS = (
    "advance",
    "bill_fee",
    "cancel",
    "close_dispute",
    "decline",
    "deliver",
    "emit",
    "expire",
    "fail_next",
    "fail_payout",
    "fail_refund",
    "flush",
    "open_dispute",
    "override",
    "pay",
    "pay_async",
    "payout",
    "point_webhook",
    "refund_in_dashboard",
    "release",
    "reset",
    "set_fee",
    "settle",
    "succeed_refund",
)


def steer(fake: Any, instructions: Json) -> tuple[int, Json]:
    """Turn the dials and call the actions, in the order given; stop at the first mistake.

    An action's value is its arguments: an object by name, a list by place, null for none,
    anything else the only argument.
    """
    results: Json = {}
    for name, value in instructions.items():
        try:
            results[name] = _do(fake, name, value)
        except RefusalError as refusal:
            return 400, refusal.body()
        except KeyError as unknown:
            return 400, {"error": f"no knob or object {unknown}", "results": results}
        except (TypeError, ValueError, TimeoutError) as wrong:
            return 400, {"error": f"{name}: {wrong}", "results": results}
    return 200, {"knobs": fake.knobs.state(), "results": results}


def _do(fake: Any, name: str, value: Any) -> Any:
    if name in Dials.__dataclass_fields__:
        fake.knobs.turn(name, value)
        return value
    if name not in ACTIONS:
        raise KeyError(name)
    action = getattr(fake, name)
    args, named = _arguments(value)
    result = action(*args, **named)
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result


def _arguments(value: Any) -> tuple[list[Any], dict[str, Any]]:
    if isinstance(value, dict):
        return [], value
    if isinstance(value, list):
        return value, {}
    return ([] if value is None else [value]), {}
