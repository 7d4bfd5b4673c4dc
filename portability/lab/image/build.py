"""Building the guest's root file system with mmdebstrap, once for each recipe, into a cache outside the checkout."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from portability.errors import LabError
from portability.lab.image.packages import guest_packages, recipe_folder
from portability.lab.image.sources import Source, acquire_options, choose, machine_sources, own_release

Progress = Callable[[str], None]


class ImageNotBuilt(LabError):
    """The guest image could not be built; the message ends with what mmdebstrap said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    path: Path
    """The unpacked root file system; never written to."""
    size_bytes: int
    checksum: str
    """MD5 of the recipe and the installed packages: what Glance would call the checksum, for a folder."""
    built_at: str
    suite: str


def cache_folder() -> Path:
    """Where images are kept; the variable PORTABILITY_CACHE moves it."""
    return Path(os.environ.get("PORTABILITY_CACHE", "/var/cache/portability")) / "images"


def ensure(progress: Progress = lambda _: None) -> Image:
    """The guest image, built if this machine does not have it (about 80 s); one build at a time.

    Raises:
        ImageNotBuilt: not root, no mmdebstrap, no sources, or a package that did not come.
    """
    suite, sources = choose(machine_sources(), own_release=own_release())
    folder = cache_folder() / _recipe_digest(suite)[:16]
    found = _load(folder)
    if found is not None:
        return found
    _check_means(sources)
    with _locked(folder.with_suffix(".lock")):
        found = _load(folder)
        return found if found is not None else _build(folder, suite, sources, progress)


def _load(folder: Path) -> Image | None:
    try:
        fields = json.loads((folder / "image.json").read_text())
    except FileNotFoundError:
        return None
    return Image(path=folder / "rootfs", **fields)


def _check_means(sources: tuple[Source, ...]) -> None:
    if os.geteuid() != 0:
        raise ImageNotBuilt("building the guest image needs root", way_out="run it with sudo")
    if shutil.which("mmdebstrap") is None:
        raise ImageNotBuilt("mmdebstrap is not installed", way_out="apt-get install mmdebstrap")
    if not sources:
        raise ImageNotBuilt(
            "apt on this machine has no source of Debian or Ubuntu packages",
            way_out="/etc/apt/sources.list or /etc/apt/sources.list.d must name one",
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(folder: Path, suite: str, sources: tuple[Source, ...], progress: Progress) -> Image:
    began = time.monotonic()
    progress(f"building the guest image ({suite}); takes about 80 s, once on this machine")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="build-", ignore_cleanup_errors=True) as work:
        rootfs = Path(work) / "rootfs"
        _mmdebstrap(rootfs, suite, sources, Path(work) / "build.log", progress)
        image = Image(
            path=folder / "rootfs",
            size_bytes=_size(rootfs),
            checksum=_checksum(rootfs, suite),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            suite=suite,
        )
        fields = {key: value for key, value in asdict(image).items() if key != "path"}
        (Path(work) / "image.json").write_text(json.dumps(fields, indent=2) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        # mkdtemp makes the folder 0700, and a guest's root is its server's "/" for every user in it.
        Path(work).chmod(0o755)
        Path(work).rename(folder)
    progress(f"guest image ready after {time.monotonic() - began:.0f} s, {image.size_bytes >> 20} MiB")
    return image


def _mmdebstrap(rootfs: Path, suite: str, sources: tuple[Source, ...], log: Path, progress: Progress) -> None:
    lines = "".join(source.line() + "\n" for source in sources)
    with log.open("w") as output:
        child = subprocess.Popen(
            _arguments(rootfs, suite), stdin=subprocess.PIPE, stdout=output, stderr=output, text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip
        assert child.stdin is not None
        child.stdin.write(lines)
        child.stdin.close()
        status = _wait(child, log, progress)
    if status != 0:
        tail = " | ".join(log.read_text(errors="replace").strip().splitlines()[-6:])
        raise ImageNotBuilt(f"mmdebstrap ended with {status}: {tail}", way_out="does apt-get update work here?")


def _arguments(rootfs: Path, suite: str) -> list[str]:
    excluded = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*")
    cluster_settings = '"$1/etc/postgresql-common/createcluster.conf"'
    no_cluster = f'mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false" > {cluster_settings}'
    return [
        "mmdebstrap", "--mode=root", "--variant=apt", "--format=directory", "--skip=check/empty",
        f"--include={','.join(guest_packages())}",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--aptopt={option}" for option in acquire_options()),
        "--dpkgopt=force-unsafe-io", "--dpkgopt=force-confold",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in excluded),
        "--dpkgopt=path-include=/usr/share/locale/locale.alias",
        f"--essential-hook={no_cluster}",
        f"--customize-hook=sh {recipe_folder() / 'customize.sh'} \"$1\"",
        suite, str(rootfs), "-",
    ]  # fmt: skip


def _wait(child: "subprocess.Popen[str]", log: Path, progress: Progress) -> int:
    """The exit status; each step that mmdebstrap announces is told once."""
    told = ""
    while True:
        try:
            return child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            step = _step(log)
            if step not in ("", told):
                progress(f"guest image: {step}")
                told = step


def _step(log: Path) -> str:
    """What mmdebstrap is doing: its last line that begins with `I:`."""
    steps = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("I: ")]
    return steps[-1].removeprefix("I: ").strip(". ")[:100] if steps else ""


def _recipe_digest(suite: str) -> str:
    digest = hashlib.sha256(suite.encode())
    for path in sorted(recipe_folder().iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _checksum(rootfs: Path, suite: str) -> str:
    digest = hashlib.md5(_recipe_digest(suite).encode(), usedforsecurity=False)
    digest.update((rootfs / "var/lib/dpkg/status").read_bytes())
    return digest.hexdigest()


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
