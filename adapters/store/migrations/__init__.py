"""Numbered steps from an empty database to this version's tables; run by adapters/store/upgrade.py alone.

A step that was released is never changed: databases have gone through it. A new one is a new file in versions/, and
HEAD in tables.py its number; a test holds the steps against the tables.
"""
