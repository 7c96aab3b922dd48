"""Made-up but realistic books: Autotask databases, Xero organisations, and what must become of every invoice."""

from simulators.books.generate import generate
from simulators.books.model import Books, Expected, ExpectedLine, Fate, TenantBooks
from simulators.books.plain import generate_plain
from simulators.books.random_books import generate_random

__all__ = [
    "Books",
    "Expected",
    "ExpectedLine",
    "Fate",
    "TenantBooks",
    "generate",
    "generate_plain",
    "generate_random",
]
