"""Reads the partner's limits from CSV and TOML, and writes them for `import`."""

from adapters.limits.faults import LimitFault, LimitsFileExistsError
from adapters.limits.reading import LimitsRead, PatternFault, matching_files, read_limits
from adapters.limits.writing import limits_csv, write_limits

__all__ = [
    "LimitFault",
    "LimitsFileExistsError",
    "LimitsRead",
    "PatternFault",
    "limits_csv",
    "matching_files",
    "read_limits",
    "write_limits",
]
