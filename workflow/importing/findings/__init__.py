"""Doubts and refusals of a reading, and measuring readings against a gold one."""
