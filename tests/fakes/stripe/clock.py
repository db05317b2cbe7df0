"""The fake's clock: wall time plus whatever a test moved it by."""

import time
from collections.abc import Callable


class Clock:
    """Unix seconds. Deadlines follow it; deliveries and their signatures use real time.

    The receiver judges a signature's age by its own clock, so a moved clock here must not make
    every webhook look old or future.
    """

    def __init__(self) -> None:
        self.offset = 0
        self.on_advance: Callable[[], None] = lambda: None

    def now(self) -> int:
        return int(time.time()) + self.offset

    def advance(self, seconds: int) -> int:
        """Move forward and let everything that has become due happen at once."""
        self.offset += int(seconds)
        self.on_advance()
        return self.now()
