"""Writes the manifest of the wheel's data, as ``calcinosis.graph.manifest`` reads it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManifestHook(BuildHookInterface[Any]):
    """Puts ``_data/manifest.tsv`` into a wheel; an editable installation has the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the manifest where the build will fetch it."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from calcinosis.graph import manifest

        places = {f"src/calcinosis/{name}": f"calcinosis/{name}" for name in manifest.INSIDE}
        places |= self.build_config.get_force_include()
        files: dict[str, Path] = {}
        for source, target in places.items():
            files |= manifest.below(root / source, target.removeprefix("calcinosis/"))
        written = root / "build" / manifest.NAME
        written.parent.mkdir(exist_ok=True)
        written.write_text(manifest.written(files), encoding="utf-8")
        build_data["force_include"][str(written)] = f"calcinosis/_data/{manifest.NAME}"
