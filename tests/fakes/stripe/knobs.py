"""What a test can make go wrong. The package docstring lists every knob."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from .shape import Json

FaultKind = Literal["429", "500", "503", "timeout", "slow", "reply_lost"]


@dataclass
class Fault:
    """What happens to the next ``count`` requests that fit ``method`` and begin with ``path``."""

    kind: FaultKind
    count: int = 1
    method: str | None = None
    path: str = "/v1/"
    seconds: float = 30.0

    def fits(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path)


@dataclass
class Dials:
    """The knobs that are plain values: set them, read them back."""

    duplicates: int = 1
    together: bool = False
    drop: Sequence[str] = ()
    hold: Sequence[str] = ()
    delay: float = 0.0
    refund_status: str = "succeeded"
    key_revoked: bool = False


class Knobs(Dials):
    """Dials, faults to come, and fields that API answers show wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._overrides: dict[str, Json] = {}

    def turn(self, name: str, value: Any) -> None:
        """Set a dial by its name; KeyError for a name that is none."""
        if name not in {field.name for field in fields(Dials)}:
            raise KeyError(name)
        setattr(self, name, value)

    def reset(self) -> None:
        with self._lock:
            self._faults.clear()
            self._overrides.clear()
        for field in fields(Dials):
            setattr(self, field.name, field.default)

    def fail_next(
        self,
        kind: FaultKind,
        count: int = 1,
        *,
        method: str | None = None,
        path: str = "/v1/",
        seconds: float = 30.0,
    ) -> None:
        if kind not in get_args(FaultKind):
            raise ValueError(f"no fault '{kind}': one of {', '.join(get_args(FaultKind))}")
        with self._lock:
            self._faults.append(Fault(kind, count, method, path, seconds))

    def take_fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.count > 0 and fault.fits(method, path):
                    fault.count -= 1
                    return fault
        return None

    def override(self, target: str, **shown: Any) -> None:
        """Answers show these fields for one id, or for every object of a type.

        No fields: the truth again. Events are never changed.
        """
        with self._lock:
            self._overrides.pop(target, None)
            if shown:
                self._overrides[target] = shown

    def disguise(self, answer: Json) -> Json:
        with self._lock:
            for target in (answer["object"], answer.get("id", "")):
                answer |= self._overrides.get(target, {})
        return answer

    def chosen(self, patterns: Sequence[str], event_type: str) -> bool:
        return "*" in patterns or event_type in patterns

    def state(self) -> Json:
        with self._lock:
            faults = [asdict(fault) for fault in self._faults if fault.count > 0]
            dials = {field.name: getattr(self, field.name) for field in fields(Dials)}
            return dials | {"faults": faults, "overrides": dict(self._overrides)}
