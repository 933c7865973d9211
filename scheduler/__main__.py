"""`python -m scheduler` is `tidegate`."""

from scheduler.cli import main

main()
