"""All targets by name: those that read files, texts, configs and model folders."""

from targets_files import FILE_TARGETS
from targets_folders import FOLDER_TARGETS
from targets_texts import TEXT_TARGETS

TARGETS = FILE_TARGETS | TEXT_TARGETS | FOLDER_TARGETS
