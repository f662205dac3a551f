"""From a document of any office to a checked plan: readers, tables, phrases, names, findings.

`reading.read_plan` is the entry point; every other module here is one step of it.
"""
