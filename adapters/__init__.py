"""Adapters reach the world that core decides about: vendors, the store, the limits files."""
