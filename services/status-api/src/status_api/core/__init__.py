"""Pure decisions: what events mean for the read model, what people may ask, how things are told. No I/O, no clock."""
