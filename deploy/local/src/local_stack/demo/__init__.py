"""`local-stack demo`: a realistic set of invoices through the whole suite, judged by comparing both sides' books."""
