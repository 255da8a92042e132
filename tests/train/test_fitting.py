import hashlib
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import TrainerCallback

from afteraction.data import LABELS, Article, read_articles, write_articles
from afteraction.model import Tagger
from afteraction.model.card import read_training_record
from afteraction.train import DevScores, FitResult, TrainConfig
from afteraction.train.callbacks import StopWhen, read_log
from afteraction.training import dev_scores

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]
SameOutcome = Callable[[FitResult, FitResult], None]
ScoresInTurn = Callable[..., Callable[..., DevScores]]


def test_a_run_leaves_all_that_its_numbers_depend_on(run: Run, make_config: MakeConfig) -> None:
    config = make_config()
    folder = run(config).run
    assert folder.path == config.folder
    assert TrainConfig.model_validate(yaml.safe_load(folder.config.read_text(encoding="utf-8"))) == config
    file = Path(config.data.train[0])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(folder.data.read_text(encoding="utf-8")) == {"files": {str(file): digest}, "misaligned": []}
    environment = json.loads(folder.environment.read_text(encoding="utf-8"))
    assert environment["packages"]["torch"] == metadata.version("torch")
    assert environment["torch_build"] == torch.__version__
    assert {"python", "platform", "processor", "cores", "torch_threads", "git"} <= set(environment)
    assert folder.curves.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert len(list(folder.checkpoints.glob("checkpoint-*"))) == 2


def test_the_log_has_losses_and_every_evaluation_as_tensorboard_has_them(run: Run, make_config: MakeConfig) -> None:
    folder = run(make_config()).run
    log = read_log(folder.log)
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
    assert dev_scores(articles, list(tagger.predict(articles)), labels=LABELS) == result.scores
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


def test_the_best_checkpoint_is_kept_not_the_last(
    run: Run, make_config: MakeConfig, scores_in_turn: ScoresInTurn
) -> None:
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
def test_two_runs_with_one_seed_are_equal_to_the_bit_and_with_another_not(
    run: Run, make_config: MakeConfig, assert_same_outcome: SameOutcome
) -> None:
    first, again = run(make_config(name="first")), run(make_config(name="again"))
    assert_same_outcome(first, again)
    other = run(make_config(name="other", fitting={"seed": 1}))
    assert read_log(first.run.log)[0]["loss"] != read_log(other.run.log)[0]["loss"]


class Attention(TrainerCallback):
    """A callback that records how attention is computed in each forward pass, in training and in evaluation."""

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


def test_bfloat16_trains_without_a_gpu_and_saves_float32(run: Run, make_config: MakeConfig) -> None:
    result = run(make_config(fitting={"epochs": 1, "precision": "bfloat16"}))
    weights = load_file(result.run.model / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    assert all(tensor.isfinite().all() for tensor in weights.values())


@pytest.mark.parametrize(
    ("values", "steps"),
    [((0.5, 0.5, 0.5, 0.5, 0.5), 9), ((0.5, 0.4, 0.6, 0.5, 0.5), 15), ((0.1, 0.2, 0.3, 0.4, 0.5), 15)],
)
def test_training_stops_after_evaluations_without_a_better_score(
    run: Run, make_config: MakeConfig, values: tuple[float, ...], steps: int, scores_in_turn: ScoresInTurn
) -> None:
    config = make_config(fitting={"epochs": 5, "patience": 2})
    result = run(config, score=scores_in_turn(*values))
    assert read_log(result.run.log)[-1]["step"] == steps
    assert result.scores.micro.f1 == max(values)


def test_an_article_without_text_does_no_harm(run: Run, make_config: MakeConfig, articles: list[Article]) -> None:
    config = make_config(fitting={"epochs": 1, "tokens_per_batch": 16})
    write_articles([*articles, Article("empty", "")], Path(config.data.train[0]))
    result = run(config)
    weights = load_file(result.run.model / "model.safetensors")
    assert all(tensor.isfinite().all() for tensor in weights.values())
    assert len(list(read_articles(Path(config.data.dev[0])))) == 5


def test_a_run_that_may_stop_but_does_not_is_an_ordinary_one(
    run: Run, make_config: MakeConfig, assert_same_outcome: SameOutcome
) -> None:
    shares = []

    def should_stop(share: float, _score: float) -> bool:
        shares.append(share)
        return False

    asked = run(make_config(name="asked"), callbacks=[StopWhen(should_stop)])
    assert shares == [1 / 3, 2 / 3]  # not after the last evaluation, when there is nothing left to stop
    assert_same_outcome(asked, run(make_config(name="plain")))
