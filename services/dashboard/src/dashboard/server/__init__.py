"""HTTP around the pages: signing in, sessions, protection, live changes, files."""
