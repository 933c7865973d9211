"""What people and programs read: plans, outcomes, status and history, drawn from core values alone.

Every renderer is a pure function of its values; the command line decides where the text goes.
"""
