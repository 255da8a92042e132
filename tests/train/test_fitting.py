import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import TrainerCallback

from afteraction.data import LABELS, Article, DataError, InputError, read_articles, write_articles
from afteraction.data.locks import lock_folder
from afteraction.model import Tagger
from afteraction.model.card import read_training_record
from afteraction.output.progress import training_progress
from afteraction.train import ConfigError, DevScores, FitResult, RunFolder, ScoreRow, TrainConfig, dump_config, fit
from afteraction.train.callbacks import StoppedError, StopWhen
from afteraction.training import dev_scores

CHECKPOINT = ("model.safetensors", "optimizer.pt", "rng_state.pth", "scheduler.pt", "trainer_state.json")
"""The files of a checkpoint."""

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]


def score(gold: Sequence[Article], predicted: Sequence[Article]) -> DevScores:
    return dev_scores(gold, predicted, labels=LABELS)


def scores_in_turn(*values: float) -> Callable[..., DevScores]:
    """Returns the simplest custom score, without labels and intervals: it gives each of these micro F1 in turn."""
    turn = count()

    def next_score(_gold: Sequence[Article], _predicted: Sequence[Article]) -> DevScores:
        row = ScoreRow(precision=0.5, recall=0.5, f1=values[next(turn)], support=3)
        return DevScores(micro=row, macro=row, labels={})

    return next_score


def log_of(run: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.log.read_text(encoding="utf-8").splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_same_outcome(result: FitResult, other: FitResult) -> None:
    assert result.scores == other.scores
    weights, others = ((run.model / "model.safetensors").read_bytes() for run in (result.run, other.run))
    assert weights == others
    assert log_of(result.run) == log_of(other.run)


class KilledError(Exception):
    pass


class Kill(TrainerCallback):
    """Simulates a crash at a step of training."""

    def __init__(self, event: str, step: int) -> None:
        setattr(self, event, self._end)
        self._step = step

    def _end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self._step:
            raise KilledError


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def start(config: TrainConfig, **options: Any) -> FitResult:
        return fit(config, **({"score": score, "cache": tmp_path / "cache"} | options))

    return start


def test_a_run_leaves_all_that_its_numbers_depend_on(run: Run, make_config: MakeConfig) -> None:
    config = make_config()
    folder = run(config).run
    assert folder.path == config.folder
    assert TrainConfig.model_validate(yaml.safe_load(folder.config.read_text(encoding="utf-8"))) == config
    file = Path(config.data.train[0])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(folder.data.read_text(encoding="utf-8")) == {"files": {str(file): digest}, "misaligned": []}
    environment = json.loads(folder.environment.read_text(encoding="utf-8"))
    assert environment["packages"]["torch"] == torch.__version__
    assert {"python", "platform", "processor", "cores", "torch_threads", "git"} <= set(environment)
    assert folder.curves.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert len(list(folder.checkpoints.glob("checkpoint-*"))) == 2


def test_the_log_has_losses_and_every_evaluation_as_tensorboard_has_them(run: Run, make_config: MakeConfig) -> None:
    folder = run(make_config()).run
    log = log_of(folder)
    scored = {entry["step"]: entry["eval_micro_f1"] for entry in log if "eval_micro_f1" in entry}
    losses = {entry["step"]: entry["loss"] for entry in log if "loss" in entry}
    assert list(scored) == [3, 6, 9]
    assert losses[1] > losses[9] > 0
    events = EventAccumulator(str(folder.tensorboard)).Reload()
    assert {event.step: event.value for event in events.Scalars("train/loss")} == pytest.approx(losses)
    assert {event.step: event.value for event in events.Scalars("eval/micro_f1")} == pytest.approx(scored)


@pytest.mark.slow
def test_the_saved_model_scores_as_the_run_says_and_its_card_too(
    run: Run, make_config: MakeConfig, articles: list[Article]
) -> None:
    config = make_config(fitting={"epochs": 12})
    result = run(config)
    tagger = Tagger.load(result.run.model)
    assert (tagger.settings.window, tagger.settings.labels) == (config.window, config.labels)
    assert score(articles, list(tagger.predict(articles))) == result.scores
    assert result.scores.micro.f1 > 0.2
    card = (result.run.model / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage: en\npipeline_tag: token-classification\n")
    assert list(result.scores.rows()) == ["micro", "macro", *LABELS]
    for name, row in result.scores.rows().items():
        assert f"| {name} | {row.precision:.3f} / {row.recall:.3f} / {row.f1:.3f} (" in card
    record = read_training_record(result.run.model)
    assert record is not None
    assert [(file.name, file.roles) for file in record.data] == [(config.data.train[0], ("training", "development"))]
    assert record.config["name"] == config.name
    assert hashlib.sha256(Path(config.data.train[0]).read_bytes()).hexdigest() in card


def test_the_best_checkpoint_is_kept_not_the_last(run: Run, make_config: MakeConfig) -> None:
    result = run(make_config(), score=scores_in_turn(0.1, 0.9, 0.2))
    assert result.scores.micro.f1 == 0.9
    kept = load_file(result.run.model / "model.safetensors")
    steps = {path.name: load_file(path / "model.safetensors") for path in result.run.checkpoints.iterdir()}
    assert set(steps) == {"checkpoint-6", "checkpoint-9"}
    assert all(torch.equal(kept[name], value) for name, value in steps["checkpoint-6"].items())
    assert not all(torch.equal(kept[name], value) for name, value in steps["checkpoint-9"].items())


def test_annotation_that_no_subword_matches_is_recorded(
    run: Run, make_config: MakeConfig, articles: list[Article]
) -> None:
    config = make_config()
    second = articles[1]
    cut = second.with_fields(spans=(second.spans[0].__class__(0, 3, "PERPETRATOR"),))
    write_articles([cut], Path(config.data.train[0]))
    result = run(config)
    [missed] = json.loads(result.run.data.read_text(encoding="utf-8"))["misaligned"]
    assert (missed["article"], missed["surface"]) == ("second", "Reb")
    assert len(result.examples.misaligned) == 1


@pytest.mark.slow
def test_two_runs_with_one_seed_are_equal_to_the_bit_and_with_another_not(run: Run, make_config: MakeConfig) -> None:
    first, again = run(make_config(name="first")), run(make_config(name="again"))
    assert_same_outcome(first, again)
    other = run(make_config(name="other", fitting={"seed": 1}))
    assert log_of(first.run)[0]["loss"] != log_of(other.run)[0]["loss"]


class Attention(TrainerCallback):
    """Notes how attention is computed in each forward pass, in training and in evaluation."""

    def __init__(self) -> None:
        self.seen: set[tuple[bool, str]] = set()

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        model.register_forward_pre_hook(
            lambda module, _: self.seen.add((module.training, module.config._attn_implementation))
        )


@pytest.mark.parametrize(("precision", "in_training"), [("float32", "sdpa"), ("bfloat16", "eager")])
def test_attention_is_plain_only_where_that_is_faster(
    run: Run, make_config: MakeConfig, precision: str, in_training: str
) -> None:
    attention = Attention()
    result = run(make_config(fitting={"epochs": 1, "precision": precision}), callbacks=[attention])
    assert attention.seen == {(True, in_training), (False, "sdpa")}
    assert "attn" not in (result.run.model / "config.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_two_runs_in_bfloat16_are_equal_to_the_bit_one_of_them_resumed(run: Run, make_config: MakeConfig) -> None:
    settings = {"epochs": 2, "precision": "bfloat16"}
    first = run(make_config(name="first", fitting=settings))
    with pytest.raises(KilledError):
        run(make_config(name="again", fitting=settings), callbacks=[Kill("on_step_end", 4)])
    assert_same_outcome(first, run(make_config(name="again", fitting=settings), resume=True))


def test_bfloat16_trains_without_a_gpu_and_saves_float32(run: Run, make_config: MakeConfig) -> None:
    result = run(make_config(fitting={"epochs": 1, "precision": "bfloat16"}))
    weights = load_file(result.run.model / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    assert all(tensor.isfinite().all() for tensor in weights.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("evaluate_steps", "kills"),
    [
        pytest.param(2, [Kill("on_step_end", 5)], id="mid-epoch"),
        pytest.param(None, [Kill("on_step_end", 8)], id="mid-epoch-with-a-checkpoint-an-epoch"),
        pytest.param(
            2,
            [
                Kill("on_step_end", 1),  # before the first checkpoint
                Kill("on_evaluate", 4),  # between evaluation and checkpoint
                Kill("on_save", 4),
                Kill("on_step_end", 7),  # the last checkpoint is from the end of an epoch
                Kill("on_train_end", 9),  # before the model is saved
            ],
            id="time-and-again",
        ),
    ],
)
def test_a_broken_run_resumed_is_the_unbroken_one_to_the_bit(
    run: Run, make_config: MakeConfig, evaluate_steps: int | None, kills: list[Kill]
) -> None:
    fitting = {"evaluate_steps": evaluate_steps, "patience": 4}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting)
    for kill in kills:
        with pytest.raises(KilledError):
            run(broken, callbacks=[kill], resume=True)
    assert not (broken.folder / "model").exists()
    assert_same_outcome(run(broken, resume=True), unbroken)


@pytest.mark.slow
def test_a_checkpoint_that_was_not_written_whole_is_passed_over(run: Run, make_config: MakeConfig) -> None:
    fitting = {"evaluate_steps": 2}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting)
    with pytest.raises(KilledError):
        run(broken, callbacks=[Kill("on_step_end", 5)])
    checkpoints = RunFolder(broken.folder).checkpoints
    shutil.copytree(checkpoints / "checkpoint-4", checkpoints / "checkpoint-5")
    (checkpoints / "checkpoint-5" / "trainer_state.json").unlink()
    (checkpoints / "checkpoint-5" / "model.safetensors").write_bytes(b"cut off")
    assert RunFolder(broken.folder).last_checkpoint() == checkpoints / "checkpoint-4"
    assert_same_outcome(run(broken, resume=True), unbroken)
    assert not (checkpoints / "checkpoint-5").exists()


def test_a_damaged_file_of_a_run_to_resume_is_named(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"evaluate_steps": 2})
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 5)])
    folder = RunFolder(config.folder)
    checkpoint = folder.checkpoints / "checkpoint-2"  # not the newest
    for file in (folder.config, folder.data, *(checkpoint / name for name in CHECKPOINT)):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] if file != folder.config else b"")
        with pytest.raises(ConfigError, match=rf"{file.name}: cannot resume: the file is cut short or damaged; choose"):
            run(config, resume=True)
        file.write_bytes(whole)
    run(config, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKPOINT)
def test_where_the_newest_checkpoint_is_damaged_the_one_before_is_used(
    run: Run, make_config: MakeConfig, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    fitting = {"evaluate_steps": 2}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting)
    with pytest.raises(KilledError):
        run(broken, callbacks=[Kill("on_step_end", 7)])
    file = RunFolder(broken.folder).checkpoints / "checkpoint-6" / name
    file.write_bytes(file.read_bytes()[:-20])
    assert_same_outcome(run(broken, resume=True), unbroken)
    assert f"{file}: cannot resume: the file is cut short or damaged; training goes on from before it" in caplog.text


def test_two_runs_in_one_folder_are_not_at_the_same_time_and_the_lock_of_a_dead_one_holds_nothing(
    run: Run, make_config: MakeConfig
) -> None:
    config = make_config(fitting={"epochs": 1})
    config.folder.mkdir(parents=True)
    (config.folder / ".lock").touch()  # as a process leaves it
    with lock_folder(config.folder), pytest.raises(DataError, match="another run is writing in this folder"):
        run(config)
    run(config)


def test_what_a_killed_run_left_is_removed(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"epochs": 1})
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 2)])
    left = [config.folder / ".data.json.abcdefgh", config.folder / "model" / ".README.md.abcdefgh"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    run(config, resume=True)
    assert not any(path.exists() for path in left)


@pytest.mark.slow
def test_a_run_killed_by_the_system_can_be_resumed(run: Run, make_config: MakeConfig, tmp_path: Path) -> None:
    fitting = {"evaluate_steps": 2}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting)
    (tmp_path / "broken.yaml").write_text(dump_config(broken), encoding="utf-8")
    script = """
import os, signal, sys
from pathlib import Path
import torch
from transformers import TrainerCallback
from afteraction.train import load_config
from afteraction.training import fit

class Kill(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if state.global_step == 5:
            os.kill(os.getpid(), signal.SIGKILL)

torch.set_num_threads(1)
config = load_config(sys.argv[1])
fit(config, cache=Path(sys.argv[2]), callbacks=[Kill()])
"""
    command = [sys.executable, "-c", script, str(tmp_path / "broken.yaml"), str(tmp_path / "cache")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -9
    assert (broken.folder / "checkpoints" / "checkpoint-4" / "trainer_state.json").is_file()
    assert_same_outcome(run(broken, resume=True), unbroken)


def test_a_run_is_finished_by_its_result_not_by_a_picture(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"epochs": 1})
    folder = run(config).run
    assert json.loads(folder.result.read_text(encoding="utf-8"))["scores"]["micro"]["f1"] >= 0
    folder.curves.unlink()
    before = contents(folder.path)
    run(config, resume=True)
    assert contents(folder.path) == before
    folder.result.unlink()
    assert not folder.finished


@pytest.mark.parametrize("patience", [None, 1])
def test_resuming_a_finished_run_changes_nothing(run: Run, make_config: MakeConfig, patience: int | None) -> None:
    config = make_config(fitting={"patience": patience})
    finished = run(config, score=scores_in_turn(0.5, 0.5, 0.5))
    before = contents(finished.run.path)
    again = run(config, resume=True)
    assert contents(finished.run.path) == before
    assert again.scores == finished.scores


def test_an_existing_run_is_not_written_over(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"epochs": 1})
    before = contents(run(config).run.path)
    with pytest.raises(ConfigError, match=r"holds a run already; give --resume"):
        run(config)
    assert contents(config.folder) == before


def test_a_folder_of_something_else_is_not_written_to(run: Run, make_config: MakeConfig) -> None:
    config = make_config()
    config.folder.mkdir(parents=True)
    (config.folder / "novel.txt").touch()
    for resume in (False, True):
        with pytest.raises(ConfigError, match="is not empty and holds no run"):
            run(config, resume=resume)
    assert set(contents(config.folder)) == {"novel.txt"}


def test_resuming_with_another_config_or_other_data_is_refused(
    run: Run, make_config: MakeConfig, articles: list[Article]
) -> None:
    config = make_config()
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 4)])
    before = contents(config.folder)
    with pytest.raises(ConfigError, match=r"cannot resume: its fitting\.epochs was 3, now 4; choose"):
        run(make_config(fitting={"epochs": 4}), resume=True)
    write_articles(articles[1:], Path(config.data.train[0]))
    with pytest.raises(ConfigError, match=r"cannot resume: .*articles\.jsonl has changed since"):
        run(config, resume=True)
    assert contents(config.folder) == before


def test_resuming_a_run_that_never_began_begins_it(run: Run, make_config: MakeConfig) -> None:
    fresh = run(make_config(name="fresh", fitting={"epochs": 1}))
    resumed = run(make_config(name="resumed", fitting={"epochs": 1}), resume=True)
    assert_same_outcome(fresh, resumed)


def test_a_resumed_run_logs_its_checkpoint(run: Run, make_config: MakeConfig, caplog: pytest.LogCaptureFixture) -> None:
    config = make_config(fitting={"epochs": 2})
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 4)])
    with caplog.at_level("INFO", logger="afteraction"):
        run(config, resume=True)
    assert f"resuming from {config.folder / 'checkpoints' / 'checkpoint-3'}" in caplog.messages
    assert any("read from the cache" in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("values", "steps"),
    [((0.5, 0.5, 0.5, 0.5, 0.5), 9), ((0.5, 0.4, 0.6, 0.5, 0.5), 15), ((0.1, 0.2, 0.3, 0.4, 0.5), 15)],
)
def test_training_stops_after_evaluations_without_a_better_score(
    run: Run, make_config: MakeConfig, values: tuple[float, ...], steps: int
) -> None:
    config = make_config(fitting={"epochs": 5, "patience": 2})
    result = run(config, score=scores_in_turn(*values))
    assert log_of(result.run)[-1]["step"] == steps
    assert result.scores.micro.f1 == max(values)


def mislabelled(article: Article) -> Article:
    return article.with_fields(spans=[span.__class__(span.start, span.end, "TARGTE") for span in article.spans])


@pytest.mark.parametrize("part", ["train", "dev"])
def test_a_label_that_the_config_does_not_have_is_refused_with_file_and_article(
    run: Run, make_config: MakeConfig, articles: list[Article], tmp_path: Path, part: str
) -> None:
    file = tmp_path / "wrong.jsonl"
    config = make_config(data={part: [str(file)]})
    message = r"wrong\.jsonl: article 'second': unknown label 'TARGTE'; did you mean 'TARGET'\?"
    for wrong in (mislabelled(articles[1]), articles[1].with_fields(unknown_labels=("TARGTE",))):
        write_articles([articles[0], wrong], file)
        with pytest.raises(DataError, match=message):
            run(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": {"size": 65}}, r"window\.size: 65 is more than the 64 positions of .*encoder"),
        ({"labels": ["PERPETRATOR", "TARGET"]}, r"articles\.jsonl: article 'first': unknown label 'DEATH_TOLL'"),
        ({"data": {"dev": ["nowhere.jsonl"]}}, r"nowhere\.jsonl: no such file"),
        ({"encoder": "no-such-encoder"}, "no-such-encoder"),
    ],
)
def test_a_run_that_is_refused_leaves_nothing_that_stands_in_the_way_of_the_next(
    run: Run, make_config: MakeConfig, changes: dict[str, Any], message: str
) -> None:
    config = make_config(**changes)
    with pytest.raises(ValueError, match=message):
        run(config)
    assert not config.folder.exists()


def test_training_articles_without_a_span_are_refused(run: Run, make_config: MakeConfig, tmp_path: Path) -> None:
    file = tmp_path / "bare.jsonl"
    write_articles([Article("bare", "Gunmen attacked a bus.")], file)
    config = make_config(data={"train": [str(file)]})
    with pytest.raises(DataError, match=r"data\.train: no article of .*bare\.jsonl has a span"):
        run(config)
    assert not config.folder.exists()


@pytest.mark.parametrize("texts", [(), ("Nothing happened.",)])
def test_development_articles_without_a_span_are_refused(
    run: Run, make_config: MakeConfig, tmp_path: Path, texts: tuple[str, ...]
) -> None:
    file = tmp_path / "bare.jsonl"
    write_articles([Article("bare", text) for text in texts], file)
    with pytest.raises(DataError, match=r"data\.dev: no article of .*bare\.jsonl has a span"):
        run(make_config(data={"dev": [str(file)]}))


def test_weights_that_are_no_numbers_are_not_saved_as_a_model(run: Run, make_config: MakeConfig) -> None:
    config = make_config(optimizer={"learning_rate": 1e30, "head_learning_rate": 1e30, "warmup": 0})
    with pytest.raises(InputError, match="set lower learning rates"):
        run(config)
    assert not RunFolder(config.folder).model.exists()


def test_an_article_without_text_does_no_harm(run: Run, make_config: MakeConfig, articles: list[Article]) -> None:
    config = make_config(fitting={"epochs": 1, "tokens_per_batch": 16})
    write_articles([*articles, Article("empty", "")], Path(config.data.train[0]))
    result = run(config)
    weights = load_file(result.run.model / "model.safetensors")
    assert all(tensor.isfinite().all() for tensor in weights.values())
    assert len(list(read_articles(Path(config.data.dev[0])))) == 5


def test_a_run_that_is_stopped_is_not_finished_and_can_be_resumed(run: Run, make_config: MakeConfig) -> None:
    asked: list[tuple[float, float]] = []

    def should_stop(share: float, score: float) -> bool:
        asked.append((share, score))
        return True

    config = make_config(name="stopped")
    with pytest.raises(StoppedError):
        run(config, callbacks=[StopWhen(should_stop)])
    assert not RunFolder(config.folder).finished
    unbroken = run(make_config(name="unbroken"))
    [first, *_] = [entry["eval_micro_f1"] for entry in log_of(unbroken.run) if "eval_micro_f1" in entry]
    assert asked == [(1 / 3, first)]
    assert_same_outcome(run(config, resume=True), unbroken)


def test_a_run_that_may_stop_but_does_not_is_an_ordinary_one(run: Run, make_config: MakeConfig) -> None:
    shares = []

    def should_stop(share: float, _score: float) -> bool:
        shares.append(share)
        return False

    asked = run(make_config(name="asked"), callbacks=[StopWhen(should_stop)])
    assert shares == [1 / 3, 2 / 3]  # not after the last evaluation, when there is nothing left to stop
    assert_same_outcome(asked, run(make_config(name="plain")))


def test_a_run_that_was_cut_off_while_it_was_opened_can_be_resumed(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"epochs": 1})
    config.folder.mkdir(parents=True)
    for name in ("data.json", "environment.json", ".config.yaml.x1y2"):
        (config.folder / name).touch()
    assert run(config, resume=True).run.finished


def test_a_loss_of_the_first_special_subword_needs_one(
    run: Run, make_config: MakeConfig, tiny_encoder: Path, tmp_path: Path
) -> None:
    encoder = shutil.copytree(tiny_encoder, tmp_path / "bare")
    tokenizer = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))
    (encoder / "tokenizer.json").write_text(json.dumps(tokenizer | {"post_processor": None}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"fitting\.presence_loss: windows of .*bare begin with no special token"):
        run(make_config(encoder=str(encoder), fitting={"presence_loss": 1.0}))


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_a_batch_that_does_not_fit_in_memory_names_the_key_and_the_run_goes_on_with_more(
    run: Run, make_config: MakeConfig, error: Exception
) -> None:
    whole = run(make_config(name="whole"))

    class Full(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 5:
                raise error

    with pytest.raises(ConfigError, match=r"fitting\.tokens_per_batch: training with 128 does not fit in memory; set"):
        run(make_config(), callbacks=[Full()])
    assert_same_outcome(run(make_config(), resume=True), whole)


def test_a_clock_that_steps_back_changes_nothing(
    run: Run, make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(make_config(name="whole"))
    now, steps = time.time(), count()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(steps))
    with pytest.raises(KilledError):
        run(make_config(), callbacks=[Kill("on_step_end", 5), *training_progress()])
    assert_same_outcome(run(make_config(), resume=True, callbacks=training_progress()), whole)
    assert next(steps) > 2
