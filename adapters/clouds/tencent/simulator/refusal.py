"""The vendor's way of saying no. Raised by pages, actions and ledger; put on the wire by vendor."""


class RefusalError(Exception):
    """An `Error` with its documented code; nothing was applied."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")
