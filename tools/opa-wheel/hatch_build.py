"""Puts the OPA binary that AUDITOR_OPA_BINARY names into the wheel, tagged for this platform."""

from __future__ import annotations

import os
import platform
import subprocess
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The Linux binary is static, so one wheel serves glibc and musl.
# Go 1.25 and newer need macOS 12: https://go.dev/doc/go1.25#darwin
PLATFORMS = {
    ("Linux", "x86_64"): "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    ("Linux", "aarch64"): "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    ("Darwin", "arm64"): "macosx_12_0_arm64",
}


class OpaBinary(BuildHookInterface[Any]):
    """Turns the package into a platform wheel; aborts rather than build one without an engine."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling names it
        """Add the binary and the tag; abort if the binary is absent, foreign or of another version."""
        binary = os.environ.get("AUDITOR_OPA_BINARY", "")
        wanted = self.metadata.version.rpartition(".")[0]
        tag = PLATFORMS.get((platform.system(), platform.machine()))
        if tag is None:
            self.app.abort(
                f"no wheel for {platform.system()} {platform.machine()}: add it to PLATFORMS in {__file__}"
            )
        try:
            answer = subprocess.run([binary, "version"], capture_output=True, text=True, check=False).stdout
        except OSError as error:
            answer = str(error)
        if f"Version: {wanted}\n" not in answer:
            self.app.abort(
                f"AUDITOR_OPA_BINARY={binary!r} is not OPA {wanted} for this platform: build it with "
                "`python3 tools/build.py opa`, which prints its folder, and set the variable to FOLDER/opa"
            )
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{tag}"
        build_data["force_include"][binary] = "auditor_opa/bin/opa"
