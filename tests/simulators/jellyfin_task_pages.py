"""Jellyfin's scheduled tasks and plugins: reading them, starting and cancelling tasks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import failed, moment, problem, reply
from tests.simulators.jellyfin_plugin import PLUGIN_ID, Plugin
from tests.simulators.jellyfin_reading import guid, not_valid
from tests.simulators.jellyfin_tasks import NotRunning, Task

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer


class TaskPages:
    """The pages below /ScheduledTasks and /Plugins, for administrators."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._state = server.state

    def routes(self) -> Iterable[Route]:
        """The one of a running task comes before that of any."""
        return [
            ("GET", "/ScheduledTasks", self._list),
            ("POST", "/ScheduledTasks/Running/{task}", self._start),
            ("DELETE", "/ScheduledTasks/Running/{task}", self._cancel),
            ("GET", "/ScheduledTasks/{task}", self._one),
            ("GET", "/Plugins", self._plugins),
            ("GET", "/Plugins/{plugin}/Configuration", self._configuration),
        ]

    def infos(self, *, hidden: bool | None = None, enabled: bool | None = None) -> list[dict[str, object]]:
        """What is told of the tasks, by name; only those that are hidden, or enabled, or are not.

        The server's own tasks pass any such filter (ScheduledTasksController.GetTasks); Shokofin's are all enabled.
        """
        known = sorted(self._known(), key=lambda task: task.name)
        return [
            self._info(task)
            for task in known
            if not task.is_shokofins or (hidden in (None, self._is_hidden(task)) and enabled is not False)
        ]

    def _is_hidden(self, task: Task) -> bool:
        return task.advanced and not self._state.plugins[PLUGIN_ID].is_advanced

    def _known(self) -> list[Task]:
        installed = PLUGIN_ID in self._state.plugins
        return [
            task
            for task in self._state.tasks
            if (installed or not task.is_shokofins)
            and (task.last_jellyfin is None or self._server.release <= task.last_jellyfin)
        ]

    def _task(self, call: Call) -> Task:
        self._server.administrator(call)
        for task in self._known():
            if task.id == call.params["task"].lower():
                return task
        raise problem(404, "Not Found")

    async def _list(self, call: Call) -> web.StreamResponse:
        self._server.administrator(call)
        listed, _ = call.listed(self.infos(hidden=call.flag("isHidden"), enabled=call.flag("isEnabled")))
        return reply(listed)

    async def _one(self, call: Call) -> web.StreamResponse:
        return reply(self._info(self._task(call)))

    async def _start(self, call: Call) -> web.StreamResponse:
        task = self._task(call)
        self._server.journal.note("task.started", task.key)
        self._state.tasks.start(task.key)
        return web.Response(status=204)

    async def _cancel(self, call: Call) -> web.StreamResponse:
        task = self._task(call)
        try:
            self._state.tasks.cancel(task.key)
        except NotRunning:
            raise failed(500) from None
        self._server.journal.note("task.cancelled", task.key)
        return web.Response(status=204)

    def _info(self, task: Task) -> dict[str, object]:
        content: dict[str, object] = {
            "Name": task.name,
            "State": task.state,
            "Id": task.id,
            "Triggers": [],
            "Description": task.name,
            "Category": task.category,
            "IsHidden": self._is_hidden(task),
            "Key": task.key,
        }
        if task.share is not None:
            content["CurrentProgressPercentage"] = task.share * 100
        if (result := task.result) is not None:
            content["LastExecutionResult"] = {
                "StartTimeUtc": moment(result.started),
                "EndTimeUtc": moment(result.ended),
                "Status": result.status,
                "Name": task.name,
                "Key": task.key,
                "Id": task.id,
            } | ({"ErrorMessage": result.error} if result.error else {})
        return content

    async def _plugins(self, call: Call) -> web.StreamResponse:
        self._server.administrator(call)
        listed, _ = call.listed(list(self._state.plugins.values()))
        return reply([_plugin_info(plugin) for plugin in listed])

    async def _configuration(self, call: Call) -> web.StreamResponse:
        self._server.administrator(call)
        text = call.params["plugin"]
        plugin_id = guid(text)
        if plugin_id is None:
            raise not_valid("pluginId", text)
        if plugin_id not in self._state.plugins:
            raise problem(404, "Not Found")
        return reply(self._state.plugins[plugin_id].configuration)


def _plugin_info(plugin: Plugin) -> dict[str, object]:
    return {
        "Name": plugin.name,
        "Version": plugin.version,
        "ConfigurationFileName": "Shokofin.xml",
        "Description": "Use Shoko from Jellyfin.",
        "Id": plugin.id,
        "CanUninstall": True,
        "HasImage": True,
        "Status": plugin.status,
    }
