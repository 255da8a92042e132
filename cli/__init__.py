"""afteraction reads news articles about attacks: who attacked, whom, where, and how many were killed."""

__all__: list[str] = []
