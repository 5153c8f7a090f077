"""A PostgreSQL of the test's own, to be restarted as roughly as the test likes."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Cluster:
    def __init__(self, folder: Path) -> None:
        # The newest one that Debian's packages installed.
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        """PostgreSQL refuses to run as root; as root it runs as the user that its package made."""
        user = "postgres" if os.geteuid() == 0 else None
        subprocess.run([self.programs / program, *arguments], user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        data = str(self.folder / "data")
        self.run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, how: str) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", how, "stop")


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="langganan-faults-"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    cluster = Cluster(folder)
    try:
        cluster.run("initdb", "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--encoding=UTF8")
        cluster.start()
        yield cluster
    finally:
        cluster.stop("immediate")
        shutil.rmtree(folder)
