"""Pins the images of the stack: asks each registry which digest a tag has now, and writes it beside the tag.

    python3 -m tools.digests            writes them into deploy/components/images/kustomization.yaml
    python3 -m tools.digests --check    compares with what stands there, and writes nothing

By the distribution protocol, https, with an anonymous token where a registry wants one; a registry on
loopback is asked by http. The digest is that of the index, if there is one, so that nodes of every
architecture find their image. All images or none: what a release pins is one state of the world.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tools import build

IMAGES = build.ROOT / "deploy/components/images/kustomization.yaml"
TIMEOUT = 30.0
LARGEST = 4 * 1024 * 1024
"""Bytes of a manifest; registries refuse larger ones themselves."""
MEDIA_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""What may be pinned, indexes first."""
HOSTS = {"docker.io": "registry-1.docker.io"}
"""Where a registry answers whose images go by another name."""


class DigestError(Exception):
    """A digest cannot be had; the message says of which image, why, and that nothing was written."""


@dataclass(frozen=True)
class Image:
    """One entry of the component."""

    name: str
    repository: str
    tag: str
    digest: str = ""

    @property
    def reference(self) -> str:
        """The image as people write it."""
        return f"{self.repository}:{self.tag}"


@dataclass(frozen=True)
class Resolved:
    """What a tag is at its registry."""

    digest: str
    media_type: str


def images(text: str) -> list[Image]:
    """Return the images of a kustomization; raise `DigestError` if an entry lacks something."""
    found = []
    for entry in (yaml.safe_load(text) or {}).get("images", ()):
        try:
            image = Image(entry["name"], entry["newName"], str(entry["newTag"]), entry.get("digest", ""))
        except KeyError as error:
            raise DigestError(f"images, {entry.get('name', '?')}: there is no {error}") from error
        if "/" not in image.repository or not re.search(r"[.:]|^localhost$", image.repository.split("/")[0]):
            raise DigestError(
                f"images, {image.name}: newName {image.repository} does not begin with a registry"
            )
        found.append(image)
    return found


def resolve(image: Image) -> Resolved:
    """Ask the registry of an image; raise `DigestError` if it does not say."""
    host, _, repository = image.repository.partition("/")
    scheme = "http" if _on_loopback(host) else "https"
    url = f"{scheme}://{HOSTS.get(host, host)}/v2/{repository}/manifests/{image.tag}"
    try:
        try:
            body, headers = _get(url)
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.UNAUTHORIZED:
                raise
            body, headers = _get(url, _token(error.headers.get("WWW-Authenticate", "")))
    except urllib.error.HTTPError as error:
        raise DigestError(f"{image.reference}: {host} answers {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        reason = getattr(error, "reason", error)
        raise DigestError(f"{image.reference}: {host} cannot be asked: {reason}") from error
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    said = headers.get("Docker-Content-Digest", digest)
    if said != digest:
        raise DigestError(f"{image.reference}: {host} says {said}, and what it sends is {digest}")
    media_type = headers.get_content_type()
    if media_type not in MEDIA_TYPES:
        raise DigestError(f"{image.reference}: {host} sends {media_type}, which is no image")
    return Resolved(digest, media_type)


def _on_loopback(host: str) -> bool:
    return host.rpartition(":")[0] in ("127.0.0.1", "[::1]", "localhost")


def _get(url: str, token: str = "") -> tuple[bytes, http.client.HTTPMessage]:
    request = urllib.request.Request(url, headers={"Accept": ", ".join(MEDIA_TYPES)})
    if token:  # for this host alone, wherever it sends us on
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise ValueError(f"more than {LARGEST} bytes")
        return body, answer.headers


def _token(challenge: str) -> str:
    """Return what an anonymous client gets where the registry sends it."""
    scheme, _, rest = challenge.partition(" ")
    said = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    address = urllib.parse.urlsplit(said.get("realm", ""))
    if scheme.lower() != "bearer" or not (address.scheme == "https" or _on_loopback(address.netloc)):
        raise ValueError(
            f"it wants {challenge or 'a login'}, and gets an anonymous token by https or nothing"
        )
    query = urllib.parse.urlencode({key: said[key] for key in ("service", "scope") if key in said})
    body, _ = _get(f"{said['realm']}?{query}")
    answer = json.loads(body)
    return str(answer.get("token") or answer["access_token"])


def written(text: str, resolved: dict[str, Resolved], today: str) -> str:
    """Return a kustomization with digests, each below its tag, with what it is of and since when.

    A digest that stays keeps its date.
    """
    blocks = re.split(r"(?m)^(?=  - name: )", text)
    return "".join([blocks[0], *(_block(block, resolved, today) for block in blocks[1:])])


def _block(block: str, resolved: dict[str, Resolved], today: str) -> str:
    [name] = re.findall(r"\A  - name: (\S+)", block)
    its = resolved[name]
    if f"    digest: {its.digest}\n" in block:
        return block
    bare = re.sub(r"(?m)^    (# \S+, resolved .*|digest: .*)\n", "", block)
    pinned = f"    # {its.media_type}, resolved {today}\n    digest: {its.digest}\n"
    return re.sub(r"(?m)^(    newTag: .*\n)", lambda match: match[1] + pinned, bare, count=1)


def compared(image: Image, its: Resolved) -> str:
    """Return what is wrong with an entry, or nothing."""
    if not image.digest:
        return f"{image.reference} has no digest; it is {its.digest}"
    if image.digest != its.digest:
        return f"{image.reference} was {image.digest} and is {its.digest}: its tag was moved"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Resolve all images; return the exit code."""
    parser = argparse.ArgumentParser(prog="tools/digests.py", description="Pin the images of the stack.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("file", nargs="?", type=Path, default=IMAGES, help="another kustomization")
    options = parser.parse_args(arguments)
    try:
        text = options.file.read_text()
        listed = images(text)
        resolved = {image.name: resolve(image) for image in listed}
    except (OSError, DigestError, yaml.YAMLError) as error:
        print(f"error: {error}\nNothing was written. It takes access to all registries.", file=sys.stderr)
        return 1
    wrong = [said for image in listed if (said := compared(image, resolved[image.name]))]
    for said in wrong:
        print(said)
    if options.check:
        return 1 if wrong else 0
    new = written(text, resolved, datetime.now(UTC).date().isoformat())
    if new != text:
        partial = options.file.with_suffix(".partial")
        partial.write_text(new)
        partial.replace(options.file)
    print(f"{len(listed)} images are pinned in {options.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
