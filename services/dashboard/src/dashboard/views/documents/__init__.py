"""Invoices and purchase orders: the list, and what opens from it. One implementation, the kind as a parameter."""
