"""The columns of well-known incident tables, by their published names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from afteraction.data.errors import InputError
from afteraction.data.incidents.rows import known_columns
from afteraction.data.incidents.table import TableColumns


@dataclass(frozen=True, slots=True)
class Preset:
    """The columns of a table per field, as its publisher names them. A file may lack any of them except the text."""

    text: Sequence[str]
    """Columns that may hold the text. The first one that the file has is used."""
    perpetrator: Sequence[str] = ()
    target: Sequence[str] = ()
    location: Sequence[str] = ()
    deaths: Sequence[str] = ()
    attackers_dead: str = ""
    id: str = ""


PRESETS: Mapping[str, Preset] = {
    "acled": Preset(
        text=("notes",),
        perpetrator=("actor1",),
        target=("actor2",),
        location=("location", "admin3", "admin2", "admin1", "country"),
        deaths=("fatalities",),
        id="event_id_cnty",
    ),
    "gtd": Preset(
        text=("summary",),
        perpetrator=("gname", "gname2", "gname3"),
        target=("target1", "corp1", "target2", "target3"),
        location=("city", "provstate", "country_txt"),
        deaths=("nkill",),
        attackers_dead="nkillter",
        id="eventid",
    ),
    # Both sides are perpetrators, since either may attack. The text is a headline, all that UCDP publishes of its
    # sources. Older versions call the deaths best_est and the like.
    "ucdp": Preset(
        text=("source_headline",),
        perpetrator=("side_a", "side_b"),
        location=("where_coordinates", "adm_2", "adm_1", "country"),
        deaths=("best", "low", "high", "best_est", "low_est", "high_est"),
        id="id",
    ),
    "wikipedia": Preset(text=("details",), perpetrator=("perpetrator",), location=("location",), deaths=("dead",)),
}
"""The presets by name."""


def preset_columns(path: Path, name: str, given: TableColumns, *, encoding: str = "utf-8") -> TableColumns:
    """Returns the columns of a preset that a table has; columns given for a field replace the preset's.

    Args:
        path: the table.
        name: the preset's name.
        given: columns that the user named. An empty text or field takes the preset's columns.
        encoding: the encoding of a CSV or TSV file.

    Raises:
        InputError: the file cannot be read as a table, or has neither the preset's text nor any of its other columns.
    """
    preset = PRESETS[name]
    fields = {
        field: getattr(given, field) or getattr(preset, field)
        for field in ("perpetrator", "target", "location", "deaths")
    }
    wanted = [*preset.text, *(column for columns in fields.values() for column in columns), preset.attackers_dead]
    known = known_columns(path, [*filter(None, [*wanted, preset.id])], encoding=encoding)
    text = given.text or next((known[column] for column in preset.text if column in known), "")
    if not text:
        raise InputError(f"{path}: no column {preset.text[0]!r}, which --preset {name} reads: name yours with --text")
    found = {
        field: columns if getattr(given, field) else [known[column] for column in columns if column in known]
        for field, columns in fields.items()
    }
    if not any(found.values()):
        raise InputError(f"{path}: none of the columns of --preset {name}: {', '.join(filter(None, wanted))}")
    attackers = None if given.deaths else known.get(preset.attackers_dead)
    return TableColumns(text=text, **found, attackers_dead=attackers, id=given.id or known.get(preset.id))
