"""Other programs that make the same creative: installed for a run, then thrown away."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from brandgen.compositor.typesetting.fonts import FONTS

NAMES = ("chromium", "satori", "takumi")
PACKAGES = {
    "chromium": ["playwright"],
    "satori": ["satori", "@resvg/resvg-js", "sharp"],
    "takumi": ["@takumi-rs/core", "@takumi-rs/helpers"],
}
INSTALL_S, START_S, RENDER_S = 600, 60, 60


class PeerMissingError(Exception):
    """A peer can't be installed or started; the message says why."""


class Peer:
    """One peer in a process of its own, kept warm."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        environment = dict(os.environ)
        environment["PLAYWRIGHT_BROWSERS_PATH"] = str(folder / "browsers")
        if not (folder / "browsers").exists() and (found := shutil.which("chromium")):
            environment["BENCHMARK_CHROMIUM"] = found
        script = Path(__file__).with_name("render.mjs")
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            ["node", str(script), name, str(folder)],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise PeerMissingError(f"{name}: no way to speak to it.")
        self._stdin, self._stdout = stdin, stdout
        self._read()

    def render(self, request: Mapping[str, Any]) -> int:
        """Make one creative and give its size in bytes."""
        self._stdin.write(json.dumps(request) + "\n")
        self._stdin.flush()
        return int(self._read()["bytes"])

    def cpu_s(self) -> float:
        """Give the CPU seconds of the process and of all that it started."""
        parents, spent = {}, {}
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = file.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            process = int(file.parent.name)
            # Fields 4 (parent) and 14 to 17 (time, with children that ended).
            parents[process] = int(fields[1])
            spent[process] = sum(map(int, fields[11:15]))
        family = {self._process.pid}
        while more := {p for p, of in parents.items() if of in family} - family:
            family |= more
        ticks = sum(spent.get(process, 0) for process in family)
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the process, and its browser with it."""
        self._stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _read(self) -> dict[str, Any]:
        line = self._stdout.readline()
        answer = json.loads(line) if line else {"error": "its process has ended"}
        if "error" in answer:
            raise PeerMissingError(f"{self.name}: {answer['error']}")
        return answer


def install(name: str, folder: Path) -> None:
    """Install a peer from its registry into a folder of the run.

    Raises:
        PeerMissingError: npm or the registry does not give it.
    """
    packages = PACKAGES[name]
    _run(["npm", "install", "--no-audit", "--no-fund", *packages], folder)
    if name != "chromium":
        return
    try:
        _run(["npx", "playwright", "install", "chromium-headless-shell"], folder)
    except PeerMissingError:
        shutil.rmtree(folder / "browsers", ignore_errors=True)
        if not shutil.which("chromium"):
            raise


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(folder / "browsers")}
    try:
        subprocess.run(  # noqa: S603 - fixed words
            command,
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            timeout=INSTALL_S,
            text=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        last = said.strip().splitlines()[-1] if said.strip() else str(error)
        raise PeerMissingError(f"{' '.join(command)}: {last}") from error


def versions(folder: Path) -> dict[str, str]:
    """Name the version of each package that was installed."""
    found = {}
    for package in (one for packages in PACKAGES.values() for one in packages):
        file = folder / "node_modules" / package / "package.json"
        if file.exists():
            found[package] = json.loads(file.read_text())["version"]
    return found


def write_fonts(folder: Path) -> None:
    """Write the two weights of Inter as fonts of their own, with Latin letters."""
    for weight, size in ((500, 14), (800, 32)):
        font = TTFont(FONTS / "InterVariable.ttf")
        options = subset.Options(layout_features=["kern", "liga", "calt", "ccmp"])
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=range(0x20, 0x17F))
        subsetter.subset(font)
        static = instancer.instantiateVariableFont(font, {"wght": weight, "opsz": size})
        static["OS/2"].usWeightClass = weight
        static.save(folder / f"{weight}.ttf")
