"""What the API offers, by resource: each module declares its operations beside their handlers."""
