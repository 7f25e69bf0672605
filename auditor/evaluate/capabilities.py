"""What a policy may call: an allow-list of OPA's built-ins.

A verdict is a pure function of the document, so nothing that reads the network, the clock, chance,
the environment or the runtime is on it; nor is verification of certificates and tokens, which
reads the clock, nor of JSON schemas, which fetches what a schema refers to. Every name stands here
by itself: a built-in that a later OPA brings is refused until somebody has looked at it.
Names: https://www.openpolicyagent.org/docs/policy-reference/builtins
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from auditor.evaluate.command import run_opa

ALLOWED = frozenset(
    """
    abs all and any array.concat array.flatten array.reverse array.slice assign base64.decode
    base64.encode base64.is_valid base64url.decode base64url.encode base64url.encode_no_pad bits.and
    bits.lsh bits.negate bits.or bits.rsh bits.xor cast_array ceil concat contains count
    crypto.hmac.equal crypto.md5 crypto.sha1 crypto.sha256 div endswith eq equal floor format_int
    glob.match glob.quote_meta graph.reachable graph.reachable_paths gt gte hex.decode hex.encode
    indexof indexof_n internal.member_2 internal.member_3 internal.template_string internal.test_case
    intersection is_array is_boolean is_null is_number is_object is_set is_string json.filter
    json.is_valid json.marshal json.marshal_with_options json.patch json.remove json.unmarshal lower lt
    lte max min minus mul neq net.cidr_contains net.cidr_intersects net.cidr_is_valid net.cidr_merge
    numbers.range numbers.range_step object.filter object.get object.keys object.remove object.subset
    object.union object.union_n or plus product regex.find_all_string_submatch_n regex.find_n
    regex.globs_match regex.is_valid regex.match regex.replace regex.split regex.template_match
    rego.metadata.chain rego.metadata.rule rem replace round semver.compare semver.is_valid sort split
    sprintf startswith strings.any_prefix_match strings.any_suffix_match strings.count
    strings.render_template strings.replace_n strings.reverse strings.split_n substring sum
    time.add_date time.clock time.date time.diff time.format time.parse_duration_ns time.parse_ns
    time.parse_rfc3339_ns time.weekday to_number trim trim_left trim_prefix trim_right trim_space
    trim_suffix type_name union units.parse units.parse_bytes upper uri.is_valid uri.parse
    urlquery.decode urlquery.decode_object urlquery.encode urlquery.encode_object uuid.parse walk
    yaml.is_valid yaml.marshal yaml.unmarshal
    """.split()
)


def allow_list(current: Mapping[str, Any]) -> dict[str, Any]:
    """Cut the answer of `opa capabilities --current` down to the allow-list."""
    allowed = [builtin for builtin in current["builtins"] if builtin["name"] in ALLOWED]
    return {**current, "builtins": allowed, "allow_net": []}


def write_allow_list(opa: Path, target: Path) -> Path:
    """Write the capabilities file that makes this OPA refuse all that is not allowed; return `target`."""
    current = msgspec.json.decode(run_opa(opa, ["capabilities", "--current"]))
    target.write_bytes(msgspec.json.encode(allow_list(current)))
    return target
