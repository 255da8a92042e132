"""The record of an article, made from its spans: entities and the death toll."""

from afteraction.model.record.assemble import assemble_record, wrap_texts
from afteraction.model.record.linking import link_entities
from afteraction.model.record.tolls import choose_toll

__all__ = ["assemble_record", "choose_toll", "link_entities", "wrap_texts"]
