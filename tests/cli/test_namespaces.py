"""Commands in Linux namespaces: without a network, and on a small disk that fills up."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from afteraction.data.files import sha256

PREAMBLE = """
import io, json, os, subprocess, sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

site, encoder, tuned, articles, place = map(Path, sys.argv[1:6])
os.environ["AFTERACTION_CACHE"] = str(place / "cache")
sys.path.insert(0, str(site))
from afteraction.__main__ import main
from afteraction.model import PACKAGES
from afteraction.model.encoder_packages import WeightsPackage

PACKAGES["tiny-weights"] = WeightsPackage("tiny_weights_package", "model", sys.argv[6])

def config(runs):
    path = place / f"{runs.name}.yaml"
    path.write_text(json.dumps({
        "extends": "quickstart", "name": "run", "runs": str(runs), "encoder": str(encoder),
        "data": {"train": [str(articles)], "dev": [str(articles)]}, "window": {"size": 48, "stride": 8},
        "fitting": {"epochs": 2, "tokens_per_batch": 128, "patience": None},
    }))
    return path

def command(*arguments):
    told = io.StringIO()
    sys.argv = ["afteraction", *map(str, arguments)]
    with redirect_stderr(told), redirect_stdout(io.StringIO()):
        try:
            main()
        except SystemExit as end:
            return end.code, told.getvalue()

def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
"""

WITHOUT_A_NETWORK = """
import socket
assert socket.if_nameindex() in ([], [(1, "lo")])
asked = []
def watch(event, given):
    local = event == "socket.connect" and given[0].family == socket.AF_UNIX
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto") and not local:
        asked.append((event, given[1:] if event == "socket.connect" else given))
sys.addaudithook(watch)
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError:
    assert len(asked) == 1 or len(asked) == 2
asked.clear()
for arguments in (
    ("train", config(place / "runs")),
    ("predict", place / "runs/run/model", articles, "--output", place / "labelled"),
    ("evaluate", articles, "--model", place / "runs/run/model"),
    ("pack", tuned, place / "packed", "--rank", "2", "--articles", articles),
    ("predict", "news", articles, "--json"),
):
    status, told = command(*arguments)
    assert status == 0, told
assert not asked, asked
"""

ON_A_FULL_DISK = """
import shutil
disk, page = place / "disk", 4096
disk.mkdir()

def files(output):
    return {name: data for name, data in tree(output).items() if "tensorboard" not in name.parts}

def goes_on(arguments, output, *, rooms, again=()):
    # Runs a command whole, and then with ever more room on the disk, each time again without that limit.
    status, told = command(*arguments)
    assert status == 0, told
    whole = files(output)
    needed = sum(-(-path.stat().st_size // page) for path in output.rglob("*") if path.is_file())
    shutil.rmtree(output)
    pages = 4 * needed + 64  # what is replaced is there twice for a moment
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={pages * page}", "tmpfs", str(disk)], check=True)
    for room in rooms(needed):
        (disk / "filler").write_bytes(bytes(page * (pages - room)))
        status, told = command(*arguments)
        assert status == 2, (room, status, told)
        assert "Traceback" not in told, told
        line = told.splitlines()[-1]
        assert line.startswith("afteraction: ") and line.endswith("No space left on device"), told
        left = {path.name for path in output.rglob(".*")}
        assert left <= {".lock"}, left
        (disk / "filler").unlink()
        status, told = command(*arguments, *again)
        assert status == 0, told
        assert files(output) == whole, (room, sorted(name for name in whole if files(output).get(name) != whole[name]))
        shutil.rmtree(output)
    print(needed)
"""

ARCHIVE = """
output = disk / "labelled"
arguments = ("predict", "rules", articles, "--part-size", "1", "--output", output)
goes_on(arguments, output, rooms=lambda needed: (0, needed // 3, needed * 2 // 3, needed - 1))
"""

TRAINING = """
arguments = ("train", config(disk / "runs"))
rooms = lambda needed: (0, needed // 4, needed // 2, needed - 1)
goes_on(arguments, disk / "runs/run", rooms=rooms, again=("--resume",))
"""

PACKING = """
output = disk / "packed"
arguments = ("pack", tuned, output, "--rank", "2")
goes_on(arguments, output, rooms=lambda needed: (0, needed // 2, needed - 1))
"""


def run_in_namespace(script: str, given: Sequence[object], *, flag: str, trial: Sequence[str] = ("true",)) -> str:
    """Runs a script as root in new namespaces, and returns its output."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, flag, *trial], capture_output=True, check=False).returncode:
        pytest.skip(f"no namespaces are allowed here: `unshare {flag} {' '.join(trial)}` fails")
    command = [unshare, flag, sys.executable, "-c", PREAMBLE + script, *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def given(
    tiny_package: Path, tiny_encoder: Path, tuned_folder: Path, articles_file: Path, tmp_path: Path
) -> list[Path | str]:
    """Returns the arguments of the scripts."""
    place = tmp_path / "place"
    place.mkdir()
    return [tiny_package, tiny_encoder, tuned_folder, articles_file, place, sha256(tiny_encoder / "model.safetensors")]


@pytest.mark.slow
def test_without_a_network_every_command_works_and_none_asks_for_one(
    given: Sequence[Path | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    run_in_namespace(WITHOUT_A_NETWORK, given, flag="-rn")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ARCHIVE, id="archive"),
        pytest.param(TRAINING, id="training", marks=pytest.mark.slow),
        pytest.param(PACKING, id="pack", marks=pytest.mark.slow),
    ],
)
def test_on_a_full_disk_a_command_ends_in_one_line_and_goes_on_later(given: Sequence[Path | str], script: str) -> None:
    mount = ("mount", "-t", "tmpfs", "tmpfs", "/mnt")
    assert int(run_in_namespace(ON_A_FULL_DISK + script, given, flag="-rm", trial=mount)) > 3
