"""The product's rules as plain values and functions: no I/O, no clock but the one passed in.

Imports nothing else of ours, so that every rule here can be tested with literals alone.
"""
