"""A small invented archive in NIST's form."""

import io
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from afteraction.data import Article
from afteraction.data.importers import Muc4Log, View
from afteraction.data.importers.muc4.articles import read_muc4

TEXTS = """DEV-MUC3-0001 (SOMEONE)

   OAK FORD, 3 JAN 90 (NORTH RADIO [NR]) -- [REPORT] [ANA
RUIZ] [TEXT] ARMED MEN OF THE NORTHERN TIGERS [NT] ATTACKED THE "LA ROSA" MILL
IN OAK FORD YESTERDAY.  THREE FARMERS WERE KILLED, THE ARMY
SAID.

   THE ARMED
MEN FLED.  MAYOR LUIS SOL BLAMED THE NT.


DEV-MUC3-0002  (SOMEONE)

   NO CITY, 4 JAN 90 -- [EXCERPTS] PRICES ROSE.


"""

KEYS = r"""
;;; invented
0.  MESSAGE: ID                     DEV-MUC3-0001 (SOMEONE)
1.  MESSAGE: TEMPLATE               1
3.  INCIDENT: LOCATION              NORTHLAND: OAK FORD (TOWN)
6.  INCIDENT: INSTRUMENT ID         "RIFLE"
9.  PERP: INDIVIDUAL ID             "ARMED MEN" / "ARMED MEN OF THE NORTHERN TIGERS [NT]"
10. PERP: ORGANIZATION ID           "NORTHERN TIGERS" / "NT"
12. PHYS TGT: ID                    "LA ROSA MILL" / "MILL"
18. HUM TGT: NAME                   "LUIS SOL"
19. HUM TGT: DESCRIPTION            "MAYOR": "LUIS SOL"
                                    "FARMER"
21. HUM TGT: NUMBER                 1: "LUIS SOL"
                                    3: "FARMER"
23. HUM TGT: EFFECT OF INCIDENT     NO INJURY: "LUIS SOL"
                                    DEATH: "FARMER"

0.  MESSAGE: ID                     DEV-MUC3-0001 (SOMEONE)
1.  MESSAGE: TEMPLATE               2 (OPTIONAL)
9.  PERP: INDIVIDUAL ID             ? "ARMED MEN"
10. PERP: ORGANIZATION ID           "ARMY"
                                    "NT" / "TIGERS"

0.  MESSAGE: ID                     DEV-MUC3-0002 (SOMEONE)
1.  MESSAGE: TEMPLATE               *
9.  PERP: INDIVIDUAL ID             *
"""

FILES = {"muc34/TASK/CORPORA/dev/dev-muc3-0001-0100": TEXTS, "muc34/TASK/CORPORA/dev/key-dev-0001.muc4": KEYS}


@pytest.fixture(scope="session")
def texts() -> str:
    """Returns the archive's file of texts."""
    return TEXTS


@pytest.fixture(scope="session")
def keys() -> str:
    """Returns the archive's key file."""
    return KEYS


@pytest.fixture(scope="session")
def files() -> Mapping[str, str]:
    """Returns the content of the archive's files, by name."""
    return FILES


@pytest.fixture(scope="session")
def write_archive() -> Callable[..., Path]:
    """Returns a function that writes a compressed archive of files, and of other members without content."""

    def write(path: Path, files: Mapping[str, str] = FILES, *, members: tuple[tarfile.TarInfo, ...] = ()) -> Path:
        with tarfile.open(path, "w:gz") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content.encode())
                archive.addfile(member, io.BytesIO(content.encode()))
            for member in members:
                archive.addfile(member)
        return path

    return write


@pytest.fixture
def archive(tmp_path: Path, write_archive: Callable[..., Path]) -> Path:
    return write_archive(tmp_path / "muc34.tar.gz")


@pytest.fixture(scope="session")
def read() -> Callable[..., dict[str, Article]]:
    """Returns a function that reads the articles of an archive or a folder, by id."""

    def read_by_id(path: Path, view: View = View.LABELS) -> dict[str, Article]:
        return {article.id: article for article in read_muc4(path, view=view, log=Muc4Log())}

    return read_by_id
