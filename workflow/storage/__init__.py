"""Facts at rest: tables, migrations, and the functions that read and write them, each in the caller's
transaction.

The rule of the house: a fact and its consequences (stage, duties, audit entry, outbox rows) are written
in one transaction, by `facts`, `opening`, `closing` or `sweeping`, through `routing.advance_cycles`.
"""

from workflow.storage.store import Store

__all__ = ["Store"]
