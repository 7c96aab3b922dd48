"""How many passwords may be tried: by account, by address, and by both together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

SPAN = timedelta(minutes=15)
_IPV6_SITE = 64
"""One customer of a provider has a whole /64: its addresses count as one."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Counter:
    """Something whose tries are counted.

    Attributes:
        key: what it is stored under; never an e-mail address in clear: strangers' addresses are none of our business.
        most: tries in a span; one more is refused.
        forgiven: whether a success forgets all its tries, not only the one that succeeded.
    """

    key: str
    most: int
    forgiven: bool


def counters(address: str, account: str) -> tuple[Counter, ...]:
    """What one try counts for, the widest first.

    The same whether or not the account exists. An account together with an address is limited closely, an account as such loosely:
    a stranger who guesses from elsewhere does not lock its owner out so easily.
    """
    where = site(address)
    return (
        Counter(f"address:{where}", 60, forgiven=False),
        Counter(f"account:{_digest(account)}", 100, forgiven=False),
        Counter(f"both:{_digest(account + '@' + where)}", 10, forgiven=True),
    )


def wait(counter: Counter, tries: int, since: datetime, now: datetime) -> timedelta | None:
    """How long a try has to wait, None if it may go on."""
    return max(since + SPAN - now, timedelta(seconds=1)) if tries > counter.most else None


def site(address: str) -> str:
    """An address, or the network that counts as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or IPv6Network((int(parsed), _IPV6_SITE), strict=False))
    return str(parsed)


def client_address(peer: str | None, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """Who sent a request: the last address in X-Forwarded-For that is not one of our own proxies.

    Args:
        peer: at the other end of the connection.
        forwarded: X-Forwarded-For, joined by commas; every proxy appends the address it heard from.
        trusted: networks of proxies. What anybody else claims is not believed: everybody can send the header.
    """
    address = peer or ""
    for claimed in reversed([part.strip() for part in forwarded.split(",")]):
        if not _is_in(address, trusted) or not _is_address(claimed):
            break
        address = claimed
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
