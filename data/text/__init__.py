"""English: words, counts and noun phrases."""

from afteraction.data.text.counts import parse_count

__all__ = ["parse_count"]
