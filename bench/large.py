"""Runs commands on inputs of a size or kind that no article has, and prints time, memory and outcome.

    python bench/large.py                           everything, with lines of 100 MB
    python bench/large.py --megabytes 5 blank rtl   two kinds of input, smaller ones

Each command runs in its own process, with a tiny model where it needs one. It must give a result or one line on
standard error, within the limits of processor time and memory below. Otherwise, the exit status is 1.
"""

import argparse
import csv
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "fuzz"))
from target import folder
from targets_folders import model

SECONDS, MEGABYTES = 10.0, 50.0
"""The limits per megabyte of input: processor time and memory."""
AT_LEAST = (60.0, 2000.0)
"""The lowest limits, for small inputs."""
MEMORY = 12 * 2**30
"""Bytes of address space per command, so that a command that fills the memory fails alone."""

SENTENCE = "Gunmen killed 12 people in Gao, Mali, on Monday, and the army said 3 soldiers were wounded. "
SPANS = (
    ("Gunmen", "PERPETRATOR"),
    ("12", "DEATH_TOLL"),
    ("people", "TARGET"),
    ("Gao", "LOCATION"),
    ("Mali", "LOCATION"),
)
ANNOTATED = 1000
"""The number of sentences with spans, from the start of the text."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--megabytes", type=float, default=100)
    arguments = parser.parse_args()
    size = int(arguments.megabytes * 1e6)
    inputs: dict[str, Callable[[], Path]] = {
        "line": lambda: article("line", SENTENCE * (size // len(SENTENCE))),
        "text": lambda: plain("text", SENTENCE * (size // len(SENTENCE))),
        "cell": lambda: cell("cell", SENTENCE * (size // len(SENTENCE))),
        "blank": lambda: article("blank", "a" * (size // 10)),
        "marks": lambda: article("marks", (SENTENCE + "e" + "\u0301" * 10_000 + " ") * 20),
        "rtl": lambda: article("rtl", mixed() * 200),
        "digits": lambda: article("digits", digits() * 200),
    }
    tiny = str(model(window=128))
    print("| input | command | MB | seconds | peak MB | outcome |")
    print("| --- | --- | --- | --- | --- | --- |")
    held = True
    for name in arguments.names or inputs:
        path = inputs[name]()
        output = folder() / "labelled.jsonl"
        predict = {
            "predict rules": ("predict", "rules", str(path), "--output", str(output)),
            "predict MODEL": ("predict", tiny, str(path), "--output", str(output)),
        }
        check = {
            "data check": ("data", "check", str(path)),
            "evaluate": ("evaluate", str(path), "--predictions", str(path)),
        }
        for command, words in (predict | check if path.suffix == ".jsonl" else predict).items():
            held &= run(name, command, words, path.stat().st_size / 1e6)
        path.unlink()
    sys.exit(0 if held else 1)


def run(name: str, command: str, words: tuple[str, ...], size: float) -> bool:
    """Runs a command, prints a row, and returns whether it ended properly and within its limits."""
    said = folder() / "said.txt"
    process = os.fork()
    if not process:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(output, 2)
        os.execv(sys.executable, [sys.executable, "-m", "afteraction", *words])  # noqa: S606
    _, status, used = os.wait4(process, 0)
    seconds, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1000
    lines = [line for line in said.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    code = os.waitstatus_to_exitcode(status)
    well = code == 0 or (code in (1, 2) and len(lines) == 1 and lines[0].startswith("afteraction: "))
    well |= command == "data check" and code == 1 and not lines  # its table shows the errors
    outcome = "result" if code == 0 else f"{code}: {lines[-1][:100] if lines else ''}"
    fits = all(
        taken <= max(least, most * size)
        for taken, least, most in zip((seconds, peak), AT_LEAST, (SECONDS, MEGABYTES), strict=True)
    )
    mark = "" if well and fits else " **over its limits**" if well else " **at fault**"
    print(f"| {name} | `{command}` | {size:.1f} | {seconds:.1f} | {peak:.0f} | {outcome}{mark} |", flush=True)
    return well and fits


def article(name: str, text: str) -> Path:
    """Writes an article file of one line, with spans in the first sentences."""
    path = folder() / f"{name}.jsonl"
    spans = [span for _, span in zip(range(ANNOTATED * len(SPANS)), spans_of(text), strict=False)]
    path.write_text(json.dumps({"id": "a", "text": text, "spans": spans}, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def spans_of(text: str) -> Iterator[dict[str, object]]:
    place = 0
    while (place := text.find(SENTENCE, place)) >= 0:
        for surface, label in SPANS:
            start = text.index(surface, place)
            yield {"start": start, "end": start + len(surface), "label": label}
        place += len(SENTENCE)


def plain(name: str, text: str) -> Path:
    path = folder() / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    return path


def cell(name: str, text: str) -> Path:
    path = folder() / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), ("a", text)])
    return path


def mixed() -> str:
    """Returns a paragraph that changes direction and script in each sentence."""
    arabic = "قتل مسلحون ١٢ شخصا في نيامي يوم الاثنين."
    hebrew = "חמושים הרגו 12 בני אדם בעיר גאו ביום שני."
    others = "Боевики убили 12 человек в Гао. 武装分子在加奥打死12人。 बंदूकधारियों ने १२ लोगों को मार डाला।"
    return f"{SENTENCE}\u202b{arabic}\u202c {hebrew} \u2067{arabic}\u2069 {others} Gunmenقتلkilled 12אנשים.\n\n"


def digits() -> str:
    """Returns a paragraph with the same number in the digits of several scripts, and in other characters."""
    zeros = (0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10, 0x1D7CE)
    figures = [chr(zero + 1) + chr(zero + 2) for zero in zeros] + ["\u216b", "\u246b", "\u00b9\u00b2", "十二", "\u00bd"]
    return SENTENCE + " ".join(f"Gunmen killed {figure} people in Gao." for figure in figures) + "\n\n"


if __name__ == "__main__":
    main()
