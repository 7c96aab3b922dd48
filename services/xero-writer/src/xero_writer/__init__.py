"""Writes mapped documents to Xero, once each."""
