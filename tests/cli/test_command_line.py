"""The command line: what it prints, and what its exit code says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result
from raw_engine import RawEngine

from aiodockmap.cli._commands import command_line
from aiodockmap.plan import Verb

BAD_MAP = "name: shop\nweb:\n  image: nginx\n  exposse: {80: 8080}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, arguments)


def written(folder: Path, text: str) -> str:
    file = folder / "map.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    return str(file)


def one_container(folder: Path, prefix: str, image: str) -> str:
    return written(folder, f"name: {prefix}\nweb:\n  image: '{image}'\n  stop_timeout: 1\n")


@pytest.fixture
def engine(docker_url: str, monkeypatch: pytest.MonkeyPatch, raw_engine: RawEngine) -> RawEngine:
    """The engine that the command finds by DOCKER_HOST."""
    monkeypatch.setenv("DOCKER_HOST", docker_url)
    return raw_engine


def test_a_good_map_is_fine(tmp_path: Path) -> None:
    file = written(tmp_path, "name: shop\nweb: {image: nginx}\n")

    result = run("validate", file)

    assert result.exit_code == 0
    assert result.stdout == f"{file}: fine\n"


def test_all_problems_of_all_maps_are_told(tmp_path: Path) -> None:
    bad = written(tmp_path, BAD_MAP)
    worse = tmp_path / "worse.yaml"
    worse.write_text("name: [\n", encoding="utf-8")

    result = run("validate", bad, str(worse))

    assert result.exit_code == 2
    assert "$.containers.web.exposse" in result.stderr
    assert "exposes" in result.stderr
    assert "worse.yaml" in result.stderr


def test_a_bad_map_is_a_usage_error_before_any_engine_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    result = run("startup", written(tmp_path, BAD_MAP))

    assert result.exit_code == 2
    assert "exposse" in result.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    result = run("startup", str(tmp_path / "none.yaml"))

    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("startup",), id="action"),
        pytest.param(("plan", "startup"), id="plan"),
        pytest.param(("status",), id="status"),
    ],
)
def test_a_missing_engine_has_a_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    file = written(tmp_path, "name: shop\nweb: {image: nginx}\n")

    result = run(*command, file)

    assert result.exit_code == 3
    assert "none.sock" in result.stderr


@pytest.mark.parametrize(
    ("variables", "client", "said"),
    [
        pytest.param({"DOCKER_HOST": "foo://x"}, "{}", "reached by 'foo'", id="address"),
        pytest.param(
            {"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1"},
            "{}",
            "there is no file ca_cert",
            id="certificates-of-the-environment",
        ),
        pytest.param(
            {},
            "{base_url: 'tcp://127.0.0.1:1', tls: {ca_cert: none.pem}}",
            "there is no file ca_cert none.pem",
            id="certificate-of-a-client",
        ),
    ],
)
@pytest.mark.parametrize("command", ["update", "status"])
def test_settings_of_a_connection_that_mean_nothing_are_a_usage_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    variables: dict[str, str],
    client: str,
    said: str,
) -> None:
    file = written(tmp_path, "name: shop\nweb: {image: nginx}\n")
    clients = tmp_path / "clients.yaml"
    clients.write_text(f"__default__: {client}\n", encoding="utf-8")
    for name, value in {"DOCKER_CERT_PATH": str(tmp_path), **variables}.items():
        monkeypatch.setenv(name, value)

    result = run(command, file, "--clients", str(clients))

    assert said in result.stderr
    assert result.exit_code == 2


def test_a_version_that_an_engine_does_not_speak_is_a_usage_error(tmp_path: Path) -> None:
    file = written(tmp_path, "name: shop\nweb: {image: nginx}\n")
    clients = tmp_path / "clients.yaml"
    clients.write_text("__default__: {version: '9.99'}\n", encoding="utf-8")

    result = run("--embedded", "update", file, "--clients", str(clients))

    assert "speaks up to version" in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize("verb", list(Verb))
def test_every_action_is_a_command_and_can_be_planned(verb: Verb) -> None:
    name = "run-script" if verb is Verb.SCRIPT else verb.value.replace("_", "-")

    assert run(name, "--help").exit_code == 0
    assert run("plan", name, "--help").exit_code == 0


@pytest.mark.engine
def test_an_update_replaces_what_differs_and_what_is_forced(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str, prompt_image: str
) -> None:
    run("startup", one_container(tmp_path, prefix, test_image))
    file = one_container(tmp_path, prefix, prompt_image)

    changed, again = run("update", file), run("update", file)
    before = engine.container(f"{prefix}.web")
    forced = run("update", file, "--force", "web")

    after = engine.container(f"{prefix}.web")
    assert (changed.exit_code, again.exit_code, forced.exit_code) == (0, 0, 0)
    assert "nothing to do" in again.stderr
    assert before is not None
    assert after is not None
    assert before["Config"]["Image"] == prompt_image
    assert before["Id"] != after["Id"]


@pytest.mark.engine
def test_a_volume_that_differs_is_told_with_the_option_that_makes_it_anew(
    tmp_path: Path, engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    """UPD-46."""

    def mapped(options: str) -> str:
        return written(
            tmp_path,
            f"""
            name: {prefix}
            db: {{image: '{prompt_image}', attaches: data, stop_timeout: 1}}
            volumes: {{data: {{default_path: /data, driver_options: {options}}}}}
            """,
        )

    run("startup", mapped("{}"))
    file = mapped("{type: tmpfs, device: tmpfs}")

    told = run("plan", "update", file)
    option = re.search(r"--renew-volume \S+", told.stdout)
    assert option is not None, told.stdout
    shown = run("plan", "update", file, *option.group().split())
    renewed = run("update", file, *option.group().split())
    again = run("update", file)

    assert option.group() == "--renew-volume db.data"
    assert "all data in it is lost" in shown.stdout
    assert (renewed.exit_code, again.exit_code) == (0, 0), renewed.stderr
    assert engine.get(f"volumes/{prefix}.data")["Options"]["type"] == "tmpfs"
    assert "nothing to do" in again.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("data", "'data' is no CONTAINER.VOLUME", id="without-container"),
        pytest.param("db.", "'db.' is no CONTAINER.VOLUME", id="without-volume"),
        pytest.param("dbs.data", "did you mean 'db'?", id="unknown-container"),
        pytest.param("db.date", "did you mean 'data'?", id="unknown-volume"),
    ],
)
def test_a_volume_that_cannot_be_renewed_is_a_usage_error(
    tmp_path: Path, name: str, said: str
) -> None:
    file = written(
        tmp_path,
        """
        name: shop
        db: {image: nginx, attaches: data}
        volumes: {data: /data}
        """,
    )

    result = run("--embedded", "update", file, "--renew-volume", name)

    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.engine
def test_an_unknown_container_is_a_usage_error_that_names_the_nearest(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    file = one_container(tmp_path, prefix, test_image)

    result = run("startup", file, "wep")

    assert result.exit_code == 2
    assert "web" in result.stderr
    assert engine.container_names(prefix) == []


@pytest.mark.engine
def test_planning_changes_nothing_and_says_whether_there_are_changes(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    file = one_container(tmp_path, prefix, test_image)

    shown = run("plan", "startup", file)
    asked = run("plan", "startup", file, "--exit-code", "--format", "json")

    assert shown.exit_code == 0
    assert f"create container {prefix}.web" in shown.stdout
    assert asked.exit_code == 4
    assert [step["action"] for step in json.loads(asked.stdout)["steps"]] == ["create", "start"]
    assert engine.container_names(prefix) == []


@pytest.mark.engine
def test_a_site_goes_up_and_down_and_a_second_time_there_is_nothing_to_do(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    file = one_container(tmp_path, prefix, test_image)

    first, second = run("startup", file), run("startup", file, "--json")
    status = run("status", file, "--json")
    down = run("shutdown", file, "web")

    assert (first.exit_code, second.exit_code, status.exit_code, down.exit_code) == (0, 0, 0, 0)
    assert f"ok #1 create container {prefix}.web" in first.stderr
    assert "nothing to do" in second.stderr
    assert json.loads(second.stdout)["steps"] == []
    assert json.loads(status.stdout)[0]["state"] == "running"
    assert engine.container_names(prefix) == []


@pytest.mark.engine
def test_a_failed_step_is_told_and_has_a_code_of_its_own(
    tmp_path: Path, engine: RawEngine, prefix: str, failing_image: str
) -> None:
    file = one_container(tmp_path, prefix, failing_image)

    result = run("startup", file, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False
    assert "nothing to serve" in result.stderr
    assert engine.container_names(prefix) == [f"{prefix}.web"]


@pytest.mark.engine
def test_options_reach_the_action(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    file = one_container(tmp_path, prefix, test_image)
    run("startup", file)

    kept = run("remove", file)
    forced = run("remove", file, "--force")

    assert (kept.exit_code, forced.exit_code) == (0, 0)
    assert "nothing to do" in kept.stderr
    assert engine.container_names(prefix) == []


def test_a_map_is_checked_as_far_as_that_goes_without_an_engine(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        name: shop
        clients: [one]
        web:
          exposes: {80: [80, public], 81: [80, private]}
          image: Nginx
        """,
    )
    clients = tmp_path / "clients.yaml"
    clients.write_text("two: {interfaces: {public: 10.0.0.1}}\n", encoding="utf-8")

    alone, with_clients = run("validate", file), run("validate", file, "--clients", str(clients))

    assert (alone.exit_code, with_clients.exit_code) == (2, 2)
    assert alone.stderr.startswith(f"{file}: 1 problem\n")
    assert "write it in lower case letters" in alone.stderr
    assert "there is no client 'one'" in with_clients.stderr


def test_everything_that_is_wrong_with_a_map_is_said_at_once(tmp_path: Path) -> None:
    """What cannot be loaded hides nothing in the rest, and what follows from it is not said."""
    file = written(
        tmp_path,
        """
        name: shop
        groups: {all: [nowhere]}
        containers:
          base: {abstract: true, host_config: {mem_limt: 64m}}
          spoilt: {extends: [base], image: Spoilt, attaches: data}
          user: {image: User, uses: data}
          linked: {image: Linked, links: user, exposes: {80: 8080}}
          lost: {image: nginx, links: gone, exposes: {80: 8080}}
          web: {image: Nginx}
          one: {image: nginx, exposes: {80: 8080}}
          two: {image: nginx, exposes: {80: 8080}}
        volumes: {data: /data}
        """,
    )

    result = run("validate", file)

    first, *problems = result.stderr.splitlines()
    assert first == f"{file}: 5 problems"
    assert [re.split(r": | \(line", each.strip())[0] for each in problems] == [
        "$.groups.all[0]",
        "$.containers.base.host_config.mem_limt",
        "$.containers.lost.links[0]",
        "$.containers.web.image",
        "$.containers.two",
    ]
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "line", ["clients: {}", "repositroy: reg.test", "volumes: {data: [1, {}]}", "host: 5"]
)
def test_nothing_is_concluded_from_what_all_of_a_map_may_depend_on(
    tmp_path: Path, line: str
) -> None:
    file = written(tmp_path, f"name: shop\n{line}\nweb: {{image: Nginx}}\n")

    result = run("validate", file)

    assert result.stderr.startswith(f"{file}: 1 problem\n")
    assert "Nginx" not in result.stderr


@pytest.mark.engine
def test_networks_are_removed_if_that_is_asked_for(
    tmp_path: Path, engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    file = written(
        tmp_path,
        f"name: {prefix}\nnetworks: {{n: }}\nweb: {{image: '{prompt_image}', networks: n}}\n",
    )
    run("startup", file)

    refused = run("shutdown", file, "web", "--networks")
    plain = run("shutdown", file)
    left = engine.network_names(prefix)
    asked = run("shutdown", file, "--networks")

    assert (refused.exit_code, plain.exit_code, asked.exit_code) == (2, 0, 0)
    assert "name no containers" in refused.stderr
    assert left == [f"{prefix}.n"]
    assert engine.network_names(prefix) == []


@pytest.mark.engine
def test_status_is_a_line_for_each_container_wherever_it_is_printed(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    name = "a" * 40
    file = written(tmp_path, f"name: {prefix}\n{name}: {{image: '{test_image}'}}\n")

    result = run("status", file)

    assert engine.container_names(prefix) == []
    assert [line.split() for line in result.stdout.splitlines() if prefix in line] == [
        [f"{prefix}.{name}", "absent"]
    ]


@pytest.mark.engine
def test_status_is_a_table_with_what_is_absent_too(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    file = one_container(tmp_path, prefix, test_image)

    result = run("status", file)

    assert result.exit_code == 0
    assert engine.container_names(prefix) == []
    assert f"{prefix}.web" in result.stdout
    assert "absent" in result.stdout


def in_level(folder: Path, prefix: str, image: str, level: str) -> str:
    return written(
        folder,
        f"name: {prefix}\nweb:\n  image: '{image}'\n  stop_timeout: 0\n"
        f"  create_options: {{environment: {{LEVEL: {level}}}}}\n",
    )


@pytest.mark.engine
def test_status_tells_the_relation_to_the_configuration_and_scripts_by_its_exit_code(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    absent = run("status", in_level(tmp_path, prefix, test_image, "low"), "--exit-code")
    run("startup", in_level(tmp_path, prefix, test_image, "low"))
    current = run("status", in_level(tmp_path, prefix, test_image, "low"), "--exit-code")
    file = in_level(tmp_path, prefix, test_image, "high")
    outdated = run("status", file, "--exit-code")
    quick = run("status", file, "--exit-code", "--quick")
    as_json = run("status", file, "--json")

    assert engine.container_names(prefix) == [f"{prefix}.web"]
    codes = [each.exit_code for each in (absent, current, outdated, quick, as_json)]
    assert codes == [4, 0, 4, 0, 0]
    assert "configuration" not in absent.stdout
    assert current.stdout.split()[-1] == "current"
    assert "outdated: environment: LEVEL changed" in outdated.stdout
    assert "configuration" not in quick.stdout
    [plain] = json.loads(as_json.stdout)
    assert (plain["relation"], plain["reasons"]) == ("outdated", ["environment: LEVEL changed"])


def test_status_and_plan_end_with_3_if_an_engine_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")

    for command in (("status",), ("plan", "startup")):
        result = run(*command, written(tmp_path, "name: shop\nweb: {image: nginx}\n"))

        assert result.exit_code == 3
        assert "nobody.sock" in result.stderr


@pytest.mark.engine
def test_logs_are_lines_with_the_name_of_their_container(
    tmp_path: Path, engine: RawEngine, prefix: str, test_image: str
) -> None:
    command = '["/bin/sh", "-c", "echo hello; echo oh >&2; exec sleep 1000"]'
    options = f"image: '{test_image}', stop_timeout: 0, create_options: {{command: {command}}}"
    file = written(tmp_path, f"name: {prefix}\nweb: {{{options}}}\nworker: {{{options}}}\n")
    run("startup", file)

    everything = run("logs", file)
    last = run("logs", file, "web", "--tail", "1", "--since", "10m", "--timestamps")
    late = run("logs", file, "--since", "2999-01-01T00:00:00+00:00")
    wrong = run("logs", file, "--since", "yesterday")

    assert engine.container_names(prefix) == [f"{prefix}.web", f"{prefix}.worker"]
    assert [each.exit_code for each in (everything, last, late, wrong)] == [0, 0, 0, 2]
    lines = everything.stdout.splitlines()
    assert sorted(lines) == sorted(
        f"{prefix}.{name:6} | {text}" for name in ("web", "worker") for text in ("hello", "oh")
    )
    [line] = last.stdout.splitlines()
    assert line.split()[:2] == [f"{prefix}.web", "|"]
    assert line.split()[2].endswith("Z")
    assert late.stdout == ""
    assert "neither a time back" in wrong.stderr
