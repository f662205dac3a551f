"""Checks that the log, the facts and what was mailed agree: checks, anchors, how the keys are stored."""
