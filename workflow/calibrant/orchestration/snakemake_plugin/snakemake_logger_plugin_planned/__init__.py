"""A logger plugin of Snakemake that writes the jobs of a dry run to a file, one JSON object a line.

Snakemake finds it by its name when this folder is on the module path (``dry_run`` puts it there).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from logging import LogRecord
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """The setting of the plugin, ``--logger-planned-file``."""

    file: Path | None = field(default=None, metadata={"help": "file to append to", "type": Path})


class LogHandler(LogHandlerBase):
    """Append every job that is announced to the file."""

    writes_to_stream = False
    writes_to_file = False
    # With a filter of its own the plugin hears what ``--quiet`` hides from the terminal.
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def emit(self, record: LogRecord) -> None:
        """Write one job; everything else that Snakemake says is left to its own log."""
        entry: Mapping[str, Any] = vars(record)
        if entry.get("event") != LogEvent.JOB_INFO:
            return
        job = {
            "rule": entry["rule_name"],
            "wildcards": dict(entry["wildcards"]),
            "inputs": list(map(str, entry["input"])),
            "outputs": list(map(str, entry["output"])),
            "command": entry["shellcmd"],
            "threads": entry["threads"],
            "reason": entry["reason"],
        }
        assert isinstance(self.settings, LogHandlerSettings)
        assert self.settings.file is not None
        with self.settings.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(job) + "\n")
