"""What a terminal can show: decided from the flag, the environment and the stream, nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ColorFlag = Literal["auto", "always", "never"]


def use_color(flag: ColorFlag, environ: Mapping[str, str], isatty: bool) -> bool:
    """Say whether to colour: the flag first, then NO_COLOR, FORCE_COLOR, TERM=dumb, then the stream.

    A variable that is set but empty counts as not set (https://no-color.org); FORCE_COLOR=0 too.
    """
    if flag != "auto":
        return flag == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return isatty and environ.get("TERM") != "dumb"


def use_ascii(encoding: str | None, environ: Mapping[str, str]) -> bool:
    """Say whether only ASCII may be written: the stream is not UTF-8, or the locale is C or POSIX.

    Python turns the C locale into UTF-8 on its own, and leaves LC_CTYPE=C.UTF-8 behind
    (https://peps.python.org/pep-0538/): where the user set LANG or nothing, that is what counts.
    """
    if (encoding or "").lower().replace("-", "").replace("_", "") != "utf8":
        return True
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    if locale == "C.UTF-8" and not environ.get("LC_ALL"):
        locale = environ.get("LANG") or "C"
    return locale in ("C", "POSIX")
