"""A stand-in for the Xero Accounting API: what Xero refuses, it refuses in Xero's words."""
