"""afteraction reads news articles about attacks: who attacked, whom, where, and how many were killed.

The names here are all that most programs need. A name is imported when it is first used, so this package loads fast.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.data import Article, Entity, InputError, Span, Toll, read_articles, write_articles
    from afteraction.evaluation import evaluate
    from afteraction.model import Tagger
    from afteraction.train import load_config
    from afteraction.training import fit

__all__ = [
    "Article",
    "Entity",
    "InputError",
    "Span",
    "Tagger",
    "Toll",
    "__version__",
    "evaluate",
    "fit",
    "load_config",
    "read_articles",
    "write_articles",
]

__version__ = version("afteraction")

_MODULES = {
    "data": ("Article", "Entity", "InputError", "Span", "Toll", "read_articles", "write_articles"),
    "evaluation": ("evaluate",),
    "model": ("Tagger",),
    "train": ("load_config",),
    "training": ("fit",),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
