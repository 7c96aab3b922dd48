"""What people do in Autotask after documents went over: they void invoices and cancel purchase orders."""

from collections.abc import Mapping

from local_stack.control import SimulatorControl
from local_stack.demo.judging import Json


def do_later(autotask: SimulatorControl, tenant: str, fates: Mapping[str, Json]) -> int:
    """Do what the fates of a tenant's documents say that people do later. Returns to how many documents."""
    done = 0
    pages = autotask.in_autotask(tenant)
    for name, fate in fates.items():
        number = int(name.partition("/")[2])
        if fate["later"] == "voided":
            pages.void_invoice(number, lines="detached")
        elif fate["later"] == "cancelled":
            pages.cancel_order(number)
        else:
            continue
        done += 1
    return done


def gone_wanted(fates: Mapping[str, Json]) -> set[str]:
    """Documents whose counterpart in Xero must be deleted or voided after that."""
    return {name for name, fate in fates.items() if fate["gone"]}
