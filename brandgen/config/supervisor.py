"""Keep a few programs running as one: one log, one Ctrl-C, restarts with back-off."""

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

STOP_GRACE_S = 10.0
FIRST_BACK_OFF_S = 0.5
LONGEST_BACK_OFF_S = 30.0
STEADY_AFTER_S = 20.0
"""A program that lived for so long is sound: its next restart is at once again."""
MOST_FALSE_STARTS = 5
_PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One program to keep running, and how it fares."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float | None = 0.0
    false_starts: int = 0
    unfinished_line: bytes = b""

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.returncode is None


@dataclass
class Supervisor:
    """Runs programs until told to stop, or until one of them can't be started."""

    programs: Sequence[Program]
    out: IO[bytes] = field(default_factory=lambda: sys.stdout.buffer)
    _stop_signals: int = 0
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> int:
        """Keep everything running; return 0 after a stop, 1 if a program gave up."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        exit_code = 0
        while not self._stop_signals:
            for program in self.programs:
                self._attend(program)
                if program.false_starts >= MOST_FALSE_STARTS:
                    self._say(f"{program.name} does not start; giving up. See above.")
                    exit_code, self._stop_signals = 1, 1
            self._copy_logs(timeout_s=0.2)
        self._stop_all()
        return exit_code

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_signals += 1

    def _attend(self, program: Program) -> None:
        """Start what should run and does not; note what has ended."""
        now = time.monotonic()
        if program.process is None:
            if program.start_again_at is not None and now >= program.start_again_at:
                self._start(program)
            return
        code = program.process.poll()
        if code is None:
            return
        # What it left behind (a pool process) must not run beside the next one.
        _signal_group(program.process, signal.SIGKILL)
        self._close(program)
        is_sound = now - program.started_at >= STEADY_AFTER_S
        program.false_starts = 0 if is_sound else program.false_starts + 1
        delay_s = min(
            LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** max(0, program.false_starts - 1)
        )
        program.start_again_at = now + delay_s
        self._say(f"{program.name} ended with {code}; starts again in {delay_s:g} s.")

    def _start(self, program: Program) -> None:
        program.process = subprocess.Popen(  # noqa: S603
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(program.environ),
            # A group of its own: Ctrl-C in a terminal reaches this process only, and
            # a kill of the group reaches whatever the program has started.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        program.started_at = time.monotonic()
        assert program.process.stdout is not None  # noqa: S101
        os.set_blocking(program.process.stdout.fileno(), False)
        self._selector.register(program.process.stdout, selectors.EVENT_READ, program)

    def _stop_all(self) -> None:
        """Ask everything to stop; kill what takes too long, or on a second Ctrl-C."""
        running = [program for program in self.programs if program.process]
        self._say("Stopping. Jobs in the middle are handed back.")
        for program in running:
            assert program.process is not None  # noqa: S101
            with contextlib.suppress(ProcessLookupError):
                program.process.send_signal(signal.SIGTERM)
        signals_before, until = self._stop_signals, time.monotonic() + STOP_GRACE_S
        while any(p.process and p.process.poll() is None for p in running):
            if time.monotonic() >= until or self._stop_signals > signals_before:
                break
            self._copy_logs(timeout_s=0.1)
        for program in running:
            assert program.process is not None  # noqa: S101
            if program.process.poll() is None:
                self._say(f"{program.name} took too long and is killed.")
            _signal_group(program.process, signal.SIGKILL)
            program.process.wait()
            self._close(program)
        self._say("Stopped.")

    def _copy_logs(self, *, timeout_s: float) -> None:
        if not self._selector.get_map():
            time.sleep(timeout_s)
            return
        for key, _ in self._selector.select(timeout_s):
            program: Program = key.data
            data = os.read(key.fd, 65536)
            if not data:
                self._selector.unregister(key.fileobj)
                continue
            *lines, program.unfinished_line = (program.unfinished_line + data).split(
                b"\n"
            )
            for line in filter(None, lines):
                self._write(program.name, line)

    def _close(self, program: Program) -> None:
        """Copy what is left of its log, and forget the process."""
        assert program.process is not None  # noqa: S101
        assert program.process.stdout is not None  # noqa: S101
        with contextlib.suppress(BlockingIOError):
            rest = program.unfinished_line + (program.process.stdout.read() or b"")
            for line in rest.splitlines():
                self._write(program.name, line)
        program.unfinished_line = b""
        with contextlib.suppress(KeyError):
            self._selector.unregister(program.process.stdout)
        program.process.stdout.close()
        program.process = None

    def _say(self, text: str) -> None:
        self._write("up", text.encode())

    def _write(self, name: str, line: bytes) -> None:
        # The reader of the log may be gone (`| head`); the programs go on.
        with contextlib.suppress(BrokenPipeError):
            self.out.write(b"%-6s | %s\n" % (name.encode(), line))
            self.out.flush()


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Have Linux send SIGTERM to this new process when the supervisor is killed."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
