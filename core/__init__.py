"""Core decides: what a limit means, what a plan is, when an intent is settled.

Imports the standard library and itself, nothing else; knows no vendor by name, no database and no wire.
"""
