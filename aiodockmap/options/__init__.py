"""What options of containers, volumes and networks there are, and what they come to."""

from ._container_forms import labels, user
from ._conversions import (
    BadValue,
    Part,
    flag,
    is_sequence,
    option_map,
    part_of,
    plain,
    record,
    text,
    texts,
    words,
)
from ._evaluation import called, evaluated, evaluated_deep, late_part_of
from ._layers import (
    Layer,
    Section,
    Translation,
    bad_value,
    combine_layers,
    given_options,
    read_layers,
    translate,
)
from ._network_forms import endpoint, ipam
from ._port_forms import port_key
from ._table import NESTED_OPTIONS, OPTION_BY_NAME, OPTIONS, Option, unknown_option

__all__ = [
    "NESTED_OPTIONS",
    "OPTIONS",
    "OPTION_BY_NAME",
    "BadValue",
    "Layer",
    "Option",
    "Part",
    "Section",
    "Translation",
    "bad_value",
    "called",
    "combine_layers",
    "endpoint",
    "evaluated",
    "evaluated_deep",
    "flag",
    "given_options",
    "ipam",
    "is_sequence",
    "labels",
    "late_part_of",
    "option_map",
    "part_of",
    "plain",
    "port_key",
    "read_layers",
    "record",
    "text",
    "texts",
    "translate",
    "unknown_option",
    "user",
    "words",
]
