"""The actions that every client has, each named as in behaviour 1 (API-5), and those of its user."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from ..execute import RunReport, ScriptResult
from ._maps import Instances, Selection
from ._pipeline import Chosen
from ._scripts import one_instance, results_of


class ActionMethods(ABC):
    """One coroutine for each action on containers; all of them go through one method."""

    @abstractmethod
    async def _act(self, action: str, chosen: Chosen, options: Mapping[str, object]) -> RunReport:
        """Plan an action and carry it out."""

    async def create(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Create what is missing on the way to the selected containers, and them; start nothing.

        Besides `prepare_local`, every keyword of `create_options` and `host_config` is taken; they win
        over the map, for the selected containers only (KW-5, KW-6).
        """
        return await self._act("create", Chosen(containers, instances, map_name), options)

    async def start(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Start the selected containers, their dependencies first; create nothing (ACT-2, ACT-22).

        Keywords of limits (`mem_limit`, `memswap_limit`, `mem_reservation`, `cpu_shares`, `cpu_period`,
        `cpu_quota`, `nano_cpus`, `cpuset_cpus`, `cpuset_mems`, `pids_limit`, `blkio_weight`) and
        `restart_policy` are set on the selected containers right before they are started (KW-7); all others
        are fixed when a container is created. They hold until an `update`, which brings back what the map
        has.
        """
        return await self._act("start", Chosen(containers, instances, map_name), options)

    async def restart(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Stop and start the selected containers only (ACT-3); `timeout`, `restart_exec_commands`."""
        return await self._act("restart", Chosen(containers, instances, map_name), options)

    async def stop(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Stop the selected containers, those that depend on them first (ACT-4).

        Options: `timeout`, `raise_not_found`. A container that goes away before it is stopped is as wanted,
        unless `raise_not_found` makes it a `ResourceNotFound` (ERR-12). Containers that do not exist, or do
        not run, when the action begins are no part of it.
        """
        return await self._act("stop", Chosen(containers, instances, map_name), options)

    async def remove(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Remove the selected containers and those that depend on them; running ones stay (ACT-5).

        Options: `remove_persistent`, `remove_attached`, `v`, `link`, `force`, `raise_not_found`. A
        container that goes away before it is removed is as wanted, unless `raise_not_found` makes it a
        `ResourceNotFound` (ERR-12). Containers that do not exist when the action begins are no part of it.
        """
        return await self._act("remove", Chosen(containers, instances, map_name), options)

    async def startup(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Bring the selected containers and all that they need up (ACT-6, ACT-7).

        Options: `prepare_local`, `nonrecoverable_exit_codes`.
        """
        return await self._act("startup", Chosen(containers, instances, map_name), options)

    async def shutdown(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Stop and remove the selected containers and those that depend on them (ACT-8).

        Options: `remove_persistent`, `remove_attached`.
        """
        return await self._act("shutdown", Chosen(containers, instances, map_name), options)

    async def update(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Make the selected containers and all that they need as the map has them, by the least means.

        What is as it should be is not touched; limits are changed live, connections renewed, and only what
        cannot be mended otherwise is replaced, the old container coming back if the new one does not come
        up. Images that are absent (or all, with `pull_before_update`) are pulled in a round of its own,
        whose report is `report.rounds[0]`.

        Options: `force_update` (a selection that is re-created without comparing; a volume that it names
        loses its data), `pull_before_update`, `skip_limit_reset`, `update_persistent`,
        `check_exec_commands`, `nonrecoverable_exit_codes`, `prepare_local`; `pull_insecure_registry` has no
        effect.
        """
        return await self._act("update", Chosen(containers, instances, map_name), options)

    async def signal(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Send a signal to the selected containers that run (SIG-1); `signal`, SIGKILL by default."""
        return await self._act("signal", Chosen(containers, instances, map_name), options)

    async def run_script(
        self,
        container: Selection,
        instance: str | None = None,
        map_name: str | None = None,
        **options: object,
    ) -> dict[str, ScriptResult | dict[str, ScriptResult]]:
        """Run a script in a new container of a configuration, on all its engines (SCR-13, SCR-21).

        What the container needs is brought up first, and stays. Its exec commands are not run, its restart
        policy is not applied, and no exit code is an error.

        Options: `script_path` (a file or a folder), `entrypoint`, `command_format` (where `{script_path}`
        stands for the script in the container), `container_script_dir` ("/tmp/script_run"),
        `script_transfer` ("mount", or "copy" for engines on other hosts), `wait_timeout` (seconds),
        `timestamps`, `tail`, `remove_existing_before`, `remove_created_after`, and those of `startup`.

        Returns:
            For each client the result; for several instances one for each, by its name (SCR-15). A script
            that does not end in time has a result with `error`, and its container runs on (SCR-16). With
            `raise_on_error=False`, a client that fails, or is left out, has a result with `error`, too.

        Raises:
            ActionTypeError: for anything but a container (ERR-5).
            ScriptActionError: if its container exists, before anything is changed (SCR-10).
            ActionRunnerError: if a step fails; the new container is removed then (SCR-17).

        Cancelling it stops (within 3 s) and removes the container.
        """
        chosen = Chosen(container, one_instance(instance), map_name)
        return results_of(await self._act("script", chosen, options))

    async def pull_images(
        self,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Pull the images of the selected containers and of what they need (PUL-1).

        An image of the map can be selected by itself, as for other actions that pull:
        `{"config_type": "image", "config_name": "nginx:1.27"}`.

        Options: `pull_all_images` (True; False pulls absent ones only), `pull_insecure_registry`.
        """
        return await self._act("pull_images", Chosen(containers, instances, map_name), options)

    async def call(
        self,
        action: str,
        containers: Selection,
        instances: Instances = None,
        map_name: str | None = None,
        **options: object,
    ) -> RunReport:
        """Carry out an action by its name: a built-in one, or one of `MapClient(actions=...)` (CALL-1).

        Keyword arguments are handed on. What the coroutines of a `ContainerAction` return is in
        `report.results`; the report of a `CompositeAction` is that of its last part, with those of the parts
        before in `report.rounds`.

        Raises:
            OptionError: for an unknown name, with all that there are (CALL-4), and for unknown options.
            ActionTypeError: if a registered action is asked of anything but containers.
        """
        return await self._act(action, Chosen(containers, instances, map_name), options)
