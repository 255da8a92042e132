"""Searches over tiny models, and over an objective that does not train but can be killed anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from optuna.storages.journal import JournalFileBackend

from afteraction.data import Article, InputError, write_articles
from afteraction.train import ConfigError, DevScores, ScoreRow, TrainConfig, load_config
from afteraction.train.callbacks import StoppedError
from afteraction.train.fitting import DivergedError
from afteraction.train.run_folder import DamagedRunError
from afteraction.train.search import SearchResult, ShouldStop, search


class KilledError(BaseException):
    pass


def f1_of(config: TrainConfig) -> float:
    """Returns the score of the objective below: many epochs are good, dropout is bad."""
    return config.fitting.epochs / 10 + config.optimizer.learning_rate - config.dropout.head


@dataclass
class Objective:
    """An objective that evaluates a run four times and keeps their number in its folder, as checkpoints do.

    `kill_at` is the index of the moment, from the beginning of the search, that raises a `KilledError`.
    """

    kill_at: int | None = None
    moments: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))
    trained: list[str] = field(default_factory=list)

    def moment(self) -> None:
        if next(self.moments) == self.kill_at:
            raise KilledError

    def __call__(self, config: TrainConfig, should_stop: ShouldStop) -> DevScores:
        done = config.folder / "checkpoints" / "evaluations"
        done.parent.mkdir(parents=True, exist_ok=True)
        score = f1_of(config)
        for evaluation in range(int(done.read_text()) if done.exists() else 0, 4):
            self.trained.append(config.name)
            self.moment()
            stopped = evaluation < 3 and should_stop((evaluation + 1) / 4, score * (evaluation + 1) / 4)
            self.moment()
            done.write_text(str(evaluation + 1))
            if stopped:
                raise StoppedError
        self.moment()
        row = ScoreRow(precision=0.5, recall=0.5, f1=score, support=3, low=score - 0.1, high=score + 0.1)
        return DevScores(row, row, {})


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saves time by not drawing after each trial."""
    monkeypatch.setattr(import_module("afteraction.train.search.run"), "draw_search", lambda *_: None)


@pytest.fixture
def killable_writes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Objective], None]:
    """Returns a function that gives an objective a moment before and a moment after each write to a study."""
    append = JournalFileBackend.append_logs

    def install(objective: Objective) -> None:
        def append_logs(self: JournalFileBackend, logs: list[dict[str, Any]]) -> None:
            objective.moment()
            append(self, logs)
            objective.moment()

        monkeypatch.setattr(JournalFileBackend, "append_logs", append_logs)

    return install


def run(config_file: Path, space_file: Path, objective: Any, **options: Any) -> SearchResult:
    return search(config_file, space_file, objective=objective, **({"trials": 6} | options))


def test_trial_0_is_the_config_as_it_stands_and_each_trial_a_run_folder(config_file: Path, space_file: Path) -> None:
    configs = []

    def objective(config: TrainConfig, should_stop: ShouldStop) -> DevScores:
        configs.append(config)
        return Objective()(config, should_stop)

    result = run(config_file, space_file, objective)
    base = load_config(config_file)
    assert configs[0] == base.model_copy(update={"runs": base.runs / "tiny-search", "name": "trial-0"})
    assert [config.folder for config in configs] == [result.folder.trial(number).path for number in range(6)]
    for trial, config in zip(result.trials, configs, strict=True):
        assert trial.settings == {
            "optimizer.learning_rate": config.optimizer.learning_rate,
            "fitting.epochs": config.fitting.epochs,
            "dropout.head": config.dropout.head,
        }
        assert trial.score is None or trial.score.f1 == f1_of(config)
    assert result.best == max((t for t in result.trials if t.score), key=lambda trial: trial.score.f1)
    assert result.folder.picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_best_config_extends_the_given_one_with_its_overrides(config_file: Path, space_file: Path) -> None:
    overrides = ["name=other", "optimizer.warmup=0.25", "window={size: 40}", "window={stride: 4}"]
    result = run(config_file, space_file, Objective(), overrides=overrides)
    content = yaml.safe_load(result.folder.best.read_text(encoding="utf-8"))
    assert (result.folder.path / content["extends"]).resolve() == config_file.resolve()
    best = load_config(result.folder.best)
    assert best.name == "other-best"
    expected = load_config(
        config_file, overrides=[*overrides, *(f"{key}={value}" for key, value in result.best.settings.items())]
    )
    assert best.model_copy(update={"name": "other"}) == expected


@pytest.mark.usefixtures("no_pictures")
def test_trials_below_the_median_are_stopped(config_file: Path, space_file: Path) -> None:
    result = run(config_file, space_file, Objective(), trials=12)
    pruned = [trial for trial in result.trials if trial.state == "pruned"]
    assert pruned
    for trial in pruned:
        share, score = trial.evaluations[-1]
        finished = sorted(
            dict(earlier.evaluations)[share] for earlier in result.trials[: trial.number] if earlier.state == "finished"
        )
        middle = len(finished) // 2
        median = (finished[middle] + finished[-1 - middle]) / 2
        assert score < median
        assert len(finished) >= 2
        assert trial.score is None


@pytest.mark.slow
@pytest.mark.usefixtures("no_pictures")
def test_a_search_killed_at_any_moment_ends_as_an_unbroken_one(
    config_file: Path, space_file: Path, killable_writes: Callable[[Objective], None]
) -> None:
    def finish(name: str, kill_at: int | None = None) -> SearchResult:
        objective = Objective(kill_at)
        killable_writes(objective)
        return run(config_file, space_file, objective, trials=4, overrides=[f"name={name}"])

    unbroken = finish("unbroken")
    assert {trial.state for trial in unbroken.trials} == {"finished", "pruned"}
    moments, killed = 0, True
    while killed:
        name = f"killed-at-{moments}"
        try:
            finish(name, moments)
            killed = False
        except KilledError:
            result = finish(name)
            assert result.trials == unbroken.trials, name
            assert load_config(result.folder.best).fitting == load_config(unbroken.folder.best).fitting
        moments += 1
    assert moments > 60


def test_a_cut_off_trial_goes_on_from_its_checkpoint_and_more_trials_are_added(
    config_file: Path, space_file: Path
) -> None:
    killed = Objective(kill_at=2 * 4 + 1 + 5)  # in the third evaluation of trial 1
    with pytest.raises(KilledError):
        run(config_file, space_file, killed, trials=2)
    assert killed.trained == ["trial-0"] * 4 + ["trial-1"] * 3
    resumed = Objective()
    first = run(config_file, space_file, resumed, trials=2)
    assert resumed.trained == ["trial-1"] * 2
    assert not any((first.folder.trial(number).checkpoints).exists() for number in range(2))
    more = Objective()
    second = run(config_file, space_file, more, trials=3)
    assert set(more.trained) == {"trial-2"}
    assert second.trials[:2] == first.trials
    assert run(config_file, space_file, None, trials=1) == second


def test_a_damaged_trial_starts_again(config_file: Path, space_file: Path) -> None:
    lines: list[str] = []

    def objective(config: TrainConfig, should_stop: ShouldStop) -> DevScores:
        damage = config.folder / "damage"
        if config.name == "trial-1" and not lines[-1].endswith("starts again"):
            damage.parent.mkdir(parents=True)
            damage.touch()
            raise DamagedRunError(f"{damage}: cannot resume: the file is cut short or damaged; choose another name=")
        assert not damage.exists()
        return Objective()(config, should_stop)

    result = run(config_file, space_file, objective, trials=2, announce=lines.append)
    assert [trial.state for trial in result.trials] == ["finished", "finished"]
    assert any(line.endswith("is cut short or damaged; the run starts again") for line in lines)


@pytest.mark.parametrize("error", [ConfigError("a and b"), DivergedError("training overflowed"), MemoryError()])
def test_settings_that_cannot_be_trained_are_a_failed_trial_but_not_the_config_itself(
    config_file: Path, space_file: Path, error: Exception
) -> None:
    def objective(config: TrainConfig, should_stop: ShouldStop) -> DevScores:
        if config.name == "trial-1":
            raise error
        return Objective()(config, should_stop)

    result = run(config_file, space_file, objective, trials=3)
    assert [trial.state for trial in result.trials][:2] == ["finished", "failed"]
    assert result.trials[1].fault == (str(error) or "MemoryError")

    def fails(config: TrainConfig, should_stop: ShouldStop) -> DevScores:
        raise error

    with pytest.raises(type(error)):
        run(config_file, space_file, fails, overrides=["name=fails"])


def test_settings_that_do_not_fit_each_other_are_a_failed_trial(config_file: Path, tmp_path: Path) -> None:
    space = tmp_path / "windows.yaml"
    space.write_text("settings: {window.size: {choices: [48, 32]}, window.stride: {choices: [8, 16]}}")
    result = run(config_file, space, Objective(), trials=9)
    assert result.exhausted
    by_window = {(t.settings["window.size"], t.settings["window.stride"]): t for t in result.trials}
    assert len(by_window) == len(result.trials) == 4
    fault = by_window[32, 16].fault
    assert fault is not None
    assert fault.startswith("window: the stride, 16, must be less than half the size, 32")


def test_another_search_in_the_folder_is_refused(
    config_file: Path, space_file: Path, tmp_path: Path, articles: list[Article]
) -> None:
    result = run(config_file, space_file, Objective(), trials=1)
    before = result.folder.study.read_bytes()
    with pytest.raises(
        ConfigError, match=r"tiny-search holds another search: its optimizer\.warmup was 0\.1, now 0\.2"
    ):
        run(config_file, space_file, None, overrides=["optimizer.warmup=0.2"])
    space = yaml.safe_load(space_file.read_text())
    wider = space["settings"] | {"fitting.epochs": {"low": 2, "high": 5}}
    fewer = {key: value for key, value in space["settings"].items() if key != "dropout.head"}
    more = space["settings"] | {"dropout.hidden": {"choices": [0.1]}}
    for changed, message in (
        ({"settings": wider}, r"its settings\.fitting\.epochs\.high was 4\.0, now 5\.0; choose another name="),
        ({"settings": fewer}, r"its settings\.dropout\.head was .*, now None"),
        ({"settings": more}, r"its settings\.dropout\.hidden was None, now"),
        ({"seed": 1}, r"its seed was 0, now 1"),
    ):
        other = tmp_path / "other.yaml"
        other.write_text(yaml.safe_dump(space | changed))
        with pytest.raises(ConfigError, match=f"holds another search: {message}"):
            run(config_file, other, None)
    assert result.folder.study.read_bytes() == before
    write_articles(articles[1:], Path(load_config(config_file).data.train[0]))
    with pytest.raises(ConfigError, match=r"holds another search: .*articles\.jsonl has changed"):
        run(config_file, space_file, None)


def test_teachers_and_their_texts_are_inputs_of_a_search(
    config_file: Path, tmp_path: Path, articles: list[Article]
) -> None:
    for name in ("few", "many", "test"):
        write_articles(articles, tmp_path / f"{name}.jsonl")
    few, many, test = (str(tmp_path / f"{name}.jsonl") for name in ("few", "many", "test"))
    space = tmp_path / "texts.yaml"
    overrides = [f"distillation={{teachers: [news], texts: [{few}], without: [{test}]}}"]

    def start(*choices: str) -> SearchResult:
        settings = {"distillation.texts": {"choices": [[choice] for choice in choices]}}
        space.write_text(yaml.safe_dump({"settings": settings}))
        return run(config_file, space, Objective(), trials=1, overrides=overrides)

    with pytest.raises(InputError, match=r"missing\.jsonl: no such file"):
        start(few, "missing.jsonl")
    space.write_text("settings: {distillation.teachers: {choices: [[news], [nwes]]}}")
    with pytest.raises(InputError, match=r"nwes: no such model folder, nor a shipped model"):
        run(config_file, space, None, overrides=overrides)
    assert not (load_config(config_file).runs / "tiny-search").exists()
    start(few, many)
    for changed in (few, many, test):
        before = Path(changed).read_bytes()
        write_articles(articles[1:], Path(changed))
        with pytest.raises(ConfigError, match=f"holds another search: {changed} has changed"):
            start(few, many)
        Path(changed).write_bytes(before)
    start(few, many)


@pytest.mark.usefixtures("no_pictures")
def test_a_folder_is_searched_by_one_process_at_a_time(config_file: Path, space_file: Path) -> None:
    def objective(config: TrainConfig, should_stop: ShouldStop) -> DevScores:
        with pytest.raises(InputError, match="another run is writing in this folder"):
            run(config_file, space_file, Objective())
        return Objective()(config, should_stop)

    run(config_file, space_file, objective, trials=1)
    run(config_file, space_file, Objective(), trials=1)


def test_a_folder_of_something_else_is_refused(config_file: Path, space_file: Path) -> None:
    folder = load_config(config_file).runs / "tiny-search"
    folder.mkdir(parents=True)
    (folder / "novel.txt").touch()
    with pytest.raises(ConfigError, match="is not empty and holds no search; choose another name="):
        run(config_file, space_file, None)
    assert [path.name for path in folder.iterdir()] == ["novel.txt"]


def test_a_search_is_refused_before_anything_is_written(
    config_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = tmp_path / "files.yaml"
    space.write_text(f"settings: {{data.train: {{choices: [[{tmp_path}/articles.jsonl], [missing.jsonl]]}}}}")
    with pytest.raises(InputError, match=r"missing\.jsonl: no such file"):
        run(config_file, space, None)
    space.write_text("settings: {dropout.head: {choices: [0.2, 0.3]}}")
    with pytest.raises(InputError, match=r"a search needs at least 1 trial, got 0"):
        run(config_file, space, None, trials=0)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match=r"a search trains in one process; start it without torchrun"):
        run(config_file, space, None)
    assert not (load_config(config_file).runs / "tiny-search").exists()
