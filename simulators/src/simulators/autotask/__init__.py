"""A stand-in for Autotask's REST API: many databases in one process, told apart by the UserName header."""
