"""Decisions without I/O: addresses, words, times and money as people read them."""
