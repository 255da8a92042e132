"""Measures prediction on a GPU in articles per second: ours by number of workers, and transformers' pipeline.

    python bench/gpu.py                     news, on articles with the lengths of news
    python bench/gpu.py --workers 0,4,12    other numbers of workers; 0 is one process

`bench/sameness.py --device cuda` counts the spans that differ from those on a CPU.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from news import news
from transformers.utils import logging
from workloads import predict_pipeline

from afteraction.model import locate_model, unpack_model

BATCH_SIZES = (16, 64)
"""Batch sizes of the pipeline. Only the fastest counts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", default="0,4,8")
    parser.add_argument("--articles", type=int, default=512, help="for each process")
    parser.add_argument("--part-size", type=int, default=128)
    arguments = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}", flush=True)
    for precision in ("float32", "bfloat16"):
        for count in map(int, arguments.workers.split(",")):
            options = {
                "--engine": "processes",
                "--device": "cuda",
                "--precision": precision,
                "--workers": count,
                "--part-size": arguments.part_size,
                "--articles": arguments.articles * max(count, 1),
            }
            words = [str(word) for option in options.items() for word in option]
            subprocess.run([sys.executable, Path(__file__).with_name("scaling.py"), *words], check=True)
    articles = list(news(arguments.articles))
    with tempfile.TemporaryDirectory() as folder:
        unpack_model(locate_model("news"), Path(folder) / "model")
        for precision in ("float32", "bfloat16"):
            figures = [
                predict_pipeline(Path(folder) / "model", articles, precision, size, device="cuda")
                for size in BATCH_SIZES
            ]
            best = max(each["rate"] for each in figures)
            print(f"the pipeline in {precision}: {best:.2f} articles/s at its best", flush=True)


if __name__ == "__main__":
    main()
