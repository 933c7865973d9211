"""The table of all metrics as scheduler/README.md has it; `python -m tests.house.metrics_table` prints it."""

from scheduler.web.metrics import MEASURES

HEAD = ("| metric | type | labels | meaning |", "|---|---|---|---|")


def metrics_table() -> str:
    """Give the table in Markdown, a row for each metric in the order in which they are shown."""
    rows = (
        f"| `{each.name}` | {each.form} | {', '.join(f'`{label}`' for label in each.labels)} | {each.meaning} |"
        for each in MEASURES
    )
    return "\n".join((*HEAD, *(row.replace("|  |", "| |") for row in rows)))


if __name__ == "__main__":
    print(metrics_table())  # noqa: T201 - to be pasted
