"""The names of the default labels."""

PERPETRATOR = "PERPETRATOR"
TARGET = "TARGET"
LOCATION = "LOCATION"
DEATH_TOLL = "DEATH_TOLL"

LABELS = (PERPETRATOR, TARGET, LOCATION, DEATH_TOLL)
"""The default label set, in the order of tables and report pages."""
