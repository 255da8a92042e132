"""The search over settings of a config: its space, its study, and its loop.

Names are imported on first use, so that the space can be read without importing Optuna.
"""

from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.train.search.plan import Plan, SearchFolder
    from afteraction.train.search.run import Objective, SearchResult, ShouldStop, best_trial, describe, outcome, search
    from afteraction.train.search.space import SearchSpace, SettingRange, check_space, load_search_space
    from afteraction.train.search.study import Study, Trial

__all__ = [
    "Objective",
    "Plan",
    "SearchFolder",
    "SearchResult",
    "SearchSpace",
    "SettingRange",
    "ShouldStop",
    "Study",
    "Trial",
    "best_trial",
    "check_space",
    "describe",
    "load_search_space",
    "outcome",
    "search",
]

_MODULES = {
    "plan": ("Plan", "SearchFolder"),
    "run": ("Objective", "SearchResult", "ShouldStop", "best_trial", "describe", "outcome", "search"),
    "space": ("SearchSpace", "SettingRange", "check_space", "load_search_space"),
    "study": ("Study", "Trial"),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
