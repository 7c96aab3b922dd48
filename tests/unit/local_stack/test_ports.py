"""Ports are free, on loopback and handed out once."""

import socket

from local_stack.ports import FIRST, LAST, LOOPBACK, free_port, is_free


def test_a_port_is_not_handed_out_twice() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == len(ports)


def test_a_port_is_outside_the_range_of_outgoing_connections() -> None:
    assert FIRST <= free_port() <= LAST < 32768


def test_a_port_in_use_is_not_called_free() -> None:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        assert not is_free(server.getsockname()[1])
