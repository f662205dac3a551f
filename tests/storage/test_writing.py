"""What is written together: the same rows on either database, in one statement or many."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, delete, insert, select, update

from workflow.storage import Store
from workflow.storage.tables import deployment
from workflow.storage.writing import AT_A_CLICK, inserting_new, write_together

_SET = update(deployment).where(deployment.c.key == bindparam("which")).values(value=bindparam("now"))
_DROP = delete(deployment).where(deployment.c.key == bindparam("gone"))


@pytest.mark.parametrize("count", [1, AT_A_CLICK + 1], ids=["a click", "a sweep"])
def test_inserts_updates_and_deletes_written_together_are_all_there(store: Store, count: int) -> None:
    with store.begin() as tx:
        tx.execute(insert(deployment), [{"key": "kept", "value": "50% cũ"}, {"key": "dropped", "value": ""}])
    with store.begin() as tx:
        write_together(
            tx,
            [
                (insert(deployment).inline(), [{"key": f"new {n}", "value": "100%"} for n in range(count)]),
                (_SET, [{"which": "kept", "now": "80% mới"}]),
                (_DROP, [{"gone": "dropped"}]),
                (_DROP, []),
            ],
        )
    with store.reading() as tx:
        kept = dict(tx.execute(select(deployment.c.key, deployment.c.value)).all())
    assert kept.pop("kept") == "80% mới"
    assert {key: value for key, value in kept.items() if key != "installation"} == {
        f"new {n}": "100%" for n in range(count)
    }


def test_an_insert_that_yields_leaves_what_is_there(store: Store) -> None:
    yielding = inserting_new(store.engine.dialect.name, deployment, ("key",))
    for value in ("first", "second"):
        with store.begin() as tx:
            write_together(tx, [(yielding, [{"key": "mine", "value": value}])])
    with store.reading() as tx:
        assert tx.scalar(select(deployment.c.value).where(deployment.c.key == "mine")) == "first"


def test_nothing_of_what_is_written_together_stays_where_one_part_fails(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), store.begin() as tx:
        write_together(
            tx,
            [
                (
                    insert(deployment).inline(),
                    [{"key": "one", "value": ""}, {"key": "installation", "value": ""}],
                )
            ],
        )
    with store.reading() as tx:
        assert tx.scalar(select(deployment.c.value).where(deployment.c.key == "one")) is None


def test_each_row_gets_its_own_values_where_one_statement_writes_several(store: Store) -> None:
    new = [{"key": f"new {n}", "value": f"{n}%"} for n in range(3)]
    with store.begin() as tx:
        tx.execute(insert(deployment), [{"key": "a", "value": ""}, {"key": "b", "value": ""}])
    with store.begin() as tx:
        setting = (_SET, [{"which": "a", "now": "của a"}, {"now": "của b", "which": "b"}])
        write_together(tx, [(insert(deployment).inline(), new), setting])
    with store.reading() as tx:
        found = dict(tx.execute(select(deployment.c.key, deployment.c.value)).all())
    assert (found["a"], found["b"]) == ("của a", "của b")
    assert [found[f"new {n}"] for n in range(3)] == ["0%", "1%", "2%"]
