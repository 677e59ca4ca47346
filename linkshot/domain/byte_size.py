"""Bytes for people: one form for the command line and the pages, in both languages. (pure)"""

from decimal import Decimal

UNITS = ("B", "kB", "MB", "GB", "TB")
"""Decimal units (SI)."""


def size_text(count: int) -> str:
    """999 B, 1.2 MB, 46 MB: a decimal only below ten of a unit, and none that is zero."""
    amount, power = Decimal(count), 0
    while amount >= Decimal("999.5") and power < len(UNITS) - 1:
        amount, power = amount / 1000, power + 1
    rounded = round(amount, 1 if amount < 10 and power else 0)
    whole = rounded == rounded.to_integral_value()
    return f"{int(rounded) if whole else rounded:,} {UNITS[power]}"
