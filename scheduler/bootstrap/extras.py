"""Which packages a written section needs that are not installed: the page and the alerts are extras.

Called by the daemon before it starts, and by `tidegate check`. It imports none of them.
"""

from importlib.util import find_spec

from scheduler.config import Settings

# By section: the packages that its extra brings in.
_EXTRAS = {"web": ("starlette", "uvicorn", "prometheus_client"), "alerts": ("apprise",)}


def missing_extras(settings: Settings) -> list[str]:
    """Say, a sentence each, which sections are written whose extra is not installed, and what to do."""
    said = []
    for section, written in (("web", settings.web), ("alerts", settings.alerts)):
        missing = [name for name in _EXTRAS[section] if find_spec(name) is None]
        if written is not None and missing:
            said.append(
                f"[{section}] needs the extra {section}, and {missing[0]} is not installed: "
                f'pip install "WHEEL[{section}]", or remove the section'
            )
    return said
