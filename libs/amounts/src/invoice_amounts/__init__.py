"""Pure money rules that poller and mapper share: readings, spreading, prices, rates, prediction.

Amounts are `Decimal` in the document's currency. Nothing here does I/O, reads a clock or keeps state.
"""

from invoice_amounts.money import (
    CENT,
    LARGEST_LINE_AMOUNT,
    ZERO,
    UnsupportedCurrencyError,
    minor_unit,
    round_half_up,
    times,
)
from invoice_amounts.prediction import LineResult, SentLine, Totals, predict
from invoice_amounts.pricing import Price, as_one, expressible
from invoice_amounts.rates import exact_tax, fits_rate
from invoice_amounts.readings import (
    PREFERENCE,
    Attempt,
    Basis,
    BasisSetting,
    LineFields,
    NoReading,
    Reading,
    adds_up,
    read_amounts,
)
from invoice_amounts.spreading import NotSpreadable, Spread, spread_taxes

__all__ = [
    "CENT",
    "LARGEST_LINE_AMOUNT",
    "PREFERENCE",
    "ZERO",
    "Attempt",
    "Basis",
    "BasisSetting",
    "LineFields",
    "LineResult",
    "NoReading",
    "NotSpreadable",
    "Price",
    "Reading",
    "SentLine",
    "Spread",
    "Totals",
    "UnsupportedCurrencyError",
    "adds_up",
    "as_one",
    "exact_tax",
    "expressible",
    "fits_rate",
    "minor_unit",
    "predict",
    "read_amounts",
    "round_half_up",
    "spread_taxes",
    "times",
]
