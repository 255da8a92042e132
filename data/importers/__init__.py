"""Annotation made elsewhere, turned into articles: formats of annotation tools and published corpora."""

__all__: list[str] = []
