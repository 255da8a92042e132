"""Incident tables: converts rows of text and fields to articles with silver spans."""

from afteraction.data.incidents.align import (
    Incident,
    align,
    clean_text,
    matching_counts,
    read_deaths,
    share_found,
)
from afteraction.data.incidents.group_names import group_names, named_groups
from afteraction.data.incidents.matchers.deaths import Count, count_people
from afteraction.data.incidents.matchers.groups import find_groups
from afteraction.data.incidents.matchers.places import find_places, place_levels
from afteraction.data.incidents.matchers.targets import find_targets
from afteraction.data.incidents.presets import PRESETS, Preset, preset_columns
from afteraction.data.incidents.rows import read_rows
from afteraction.data.incidents.table import ImportCounts, TableColumns, import_table

__all__ = [
    "PRESETS",
    "Count",
    "ImportCounts",
    "Incident",
    "Preset",
    "TableColumns",
    "align",
    "clean_text",
    "count_people",
    "find_groups",
    "find_places",
    "find_targets",
    "group_names",
    "import_table",
    "matching_counts",
    "named_groups",
    "place_levels",
    "preset_columns",
    "read_deaths",
    "read_rows",
    "share_found",
]
