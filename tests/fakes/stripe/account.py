"""The one Stripe account behind the fake: its objects, its lock, its settings."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .clock import Clock
from .errors import missing_object
from .shape import Json, public


@dataclass(frozen=True)
class Settings:
    """Amounts in øre. The fees have the form of Stripe's, not the numbers of any contract."""

    api_key: str = "sk_test_fake"
    minimum_amount: int = 250
    fee_permille: int = 15
    fee_fixed: int = 180
    dispute_fee: int = 11000

    @property
    def livemode(self) -> bool:
        return "_live_" in self.api_key


class Account:
    """All state, under one lock; kept in a JSON file when a path is given.

    ``change()`` encloses every mutation, so a reader never sees half of one and the file is
    written once, when the outermost mutation ends.
    """

    def __init__(self, settings: Settings, path: Path | None = None) -> None:
        self.settings = self._given = settings
        self.clock = Clock()
        self.lock = threading.RLock()
        self.objects: dict[str, Json] = {}
        self.idempotency: dict[str, Json] = {}
        self.request: Json = {"id": None, "idempotency_key": None}
        self.base_url = ""
        self.on_event: Callable[[Json], None] = lambda event: None
        self._path = path
        self._saved = ""
        self._depth = 0
        self._load()

    @contextmanager
    def change(self) -> Iterator[None]:
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._save()

    def new_id(self, prefix: str, length: int = 24) -> str:
        if prefix == "cs":
            prefix = "cs_live" if self.settings.livemode else "cs_test"
            length = 58
        return f"{prefix}_{secrets.token_hex(length // 2)}"

    def add(self, thing: Json) -> Json:
        self.objects[thing["id"]] = thing
        return thing

    def get(self, kind: str, wanted: str) -> Json:
        thing = self.objects.get(wanted)
        if thing is None or thing["object"] != kind:
            raise missing_object(kind, wanted)
        return thing

    def of_kind(self, kind: str) -> list[Json]:
        """Oldest first: the order in which they came to be, finer than whole seconds."""
        return [thing for thing in self.objects.values() if thing["object"] == kind]

    def where(self, kind: str, **fields: object) -> list[Json]:
        return [
            thing
            for thing in self.of_kind(kind)
            if all(thing.get(name) == value for name, value in fields.items())
        ]

    def session(self, session_id: str) -> Json:
        return self.get("checkout.session", session_id)

    def charge_behind(self, reference: str) -> Json:
        """The latest charge of a charge's, payment intent's or session's id."""
        thing = self.objects.get(reference, {})
        if thing.get("object") == "checkout.session":
            thing = self.objects.get(thing["payment_intent"] or "", {})
        if thing.get("object") == "payment_intent":
            thing = self.objects.get(thing["latest_charge"] or "", {})
        return self.get("charge", thing.get("id", reference))

    def clear(self) -> None:
        with self.change():
            self.objects.clear()
            self.idempotency.clear()
            self.clock.offset = 0
            self.settings = self._given

    def snapshot(self, wanted: str) -> Json:
        with self.lock:
            return public(self.objects[wanted])

    def _load(self) -> None:
        if self._path and self._path.exists():
            saved = json.loads(self._path.read_text(encoding="utf-8"))
            self.objects = saved["objects"]
            self.idempotency = saved["idempotency"]
            self.clock.offset = saved["clock_offset"]

    def _save(self) -> None:
        if not self._path:
            return
        state = {
            "objects": self.objects,
            # A request that was running when the process died is not running any more.
            "idempotency": {k: v for k, v in self.idempotency.items() if v.get("answer")},
            "clock_offset": self.clock.offset,
        }
        text = json.dumps(state)
        if text == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and moved: a killed process leaves the old state, not half of a new one.
        beside = self._path.with_suffix(self._path.suffix + ".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._path)
        self._saved = text
