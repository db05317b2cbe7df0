"""What a service says when a person asked for something that can't be."""


class NotPossible(Exception):
    """``message`` is translated, for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
