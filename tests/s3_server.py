"""A real S3 on loopback for tests: Ceph's monitor, one OSD in memory, and radosgw.

Takes about two seconds to start. Tests skip where Ceph is not installed (Debian:
``apt-get install --no-install-recommends radosgw ceph-mon ceph-osd``).
"""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = (
    "ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "openssl",
    "radosgw", "radosgw-admin",
)  # fmt: skip
ACCESS_KEY = "AKTEST"
SECRET_KEY = "SKTEST-never-in-a-dump"

# A pool takes one round of paxos to make, and by default a round waits a second.
CONFIG = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon_port}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keyring
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
pid file = {folder}/run/$name.pid
log file = {folder}/log/$name.log
mon cluster log file = {folder}/log/cluster.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
paxos propose interval = 0.05
paxos min wait = 0.01
[mon]
mon data = {folder}/mon
mon initial members = a
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
[client.rgw]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port} ssl_endpoint=127.0.0.1:{tls_port} \
ssl_certificate={folder}/tls.crt ssl_private_key={folder}/tls.key
rgw enable usage log = false
rgw thread pool size = 32
"""


@dataclass(frozen=True)
class S3Server:
    """Where the server answers, and by which keys."""

    http_url: str
    https_url: str
    ca_bundle: str
    access_key_id: str = ACCESS_KEY
    secret_access_key: str = SECRET_KEY


def missing_programs() -> list[str]:
    """Name the programs that the server needs and this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Run the server with an empty store as long as the block lasts."""
    for name in ("mon", "osd", "rgw", "run", "log"):
        (folder / name).mkdir(parents=True)
    mon_port, port, tls_port = _free_ports(3)
    fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
    config = folder / "ceph.conf"
    config.write_text(
        CONFIG.format(
            fsid=fsid, folder=folder, mon_port=mon_port, port=port, tls_port=tls_port
        )
    )
    run = _Runner(config)
    _make_certificate(run, folder)
    _make_keyring(run, folder / "keyring")
    try:
        _start(run, folder, fsid=fsid, osd=osd, mon_port=mon_port, port=port)
        yield S3Server(
            http_url=f"http://127.0.0.1:{port}",
            https_url=f"https://127.0.0.1:{tls_port}",
            ca_bundle=str(folder / "tls.crt"),
        )
    finally:
        _stop(folder / "run")


class _Runner:
    """Runs one program after the other under one configuration."""

    def __init__(self, config: Path) -> None:
        self.environ = {**os.environ, "CEPH_CONF": str(config)}

    def __call__(self, *command: str) -> None:
        done = subprocess.run(
            command,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        if done.returncode:
            text = done.stdout.decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} failed: {text}")


def _make_certificate(run: _Runner, folder: Path) -> None:
    run(
        *("openssl", "req", "-x509", "-nodes", "-days", "2"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")),
    )


def _make_keyring(run: _Runner, path: Path) -> None:
    grants = {
        "mon.": {"mon": "allow *"},
        "client.admin": {"mon": "allow *", "osd": "allow *"},
        "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
        "client.rgw": {"mon": "allow rwx", "osd": "allow rwx"},
    }
    for number, (name, capabilities) in enumerate(grants.items()):
        create = ["--create-keyring"] if number == 0 else []
        caps = [word for pair in capabilities.items() for word in ("--cap", *pair)]
        run("ceph-authtool", *create, str(path), "--gen-key", "-n", name, *caps)


def _start(
    run: _Runner, folder: Path, *, fsid: str, osd: str, mon_port: int, port: int
) -> None:
    monmap = str(folder / "monmap")
    keyring = str(folder / "keyring")
    address = f"[v1:127.0.0.1:{mon_port}]"
    run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, monmap)
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
    run("ceph-mon", "-i", "a")
    run("ceph", "osd", "new", osd)
    run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
    run("ceph-osd", "-i", "0")
    run("radosgw", "-n", "client.rgw")
    _wait_for(port)
    run(
        *("radosgw-admin", "user", "create", "--uid=test", "--display-name=test"),
        *(f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}"),
    )


def _stop(run_folder: Path) -> None:
    """Kill the daemons: their store is in memory and ends with them."""
    for path in run_folder.glob("*.pid"):
        with suppress(ValueError, ProcessLookupError):
            os.kill(int(path.read_text()), signal.SIGKILL)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"radosgw does not answer on port {port}.")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
