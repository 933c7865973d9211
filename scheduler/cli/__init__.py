"""The command line `tidegate`.

`main` is what the console script and `python -m scheduler` run. Before anything of `core`, of `adapters` or of a
library is imported it looks whether those are ours: a stranger of the same name would run, or end in a traceback.
"""

import sys

from scheduler.intruders import IntruderError, raise_if_intruded

__all__ = ["main"]

_USAGE = 2  # as in scheduler.cli.endings, which imports core


def main() -> None:
    """Run the console script; ends with 2 and one line where something else lies in our place."""
    try:
        raise_if_intruded()
    except IntruderError as error:
        sys.stderr.write(f"tidegate: {error}\n")
        sys.exit(_USAGE)
    from scheduler.cli.entry import run  # noqa: PLC0415 - it imports core and click: only now are they known to be ours

    run()
