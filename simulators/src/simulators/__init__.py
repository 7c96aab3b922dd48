"""Stand-ins for Autotask and Xero, as strict as the real ones."""
