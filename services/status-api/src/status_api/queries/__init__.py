"""What the API reads: SQL in, plain rows out. Every statement names its tenant."""
