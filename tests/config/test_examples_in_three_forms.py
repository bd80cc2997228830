"""The landscapes of the documentation, as YAML, as a dict and as objects: equal maps."""

from __future__ import annotations

import pytest

from aiodockmap.config import (
    ContainerConfiguration,
    ContainerMap,
    HostVolumeConfiguration,
    NetworkConfiguration,
    VolumeConfiguration,
    load_map,
)
from aiodockmap.model import (
    ExecCommand,
    ExecPolicy,
    HealthCheck,
    HostVolume,
    NetworkEndpoint,
    PortBinding,
    SharedVolume,
)

SITE_YAML = """\
name: site
host_root: !path $SITE_ROOT
volumes:
  socket: /run/app
  web_log: /var/log/web
  app_log: /var/log/app
  app_config: /etc/app
  app_data: /var/lib/app
host:
  app_config: {one: config/one, two: config/two}
  app_data: {one: data/one, two: data/two}
base:
  abstract: true
  image: /site-example
  stop_timeout: 3
  create_options:
    environment: {TZ: UTC}
  host_config:
    mem_limit: 64m
    restart_policy: {Name: on-failure, MaximumRetryCount: 3}
web:
  extends: base
  binds:
    /etc/web: [config/web, ro]
  uses: socket
  attaches: web_log
  exposes:
    80: 18080
    443: [18443, public]
app:
  extends: base
  instances: [one, two]
  user: 2000
  permissions: u=rwX,g=rX,o=
  binds:
  - app_config: ro
  - app_data:
  attaches: [app_log, socket]
  exec_commands:
  - ["/bin/touch /var/lib/app/started", root, initial]
"""
SITE_DICT: dict[str, object] = {
    "host_root": "/srv/site",
    "volumes": {
        "socket": {"default_path": "/run/app"},
        "web_log": "/var/log/web",
        "app_log": "/var/log/app",
        "app_config": "/etc/app",
        "app_data": "/var/lib/app",
    },
    "host": {
        "app_config": {"one": "config/one", "two": "config/two"},
        "app_data": {"one": "data/one", "two": "data/two"},
    },
    "containers": {
        "base": {
            "abstract": True,
            "image": "/site-example",
            "stop_timeout": 3,
            "create_options": {"environment": {"TZ": "UTC"}},
            "start_options": {
                "mem_limit": "64m",
                "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
            },
        },
        "web": {
            "extends": ["base"],
            "binds": [("/etc/web", "config/web", True)],
            "uses": ["socket"],
            "attaches": ["web_log"],
            "exposes": [(80, 18080), (443, 18443, "public")],
        },
    },
    "app": {
        "extends": "base",
        "instances": ("one", "two"),
        "user": 2000,
        "permissions": "u=rwX,g=rX,o=",
        "binds": {"app_config": True, "app_data": "rw"},
        "attaches": {"app_log": None, "socket": None},
        "exec_commands": [
            {"cmd": "/bin/touch /var/lib/app/started", "user": "root", "policy": "initial"}
        ],
    },
}
SITE = ContainerMap(
    "site",
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
        root="/srv/site",
    ),
    containers={
        "base": ContainerConfiguration(
            abstract=True,
            image="/site-example",
            stop_timeout=3,
            create_options={"environment": {"TZ": "UTC"}},
            host_config={
                "mem_limit": "64m",
                "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
            },
        ),
        "web": ContainerConfiguration(
            extends=("base",),
            binds=(HostVolume("/etc/web", "config/web", readonly=True),),
            uses=(SharedVolume("socket"),),
            attaches=(SharedVolume("web_log"),),
            exposes=(PortBinding(80, 18080), PortBinding(443, 18443, "public")),
        ),
        "app": ContainerConfiguration(
            extends=("base",),
            instances=("one", "two"),
            user=2000,
            permissions="u=rwX,g=rX,o=",
            binds=(SharedVolume("app_config", readonly=True), SharedVolume("app_data")),
            attaches=(SharedVolume("app_log"), SharedVolume("socket")),
            exec_commands=(
                ExecCommand("/bin/touch /var/lib/app/started", "root", ExecPolicy.INITIAL),
            ),
        ),
    },
)

BOT_YAML = """\
name: bot
default_tag: latest
networks:
  backend: {internal: true}
  frontend: {driver: bridge, driver_options: {com.docker.network.bridge.enable_icc: 'true'}}
volumes:
  pgdata: {default_path: /var/lib/postgresql, user: 70, permissions: u=rwX,go=}
  uploads: /srv/uploads
groups:
  storage: [db, cache]
  work: [worker.fast, worker.slow]
db:
  image: /site-example
  attaches: pgdata
  persistent: true
  stop_signal: SIGINT
  stop_timeout: 30
  networks: {backend: [postgres, sql]}
  healthcheck: {test: [CMD, /bin/true], interval: 5s, timeout: 2s, retries: 5}
cache:
  image: /site-example
  networks: backend
  host_config: {mem_limit: 32m, tmpfs: [/data]}
worker:
  image: /site-example
  instances: [fast, slow]
  uses: [uploads]
  networks: backend
  create_options:
    environment: {DATABASE: postgres, CACHE: bot-cache, WORKERS: 4}
    labels: {role: worker}
  host_config: {cpu_shares: 512, pids_limit: 100}
bot:
  image: /site-example
  attaches: uploads
  networks:
    frontend:
    backend: {aliases: [api]}
  exposes: 8080
  start_delay: 0.1
maintenance:
  image: /site-example
  uses: {uploads: ro}
  networks: backend
sidecar:
  image: /site-example
  network_mode: bot
"""
BOT_DICT: dict[str, object] = {
    "default_tag": "latest",
    "networks": {
        "backend": {"internal": True},
        "frontend": {
            "driver": "bridge",
            "driver_options": {"com.docker.network.bridge.enable_icc": "true"},
        },
    },
    "volumes": {
        # In braces, YAML ends a text without quotes at a comma.
        "pgdata": {"default_path": "/var/lib/postgresql", "user": 70, "permissions": "u=rwX"},
        "uploads": "/srv/uploads",
    },
    "groups": {"storage": ["db", "cache"], "work": ["worker.fast", "worker.slow"]},
    "db": {
        "image": "/site-example",
        "attaches": ["pgdata"],
        "persistent": True,
        "stop_signal": "SIGINT",
        "stop_timeout": 30,
        "networks": [("backend", ["postgres", "sql"])],
        "healthcheck": [["CMD", "/bin/true"], "5s", "2s", 5],
    },
    "cache": {
        "image": "/site-example",
        "networks": ["backend"],
        "host_config": {"mem_limit": "32m", "tmpfs": ["/data"]},
    },
    "worker": {
        "image": "/site-example",
        "instances": ["fast", "slow"],
        "uses": "uploads",
        "networks": {"backend": None},
        "create_options": {
            "environment": {"DATABASE": "postgres", "CACHE": "bot-cache", "WORKERS": 4},
            "labels": {"role": "worker"},
        },
        "host_config": {"cpu_shares": 512, "pids_limit": 100},
    },
    "bot": {
        "image": "/site-example",
        "attaches": {"uploads": None},
        "networks": ["frontend", {"backend": "api"}],
        "exposes": ["8080"],
        "start_delay": 0.1,
    },
    "maintenance": {
        "image": "/site-example",
        "uses": [("uploads", True)],
        "networks": "backend",
    },
    "sidecar": {"image": "/site-example", "network_mode": ["bot", None]},
}
BOT = ContainerMap(
    "bot",
    default_tag="latest",
    networks={
        "backend": NetworkConfiguration(internal=True),
        "frontend": NetworkConfiguration(
            driver="bridge", driver_options={"com.docker.network.bridge.enable_icc": "true"}
        ),
    },
    volumes={
        "pgdata": VolumeConfiguration(
            default_path="/var/lib/postgresql", user=70, permissions="u=rwX"
        ),
        "uploads": VolumeConfiguration(default_path="/srv/uploads"),
    },
    groups={"storage": ("db", "cache"), "work": ("worker.fast", "worker.slow")},
    db=ContainerConfiguration(
        image="/site-example",
        attaches=SharedVolume("pgdata"),
        persistent=True,
        stop_signal="SIGINT",
        stop_timeout=30,
        networks=NetworkEndpoint("backend", ("postgres", "sql")),
        healthcheck=HealthCheck(("CMD", "/bin/true"), 5_000_000_000, 2_000_000_000, 5),
    ),
    cache=ContainerConfiguration(
        image="/site-example",
        networks=NetworkEndpoint("backend"),
        host_config={"mem_limit": "32m", "tmpfs": ("/data",)},
    ),
    worker=ContainerConfiguration(
        image="/site-example",
        instances=("fast", "slow"),
        uses=SharedVolume("uploads"),
        networks=NetworkEndpoint("backend"),
        create_options={
            "environment": {"DATABASE": "postgres", "CACHE": "bot-cache", "WORKERS": 4},
            "labels": {"role": "worker"},
        },
        host_config={"cpu_shares": 512, "pids_limit": 100},
    ),
    bot=ContainerConfiguration(
        image="/site-example",
        attaches=SharedVolume("uploads"),
        networks=(NetworkEndpoint("frontend"), NetworkEndpoint("backend", ("api",))),
        exposes=PortBinding(8080),
        start_delay=0.1,
    ),
    maintenance=ContainerConfiguration(
        image="/site-example",
        uses=SharedVolume("uploads", readonly=True),
        networks=NetworkEndpoint("backend"),
    ),
    sidecar=ContainerConfiguration(image="/site-example", network_mode="bot"),
)


@pytest.mark.parametrize(
    ("document", "mapping", "objects"),
    [
        pytest.param(SITE_YAML, SITE_DICT, SITE, id="site"),
        pytest.param(BOT_YAML, BOT_DICT, BOT, id="bot"),
    ],
)
def test_all_three_forms_are_equal(
    document: str,
    mapping: dict[str, object],
    objects: ContainerMap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITE_ROOT", "/srv/site")

    from_yaml = load_map(document)

    assert from_yaml == ContainerMap.from_dict(from_yaml.name, mapping)
    assert from_yaml == objects
    assert ContainerMap.from_dict(from_yaml.name, from_yaml.to_dict()) == objects
