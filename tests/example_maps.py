"""The maps of `docs/examples`, to be run beside others, and the same maps written in Python.

Their names, ports and images are placeholders for those of a test: a variant has the test's prefix as
its name, free ports, and an image whose process ends when it is asked to.
"""

from __future__ import annotations

from pathlib import Path

from attrs import evolve, frozen

from aiodockmap import (
    ContainerConfiguration,
    ContainerMap,
    ExecCommand,
    ExecPolicy,
    HealthCheck,
    HostVolumeConfiguration,
    NetworkConfiguration,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
    VolumeConfiguration,
)

__all__ = ["Variant", "bot_of_dicts", "bot_of_objects", "site_of_dicts", "site_of_objects"]

EXAMPLES = Path(__file__).parents[1] / "docs/examples"
SECOND = 1_000_000_000


@frozen(kw_only=True)
class Variant:
    """What a test puts into an example."""

    name: str
    image: str = "/site-example"
    root: str = "/srv/site"
    ports: tuple[int, int] = (18080, 18443)

    def text(self, example: str) -> str:
        """The YAML of an example, made to fit; `$SITE_ROOT` stays for the loader."""
        text = (EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8")
        for written, ours in (
            (f"name: {example}\n", f"name: {self.name}\n"),
            ("image: /site-example", f"image: {self.image}"),
            ("18080", str(self.ports[0])),
            ("18443", str(self.ports[1])),
        ):
            text = text.replace(written, ours)
        return text


def site_of_dicts(variant: Variant) -> ContainerMap:
    return ContainerMap.from_dict(
        variant.name,
        {
            "host_root": variant.root,
            "volumes": {
                "socket": "/run/app",
                "web_log": "/var/log/web",
                "app_log": "/var/log/app",
                "app_config": "/etc/app",
                "app_data": "/var/lib/app",
            },
            "host": {
                "app_config": {"one": "config/one", "two": "config/two"},
                "app_data": {"one": "data/one", "two": "data/two"},
            },
            "base": {
                "abstract": True,
                "image": variant.image,
                "stop_timeout": 3,
                "create_options": {"environment": {"TZ": "UTC"}},
                "host_config": {
                    "mem_limit": "64m",
                    "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
                },
            },
            "web": {
                "extends": "base",
                "binds": {"/etc/web": ("config/web", "ro")},
                "uses": "socket",
                "attaches": "web_log",
                "exposes": [(80, variant.ports[0]), (443, variant.ports[1], "public")],
            },
            "app": {
                "extends": ["base"],
                "instances": ("one", "two"),
                "user": 2000,
                "permissions": "u=rwX,g=rX,o=",
                "binds": [("app_config", "ro"), "app_data"],
                "attaches": ["app_log", "socket"],
                "exec_commands": [("/bin/touch /var/lib/app/started", "root", "initial")],
            },
        },
    )


def site_of_objects(variant: Variant) -> ContainerMap:
    base = ContainerConfiguration(
        abstract=True,
        image=variant.image,
        stop_timeout=3,
        create_options={"environment": {"TZ": "UTC"}},
        host_config={
            "mem_limit": "64m",
            "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
        },
    )
    web = ContainerConfiguration(
        extends=["base"],
        binds={"/etc/web": ("config/web", True)},
        uses=[SharedVolume("socket")],
        attaches=[SharedVolume("web_log")],
        exposes=[PortBinding(80, variant.ports[0]), PortBinding(443, variant.ports[1], "public")],
    )
    app = ContainerConfiguration(
        extends=["base"],
        instances=["one", "two"],
        user=2000,
        permissions="u=rwX,g=rX,o=",
        binds=[SharedVolume("app_config", readonly=True), SharedVolume("app_data")],
        attaches=[SharedVolume("app_log"), SharedVolume("socket")],
        exec_commands=[
            ExecCommand("/bin/touch /var/lib/app/started", "root", ExecPolicy.INITIAL),
        ],
    )
    return ContainerMap(
        variant.name,
        containers={"base": base, "web": web, "app": app},
        volumes={
            "socket": VolumeConfiguration(default_path="/run/app"),
            "web_log": VolumeConfiguration(default_path="/var/log/web"),
            "app_log": VolumeConfiguration(default_path="/var/log/app"),
            "app_config": VolumeConfiguration(default_path="/etc/app"),
            "app_data": VolumeConfiguration(default_path="/var/lib/app"),
        },
        host=HostVolumeConfiguration(
            {
                "app_config": {"one": "config/one", "two": "config/two"},
                "app_data": {"one": "data/one", "two": "data/two"},
            },
            root=variant.root,
        ),
    )


def bot_of_dicts(variant: Variant) -> ContainerMap:
    return ContainerMap.from_dict(
        variant.name,
        {
            "default_tag": "latest",
            "networks": {
                "backend": {"internal": True},
                "frontend": {
                    "driver": "bridge",
                    "driver_options": {"com.docker.network.bridge.enable_icc": "true"},
                },
            },
            "volumes": {
                "pgdata": {
                    "default_path": "/var/lib/postgresql",
                    "user": 70,
                    "permissions": "u=rwX,go=",
                },
                "uploads": "/srv/uploads",
            },
            "groups": {"storage": ["db", "cache"], "work": ["worker.fast", "worker.slow"]},
            "db": {
                "image": variant.image,
                "attaches": "pgdata",
                "persistent": True,
                "stop_signal": "SIGINT",
                "stop_timeout": 30,
                "networks": [("backend", ["postgres", "sql"])],
                "healthcheck": {
                    "test": ["CMD", "/bin/true"],
                    "interval": "5s",
                    "timeout": "2s",
                    "retries": 5,
                },
            },
            "cache": {
                "image": variant.image,
                "networks": ["backend"],
                "host_config": {"mem_limit": "32m", "tmpfs": ["/data"]},
            },
            "worker": {
                "image": variant.image,
                "instances": ["fast", "slow"],
                "uses": "uploads",
                "networks": "backend",
                "create_options": {
                    "environment": {"DATABASE": "postgres", "CACHE": "bot-cache", "WORKERS": 4},
                    "labels": {"role": "worker"},
                },
                "host_config": {"cpu_shares": 512, "pids_limit": 100},
            },
            "bot": {
                "image": variant.image,
                "attaches": ["uploads"],
                "networks": ["frontend", {"backend": {"aliases": "api"}}],
                "exposes": [8080],
                "start_delay": 0.1,
            },
            "maintenance": {
                "image": variant.image,
                "uses": [("uploads", "ro")],
                "networks": ["backend"],
            },
            "sidecar": {"image": variant.image, "network_mode": "bot"},
        },
    )


def bot_of_objects(variant: Variant) -> ContainerMap:
    plain = ContainerConfiguration(image=variant.image)
    backend = NetworkEndpoint("backend")
    return ContainerMap(
        variant.name,
        default_tag="latest",
        groups={"storage": ["db", "cache"], "work": ["worker.fast", "worker.slow"]},
        networks={
            "backend": NetworkConfiguration(internal=True),
            "frontend": NetworkConfiguration(
                driver="bridge",
                driver_options={"com.docker.network.bridge.enable_icc": "true"},
            ),
        },
        volumes={
            "pgdata": VolumeConfiguration(
                default_path="/var/lib/postgresql", user=70, permissions="u=rwX,go="
            ),
            "uploads": VolumeConfiguration(default_path="/srv/uploads"),
        },
        containers={
            "db": ContainerConfiguration(
                image=variant.image,
                attaches=[SharedVolume("pgdata")],
                persistent=True,
                stop_signal="SIGINT",
                stop_timeout=30,
                networks=[NetworkEndpoint("backend", ["postgres", "sql"])],
                healthcheck=HealthCheck(("CMD", "/bin/true"), 5 * SECOND, 2 * SECOND, 5),
            ),
            "cache": evolve(
                plain,
                networks=[backend],
                host_config={"mem_limit": "32m", "tmpfs": ["/data"]},
            ),
            "worker": evolve(
                plain,
                instances=["fast", "slow"],
                uses=[SharedVolume("uploads")],
                networks=[backend],
                create_options={
                    "environment": {"DATABASE": "postgres", "CACHE": "bot-cache", "WORKERS": 4},
                    "labels": {"role": "worker"},
                },
                host_config={"cpu_shares": 512, "pids_limit": 100},
            ),
            "bot": evolve(
                plain,
                attaches=[SharedVolume("uploads")],
                networks=[NetworkEndpoint("frontend"), NetworkEndpoint("backend", "api")],
                exposes=[PortBinding(8080)],
                start_delay=0.1,
            ),
            "maintenance": evolve(
                plain, uses=[SharedVolume("uploads", readonly=True)], networks=[backend]
            ),
            "sidecar": evolve(plain, network_mode="bot"),
        },
    )
