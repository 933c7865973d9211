"""Texts that a vendor sends along: names, operators, remarks."""


def told(value: object) -> str | None:
    """Give a vendor's text as it can be stored and printed, None for an empty one or anything else.

    JSON may carry half of a surrogate pair, which no database and no terminal can write.
    """
    if not isinstance(value, str):
        return None
    return value.encode("utf-8", "replace").decode("utf-8").strip() or None
