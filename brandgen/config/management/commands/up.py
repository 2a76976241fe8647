"""``manage.py up``: the whole of brandgen in one terminal."""

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from brandgen.config.supervisor import Program, Supervisor


class Command(BaseCommand):
    """Runs the web process and a worker under one supervisor."""

    help = "Migrate if needed, then run web and worker together until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options."""
        parser.add_argument("--host", default="127.0.0.1", help="Default: %(default)s")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--concurrency",
            type=int,
            default=min(2, os.cpu_count() or 1),
            help="Jobs at a time. Default: %(default)s",
        )

    def handle(self, *, host: str, port: int, concurrency: int, **options: Any) -> None:
        """Run everything; exit with 1 if a program can't be started."""
        _require_free(host, port)
        if _is_behind():
            self.stdout.write("up     | Bringing the database up to date.")
            call_command("migrate", interactive=False, verbosity=0)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        connections.close_all()
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(settings.ROOT), os.environ.get("PYTHONPATH", "")])
            ),
            "PYTHONUNBUFFERED": "1",
        }
        programs = [
            Program("web", _web(host, port), environ),
            Program("worker", _worker(concurrency), environ),
        ]
        self.stdout.write(f"up     | brandgen: http://{host}:{port}  (Ctrl-C stops it)")
        self.stdout.flush()
        sys.exit(Supervisor(programs).run())


def _web(host: str, port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface=asginl",
        f"--host={host}",
        f"--port={port}",
        "--workers=1",
        "--no-ws",
        # Progress streams stay open; they must not hold up a stop.
        "--workers-kill-timeout=3",
        "--log-level=warning",
        "brandgen.config.asgi:application",
    ]


def _worker(concurrency: int) -> list[str]:
    return [sys.executable, "-m", "django", "work", f"--concurrency={concurrency}"]


def _require_free(host: str, port: int) -> None:
    """Say that a port is taken before a server dies of it again and again."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandError(
            f"Can't serve at {host}:{port}: {reason}. Choose another --port."
        ) from error


def _is_behind() -> bool:
    """Say whether the database lacks a migration."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
