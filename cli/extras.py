"""Finds the optional dependency that a command lacks, and how to install it."""

EXTRAS = {
    "accelerate": "train",
    "datasets": "train",
    "tensorboard": "train",
    "datasketch": "corpus",
    "jinja2": "report",
    "optuna": "search",
    "matplotlib": "report",
    "spacy": "spacy",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "openvino": "openvino",
    "nncf": "openvino",
    "trafilatura": "html",
    "py3langid": "language",
    "ray": "ray",
}
"""The extra of pyproject.toml that installs a module, by the module's top-level name."""


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """Returns how to install a missing module, in one line; None if no extra installs it."""
    module = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(module)
    return f"this needs {module}: pip install 'afteraction[{extra}]'" if extra else None
