"""The lab's daemon: all clouds of one lab in one process, each on its own loopback port.

Started by `portability lab up`; by hand: python -m portability.lab.serve --dir DIR
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import uvicorn

from portability.errors import LabError, PortabilityError
from portability.lab import kinds
from portability.lab.api.app import application
from portability.lab.cloud import Cloud
from portability.lab.folder import LabFolder

log = logging.getLogger("portability.lab.serve")


class Api:
    """The HTTP side of some clouds. The sockets are given bound, so the ports are known before anything runs."""

    def __init__(self, clouds: Mapping[str, Cloud], sockets: Mapping[str, socket.socket]) -> None:
        self._sockets = sockets
        self._servers = {name: _Server(_config(cloud)) for name, cloud in clouds.items()}

    async def serve(self) -> None:
        """Answer until `stop`."""
        await asyncio.gather(*(server.serve([self._sockets[name]]) for name, server in self._servers.items()))

    def stop(self) -> None:
        for server in self._servers.values():
            server.should_exit = True


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's business: several servers share one process."""
        yield


def _config(cloud: Cloud) -> uvicorn.Config:
    return uvicorn.Config(
        application(cloud),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


def bind(port: int) -> socket.socket:
    """A socket for one cloud's APIs.

    Raises:
        LabError: when the port is taken.
    """
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is: 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        # From here on clients wait instead of being refused while the clouds get ready.
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise LabError(
            f"port {port} on 127.0.0.1 is taken: {error.strerror}", way_out="set another `port:` in lab.yaml"
        ) from error
    return listener


def open_clouds(folder: LabFolder) -> dict[str, Cloud]:
    """All clouds of a lab, as they were left."""
    plan, settings = folder.plan(), folder.settings()
    image = kinds.root_image(plan.kind, log.info)
    return {
        cloud.name: Cloud(
            cloud.name,
            settings.clouds[cloud.name],
            folder.cloud(cloud.name),
            machines=kinds.machines(plan.kind, cloud, folder.cloud(cloud.name)),
            plane=kinds.plane(plan.kind, cloud, folder.cloud(cloud.name)),
            root_image=image,
            accounts=cloud.accounts,
        )
        for cloud in plan.clouds
    }


def run(folder: LabFolder) -> None:
    """Serve the lab until SIGTERM or SIGINT."""
    plan = folder.plan()
    sockets = {cloud.name: bind(cloud.port) for cloud in plan.clouds}
    clouds = open_clouds(folder)
    try:
        for cloud in clouds.values():
            cloud.start()
        for cloud in clouds.values():
            cloud.network.settle()
        api = Api(clouds, sockets)
        for name, listener in sockets.items():
            log.info("%s answers on http://127.0.0.1:%s", name, listener.getsockname()[1])
        asyncio.run(_until_signal(api))
    finally:
        for cloud in clouds.values():
            cloud.stop()


async def _until_signal(api: Api) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, api.stop)
    await api.serve()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portability.lab.serve", description="Serve one lab.")
    parser.add_argument("--dir", type=Path, required=True, help="the lab's folder")
    parser.add_argument("--debug", action="store_true", help="log every request")
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.DEBUG if arguments.debug else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        run(LabFolder(arguments.dir))
    except PortabilityError as error:
        log.error("%s", error)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
