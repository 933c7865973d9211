"""Alerts: from the board to conditions, from conditions to messages, from messages to channels."""
