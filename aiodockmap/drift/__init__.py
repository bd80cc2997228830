"""How what runs differs from what is asked for, and the least that mends it."""

from ._compare import Comparison, differences, with_derived_swap
from ._difference import Difference, Remedy
from ._rules import LIMITS, RULES, Rule, field_name, rule_of

__all__ = [
    "LIMITS",
    "RULES",
    "Comparison",
    "Difference",
    "Remedy",
    "Rule",
    "differences",
    "field_name",
    "rule_of",
    "with_derived_swap",
]
