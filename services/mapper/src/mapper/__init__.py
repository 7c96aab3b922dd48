"""Turns Autotask snapshots into the Xero documents to be."""
