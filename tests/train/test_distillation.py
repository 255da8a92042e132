import json
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast, set_seed

from afteraction.data import LABELS, Article, DataError, LabelScheme, SubwordTokenizer, WindowConfig, write_articles
from afteraction.data.tokens import IGNORED, Bounds, build_examples
from afteraction.evaluation.provenance import model_uses
from afteraction.model import (
    ModelError,
    ModelSettings,
    Tagger,
    build_classifier,
    load_model,
    load_tokenizer,
    pack_model,
    save_model,
    unpack_model,
)
from afteraction.train import ConfigError, RunFolder, TrainConfig, load_config
from afteraction.train.distillation import add_teachers, carry_over, soften
from afteraction.train.fitting import build_trainer, training_arguments
from afteraction.train.losses import distillation_loss
from afteraction.train.preparation import prepare
from afteraction.training import dev_scores, fit

MakeConfig = Callable[..., TrainConfig]
SCHEME = LabelScheme()
PACKAGE = "tiny-weights"


def letters_tokenizer(tiny: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """Returns a tokenizer like the tiny one but without words: each letter is a subword."""
    definition = json.loads(tiny.backend_tokenizer.to_str())
    vocabulary = definition["model"]["vocab"]
    kept = [piece for piece in vocabulary if len(piece.removeprefix("##")) == 1 or piece.startswith("[")]
    definition["model"]["vocab"] = {piece: index for index, piece in enumerate(kept)}
    tokens = {token["content"]: token for token in definition["added_tokens"]}
    for piece, token in tokens.items():
        token["id"] = kept.index(piece)
    for name, special in definition["post_processor"]["special_tokens"].items():
        special["ids"] = [kept.index(name)]
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(definition)),
        **{f"{kind}_token": getattr(tiny, f"{kind}_token") for kind in ("pad", "unk", "cls", "sep", "mask")},
    )


def save_teacher(
    folder: Path, encoder: Path, tokenizer: PreTrainedTokenizerBase, *, labels: tuple[str, ...] = LABELS, seed: int = 3
) -> Path:
    """Saves a classifier with a random head that is far from uniform, and returns its folder."""
    set_seed(seed)
    model = build_classifier(
        str(encoder), scheme=LabelScheme(labels), hidden_dropout=0, attention_dropout=0, head_dropout=0
    )
    with torch.no_grad():
        model.classifier.weight.mul_(15.0)
    settings = ModelSettings(labels=labels, window=WindowConfig(size=32, stride=8))
    save_model(folder, model=model, tokenizer=tokenizer, settings=settings)
    return folder


@pytest.fixture
def teacher(tmp_path: Path, tiny_encoder: Path) -> Path:
    return save_teacher(tmp_path / "teacher", tiny_encoder, load_tokenizer(str(tiny_encoder)))


def distilled(config: TrainConfig, tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> list[dict[str, Any]]:
    subwords = SubwordTokenizer(tokenizer)
    examples = build_examples(
        [Path(name) for name in config.data.train],
        tokenizer=subwords,
        window=config.window,
        scheme=LabelScheme(config.labels),
        cache=tmp_path / "cache",
    )
    return list(add_teachers(examples, config, tokenizer=subwords).dataset)


def values_of(row: dict[str, Any]) -> Any:
    return np.frombuffer(row["teacher"], dtype=np.float16).reshape(row["length"], -1).astype(np.float32)


@given(st.integers(1, 3), st.integers(1, 5), st.integers(2, 9), st.integers(0, 2**31), st.floats(0.5, 4))
def test_the_loss_is_the_mean_divergence_from_the_teacher_over_the_labelled_tokens(
    windows: int, length: int, tags: int, seed: int, temperature: float
) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(windows, length, tags, generator=random)
    teacher = torch.randn(windows, length, tags, generator=random).softmax(-1)
    teacher[..., 0, 0] = 0
    labels = torch.randint(0, tags, (windows, length), generator=random)
    labels[torch.rand(windows, length, generator=random) < 0.3] = IGNORED
    labels[0, 0] = 0
    expected = 0.0
    for row, row_teacher, row_labels in zip(logits.tolist(), teacher.tolist(), labels.tolist(), strict=True):
        for scores, wanted, label in zip(row, row_teacher, row_labels, strict=True):
            exponentials = [math.exp(score / temperature) for score in scores]
            own = [exponential / sum(exponentials) for exponential in exponentials]
            if label != IGNORED:
                expected += sum(p * math.log(p / q) for p, q in zip(wanted, own, strict=True) if p)
    for items in (int((labels != IGNORED).sum()), 7):
        loss = distillation_loss(
            {"logits": logits}, labels, teacher, temperature=temperature, num_items_in_batch=torch.tensor(items)
        )
        assert loss.item() == pytest.approx(temperature**2 * expected / items, rel=1e-3, abs=1e-5)
    assert distillation_loss({"logits": logits}, labels, teacher, temperature=temperature).isfinite()


@given(st.integers(0, 2**31), st.floats(0.25, 8))
def test_log_probabilities_are_softened_as_their_logits_are(seed: int, temperature: float) -> None:
    logits = torch.randn(4, 9, generator=torch.Generator().manual_seed(seed)) * 3
    softened = soften(logits.log_softmax(-1).numpy(), temperature)
    assert np.allclose(softened, (logits / temperature).softmax(-1).numpy(), atol=1e-6)


def naive_carry_over(probabilities: Any, bounds: Any, to: Any) -> list[list[float]]:
    carried = []
    for start, end in to:
        row = [0.0] * probabilities.shape[1]
        for (other_start, other_end), values in zip(bounds, probabilities.tolist(), strict=True):
            if set(range(start, end)) & set(range(other_start, other_end)):
                row = list(values)
                if other_start < start:
                    for begin in range(1, len(row), 2):
                        row[begin + 1] += row[begin]
                        row[begin] = 0.0
                break
        carried.append(row)
    return carried


@st.composite
def some_bounds(draw: st.DrawFn) -> Bounds:
    cuts = sorted(draw(st.sets(st.integers(0, 30), min_size=2)))
    pairs = [pair for pair in pairwise(cuts) if draw(st.booleans())]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


@given(some_bounds(), some_bounds(), st.integers(0, 2**31))
def test_probabilities_are_carried_over_by_the_characters_in_common(bounds: Bounds, to: Bounds, seed: int) -> None:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(5), size=len(bounds)).astype(np.float32).reshape(-1, 5)
    carried = carry_over(probabilities, bounds, to)
    assert carried.shape == (len(to), 5)
    assert np.allclose(carried, np.array(naive_carry_over(probabilities, bounds, to)).reshape(-1, 5))
    assert np.array_equal(carry_over(probabilities, bounds, bounds), probabilities)


def test_each_window_has_the_mean_of_what_the_teachers_predict(
    make_config: MakeConfig, tiny_encoder: Path, teacher: Path, articles: list[Article], tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(str(tiny_encoder))
    # The second teacher has its labels in another order.
    second = save_teacher(tmp_path / "second", tiny_encoder, tokenizer, labels=LABELS[::-1], seed=5)
    config = make_config(distillation={"teachers": [str(teacher), str(second)], "temperature": 1.5})
    rows = distilled(config, tokenizer, tmp_path)
    one, other = Tagger.load(teacher), Tagger.load(second)
    order = [other.scheme.tags.index(tag) for tag in SCHEME.tags]
    read = [
        (soften(first.log_probabilities, 1.5) + soften(last.log_probabilities[:, order], 1.5)) / 2
        for first, last in zip(one.emissions(articles), other.emissions(articles), strict=True)
    ]
    expected = np.concatenate(read)
    windows = [values_of(row)[np.array(row["labels"]) != IGNORED] for row in rows]
    assert len(rows) > len(articles)  # one article has several windows
    assert np.allclose(np.concatenate(windows), expected, atol=1e-3)
    assert not any(values_of(row)[[0, -1]].any() for row in rows)


def test_a_teacher_with_another_tokenizer_teaches_by_characters(
    make_config: MakeConfig,
    tiny_encoder: Path,
    tokenizer: PreTrainedTokenizerFast,
    articles: list[Article],
    tmp_path: Path,
) -> None:
    folder = save_teacher(tmp_path / "letters", tiny_encoder, letters_tokenizer(tokenizer))
    rows = distilled(make_config(distillation={"teachers": [str(folder)]}), tokenizer, tmp_path)
    windows = np.concatenate([values_of(row)[np.array(row["labels"]) != IGNORED] for row in rows])
    encoded = SubwordTokenizer(tokenizer).encode([article.text for article in articles])
    expected = []
    for emissions, subwords in zip(Tagger.load(folder).emissions(articles), encoded, strict=True):
        assert len(emissions.bounds) > 2 * len(subwords.ids)
        softened = soften(emissions.log_probabilities, 2.0)
        expected += naive_carry_over(softened, emissions.bounds.tolist(), subwords.bounds.tolist())
    assert np.allclose(windows, np.array(expected), atol=1e-3)


def test_unlabelled_texts_are_read_once_and_not_if_they_are_known(
    make_config: MakeConfig, tiny_encoder: Path, teacher: Path, articles: list[Article], tmp_path: Path
) -> None:
    new = Article("new", "Three rebels attacked a market in Kano.", articles[0].spans[:1])
    tested = Article("tested", "The army said a bus was near the police school in the city of Gao.")
    write_articles([tested], tmp_path / "test.jsonl")
    write_articles([articles[1], new, tested, Article("again", new.text)], tmp_path / "texts.jsonl")
    config = make_config(
        distillation={
            "teachers": [str(teacher)],
            "texts": [str(tmp_path / "texts.jsonl")],
            "without": [str(tmp_path / "test.jsonl")],
        }
    )
    tokenizer = load_tokenizer(str(tiny_encoder))
    rows = distilled(config, tokenizer, tmp_path)
    labelled, [row] = [row for row in rows if not row["unknown"]], [row for row in rows if row["unknown"]]
    assert len(labelled) == len(rows) - 1
    assert tokenizer.decode(row["input_ids"][1:-1]) == new.text.lower().replace(".", " .")
    assert row["unknown"] == [0, 1, 2, 3]
    assert set(row["labels"][1:-1]) == {0}
    assert row["empty"] == (not values_of(row).argmax(axis=1).any())
    [emissions] = Tagger.load(teacher).emissions([new])
    assert np.allclose(values_of(row)[1:-1], soften(emissions.log_probabilities, 2.0), atol=1e-3)


def test_the_loss_of_a_run_shares_the_weight_out_and_texts_have_the_teachers_share_alone(
    make_config: MakeConfig, teacher: Path, tmp_path: Path
) -> None:
    write_articles([Article("new", "Three rebels attacked a market in Kano.")], tmp_path / "texts.jsonl")
    distillation = {"teachers": [str(teacher)], "texts": [str(tmp_path / "texts.jsonl")], "weight": 0.3}
    config = make_config(distillation=distillation, dropout={"hidden": 0, "attention": 0, "head": 0, "subwords": 0})
    prepared = prepare(config, cache=tmp_path / "cache")
    trainer = build_trainer(
        prepared,
        arguments=training_arguments(config),
        run=RunFolder(config.folder),
        score=lambda gold, predicted: dev_scores(gold, predicted, labels=LABELS),
    )
    batch = trainer.get_train_dataloader().collate_fn(list(prepared.examples.dataset))
    loss = trainer.compute_loss(prepared.tagger.model.eval(), batch)
    with torch.no_grad():
        logits = prepared.tagger.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    own, soft = logits.log_softmax(-1), (logits / 2).log_softmax(-1)
    total = count = 0.0
    for row in range(len(logits)):
        for place in range(logits.shape[1]):
            tag = int(batch["labels"][row, place])
            if tag == IGNORED:
                continue
            wanted = batch["teacher"][row, place]
            total += 0.3 * 4 * float((wanted * (wanted.clamp_min(1e-12).log() - soft[row, place])).sum())
            total -= 0.0 if batch["unknown"][row].all() else 0.7 * float(own[row, place, tag])
            count += 1
    assert batch["unknown"].all(dim=1).sum() == 1
    assert loss.item() == pytest.approx(total / count, rel=1e-3)


def test_a_smaller_student_trains_saves_loads_packs_and_unpacks(
    make_config: MakeConfig, teacher: Path, tiny_package: Path, articles: list[Article], tmp_path: Path
) -> None:
    write_articles([Article("new", "Three rebels attacked a market in Kano.")], tmp_path / "texts.jsonl")
    texts = str(tmp_path / "texts.jsonl")
    config = make_config(
        encoder=str(teacher),
        encoder_layers=[1],
        optimizer={"train_embeddings": False},
        distillation={"teachers": [str(teacher)], "texts": [texts]},
        fitting={"epochs": 1},
    )
    folder = fit(config, cache=tmp_path / "cache").run.model
    written = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (written["num_hidden_layers"], written["kept_layers"]) == (1, [1])
    assert model_uses(folder, Path(texts)) == "unlabelled"
    predicted = list(Tagger.load(folder).predict(articles))
    assert predicted

    pack_model(folder, tmp_path / "packed", rank=1000, encoder=PACKAGE)
    whole, packed = (load_model(path)[0].state_dict() for path in (folder, tmp_path / "packed"))
    assert all(torch.allclose(weight, packed[name], atol=1e-3) for name, weight in whole.items())
    stored = load_file(tmp_path / "packed" / "packed.safetensors")
    assert not [name for name in stored if "word_embeddings" in name]
    unpack_model(tmp_path / "packed", tmp_path / "unpacked")
    again = load_model(tmp_path / "unpacked")[0].state_dict()
    assert all(torch.equal(weight, again[name]) for name, weight in packed.items())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"texts": ["a.jsonl"]}, r"distillation: texts are given, but no teachers"),
        ({"teachers": ["news"], "weight": 0}, r"distillation\.weight: .*greater than 0, got 0"),
        ({"teachers": ["news"], "weight": 1.5}, r"distillation\.weight: .*less than or equal to 1, got 1\.5"),
        ({"teachers": ["news"], "temperature": 0}, r"distillation\.temperature: .*greater than 0"),
        ({"teachers": "news"}, r"distillation\.teachers: input should be a list, as in \[a, b\], got 'news'"),
        ({"teacher": ["news"]}, r"unknown key 'distillation\.teacher'; did you mean 'teachers'\?"),
    ],
)
def test_a_wrong_distillation_is_refused_in_one_line(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps({"extends": "quickstart", "distillation": changes}), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as refused:
        load_config(path)
    assert "\n" not in str(refused.value)


def test_what_a_run_cannot_use_is_refused_before_its_folder_exists(
    make_config: MakeConfig, tiny_encoder: Path, teacher: Path, tmp_path: Path
) -> None:
    other = save_teacher(tmp_path / "other", tiny_encoder, load_tokenizer(str(tiny_encoder)), labels=("TARGET",))
    wrong: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"teachers": [str(other)]}, ConfigError, r"distillation\.teachers: .*other has the labels TARGET, and the"),
        ({"teachers": ["nwes"]}, ModelError, r"nwes: no such model folder, nor a shipped model"),
        ({"teachers": [str(teacher)], "texts": ["none.jsonl"]}, DataError, r"none\.jsonl"),
    ]
    for distillation, kind, message in wrong:
        config = make_config(distillation=distillation)
        with pytest.raises(kind, match=message):
            prepare(config, cache=tmp_path / "cache")
        assert not config.folder.exists()
