"""The default labels, by name."""

PERPETRATOR = "PERPETRATOR"
TARGET = "TARGET"
LOCATION = "LOCATION"
DEATH_TOLL = "DEATH_TOLL"

LABELS = (PERPETRATOR, TARGET, LOCATION, DEATH_TOLL)
"""The default label set, in the order in which tables and pages show it."""
