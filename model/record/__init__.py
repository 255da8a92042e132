"""Spans to the record: entities and the death toll."""

from afteraction.model.record.assemble import as_articles, labelled
from afteraction.model.record.linking import link_entities
from afteraction.model.record.toll import choose_toll

__all__ = ["as_articles", "choose_toll", "labelled", "link_entities"]
