"""How what runs differs from what is asked for, and the least that mends it."""

from ._compare import Comparison, derived_swap, differences
from ._difference import Difference, Remedy
from ._normal_forms import same_platforms
from ._rules import LIMITS, RULES, Rule, field_name, rule_of

__all__ = [
    "LIMITS",
    "RULES",
    "Comparison",
    "Difference",
    "Remedy",
    "Rule",
    "derived_swap",
    "differences",
    "field_name",
    "rule_of",
    "same_platforms",
]
