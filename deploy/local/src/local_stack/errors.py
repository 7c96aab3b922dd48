"""What can go wrong with the local stack, named for the decision it causes."""


class StackError(RuntimeError):
    """The stack can not be started or used; the message is one line that says what to do."""


class MissingToolError(StackError):
    """A program is missing and can not be installed without a password; the message says what to type."""


class NotOursError(StackError):
    """A broker or database that was given from outside is neither paused nor killed."""


class ChildDiedError(StackError):
    """A process ended that should be running; the message carries its name, exit code and last log lines."""
