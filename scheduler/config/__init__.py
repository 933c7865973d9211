"""The configuration: what may be written, what it becomes, and what is wrong with it."""

from scheduler.config.crontab import Crontab
from scheduler.config.durations import format_duration, parse_duration
from scheduler.config.facts import VendorFacts
from scheduler.config.faults import ConfigFaults, Fault, Problem
from scheduler.config.reading import read_config
from scheduler.config.settings import (
    AccountSettings,
    AlertSettings,
    ChannelSettings,
    Draft,
    Settings,
    WebSettings,
)

__all__ = [
    "AccountSettings",
    "AlertSettings",
    "ChannelSettings",
    "ConfigFaults",
    "Crontab",
    "Draft",
    "Fault",
    "Problem",
    "Settings",
    "VendorFacts",
    "WebSettings",
    "format_duration",
    "parse_duration",
    "read_config",
]
