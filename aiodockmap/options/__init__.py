"""What options of containers, volumes and networks there are, and what they come to."""

from ._checks import container_problems, record_problems
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
    check_values,
    combine_layers,
    given_options,
    read_layers,
    translate,
)
from ._network_forms import endpoint, ipam
from ._port_forms import port_key
from ._resources import network_options, volume_options
from ._table import OPTION_BY_NAME, OPTIONS, Option, one_name

__all__ = [
    "OPTIONS",
    "container_problems",
    "record_problems",
    "network_options",
    "volume_options",
    "OPTION_BY_NAME",
    "BadValue",
    "Layer",
    "Option",
    "Part",
    "Section",
    "Translation",
    "called",
    "check_values",
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
    "one_name",
    "option_map",
    "part_of",
    "plain",
    "port_key",
    "read_layers",
    "record",
    "text",
    "texts",
    "translate",
    "user",
    "words",
]
