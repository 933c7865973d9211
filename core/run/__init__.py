"""Drives the ports through one pass: observe, plan, apply, settle, record."""
