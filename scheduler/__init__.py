"""Scheduler starts things: the command line, the daemon, the composition of core and adapters."""
