"""Finds invoices in Autotask and stamps them once they are in Xero."""
