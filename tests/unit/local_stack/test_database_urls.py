"""URLs and names of databases."""

import pytest

from local_stack.database import create_database, external_url, with_database
from local_stack.errors import StackError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me@127.0.0.1:5432/postgres", "postgresql://me@127.0.0.1:5432/poller"),
        (
            "postgresql://me:p%40ss@host/old?sslmode=require",
            "postgresql://me:p%40ss@host/poller?sslmode=require",
        ),
        ("postgresql://host", "postgresql://host/poller"),
    ],
)
def test_only_the_database_of_a_url_changes(url: str, expected: str) -> None:
    assert with_database(url, "poller") == expected


@pytest.mark.parametrize("name", ["", "Poller", "a-b", 'a"; DROP DATABASE x', "1a", "a" * 42])
def test_a_name_that_needs_quoting_is_refused(name: str) -> None:
    with pytest.raises(StackError, match="is no name for a database"):
        create_database("postgresql://never-reached", name)


def test_a_database_url_of_another_kind_is_refused_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root@localhost/x")
    with pytest.raises(StackError, match="DATABASE_URL must look like postgresql://"):
        external_url()
