"""The options of volumes and networks (OPT-5, OPT-6)."""

from __future__ import annotations

from typing import Final

from ._container_forms import own_labels
from ._conversions import Part, flag, option_map, plain, record, text
from ._network_forms import ipam

volume_options: Final = record(
    Part("Driver", ("driver",), text),
    Part("DriverOpts", ("driver_opts",), option_map),
    Part("Labels", ("labels",), own_labels),
    Part("ClusterVolumeSpec", ("cluster_volume_spec",), plain),
)
network_options: Final = record(
    Part("Driver", ("driver",), text),
    Part("Options", ("options",), option_map),
    Part("Internal", ("internal",), flag),
    Part("IPAM", ("ipam",), ipam),
    Part("Labels", ("labels",), own_labels),
    Part("EnableIPv4", ("enable_ipv4",), flag),
    Part("EnableIPv6", ("enable_ipv6",), flag),
    Part("Attachable", ("attachable",), flag),
    Part("Scope", ("scope",), text),
    Part("Ingress", ("ingress",), flag),
    Part("ConfigOnly", ("config_only",), flag),
    Part("ConfigFrom", ("config_from",), record(Part("Network", ("network",), text))),
    Part("CheckDuplicate", ("check_duplicate",), flag),
)
