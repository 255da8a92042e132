"""Counts the spans that differ when numbers are rounded differently: bfloat16, ONNX, OpenVINO, 8-bit integers.

    python bench/sameness.py                        news, on bundled:dev
    python bench/sameness.py fast bundled:voa-dev   another model or other articles
    python bench/sameness.py --device cuda          a GPU in both precisions, instead of these ways

Each way is compared with 32-bit floats on one core: how many spans appear, vanish or have another edge with the same
label, the largest difference between the scores of an unchanged span, and the strict micro F1.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from afteraction.data import LABELS, Article, Span, read_named
from afteraction.evaluation import score_spans
from afteraction.model import Tagger, export_model, locate_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="news")
    parser.add_argument("articles", nargs="*", default=["bundled:dev"])
    parser.add_argument("--device", help="by PyTorch's name")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder, gold = locate_model(arguments.model), list(read_named(arguments.articles))
    with tempfile.TemporaryDirectory() as temporary:

        def exported(form: str) -> Tagger:
            output = Path(temporary) / form
            export_model(folder, output, form=form)
            return Tagger.load(output)

        ways: dict[str, Callable[[], Tagger]] = {
            "bfloat16": lambda: Tagger.load(folder, precision="bfloat16"),
            "ONNX, float32": lambda: exported("onnx"),
            "ONNX, 8-bit integers": lambda: exported("onnx-int8"),
            "OpenVINO, 8-bit integers": lambda: exported("openvino-int8"),
        }
        if device := arguments.device:
            ways = {
                f"{device}, float32": lambda: Tagger.load(folder, device=device, precision="float32"),
                f"{device}, bfloat16": lambda: Tagger.load(folder, device=device, precision="bfloat16"),
            }
        compare({"float32": lambda: Tagger.load(folder, precision="float32"), **ways}, gold)


def compare(ways: dict[str, Callable[[], Tagger]], gold: Sequence[Article]) -> None:
    """Prints a table with one row per way. The first way is the one that the others are compared with."""
    columns = ["spans", "appear", "vanish", "other edge", "articles with any", "score", "strict micro F1", "seconds"]
    print(f"| | {' | '.join(columns)} |")
    print(f"| --- {'| --- ' * len(columns)}|")
    first: list[Article] = []
    for name, load in ways.items():
        tagger = load()
        started = time.process_time()
        found = list(tagger.predict(Article(article.id, article.text) for article in gold))
        seconds = time.process_time() - started
        first = first or found
        counts = [differences(one.spans, other.spans) for one, other in zip(first, found, strict=True)]
        appear, vanish, moved = (sum(each) for each in zip(*counts, strict=True))
        spans, articles = sum(len(article.spans) for article in found), sum(map(any, counts))
        score = max(largest_difference(one.spans, other.spans) for one, other in zip(first, found, strict=True))
        f1 = score_spans(gold, found, labels=LABELS).micro.f1
        print(
            f"| {name} | {spans:,} | {appear} | {vanish} | {moved} | {articles} "
            f"| {score:.1e} | {f1:.4f} | {seconds:.0f} |",
            flush=True,
        )


def largest_difference(before: Sequence[Span], after: Sequence[Span]) -> float:
    """Returns the largest difference between the two scores of a span that is in both lists."""
    old, new = ({(span.start, span.end, span.label): span.score or 0.0 for span in spans} for spans in (before, after))
    return max((abs(old[span] - new[span]) for span in old.keys() & new.keys()), default=0.0)


def differences(before: Sequence[Span], after: Sequence[Span]) -> tuple[int, int, int]:
    """Returns how many spans are only in the second list, how many only in the first, and how many have another edge.

    A span with another edge is a pair of such spans that overlap and have the same label. It is counted once.
    """
    old, new = ({(span.start, span.end, span.label) for span in spans} for spans in (before, after))
    gone, come = sorted(old - new), sorted(new - old)
    moved = 0
    for start, end, label in gone:
        match = next((span for span in come if span[0] < end and start < span[1] and span[2] == label), None)
        if match:
            come.remove(match)
            moved += 1
    return len(come), len(gone) - moved, moved


if __name__ == "__main__":
    main()
