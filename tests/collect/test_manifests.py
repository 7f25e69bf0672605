"""The manifests source: which files are read, and what becomes of every document in them."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import yaml
from auditor.collect.manifests import ManifestSource
from auditor.errors import UsageError
from auditor.model import Gap, Resource, SkippedFile
from auditor.ports import Source

KINDS = frozenset({"Pod", "Deployment", "Secret", "ConfigMap", "Service"})
NAMELESS = "apiVersion: v1\nkind: Pod\nmetadata:\n"
NAMED = f"{NAMELESS}  name: a\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"


def read(*paths: object, stdin: bytes = b"", kinds: frozenset[str] = KINDS) -> list[Any]:
    source: Source = ManifestSource([str(path) for path in paths], io.BytesIO(stdin))
    return list(source.read(kinds))


def read_text(text: str | bytes, kinds: frozenset[str] = KINDS) -> list[Any]:
    return read("-", stdin=text.encode() if isinstance(text, str) else text, kinds=kinds)


def only_resource(text: str) -> Resource:
    [item] = read_text(text)
    assert isinstance(item, Resource), item
    return item


def only_gap(text: str | bytes) -> Gap:
    [item] = read_text(text)
    assert isinstance(item, Gap), item
    return item


def names(items: Sequence[Any]) -> list[str]:
    return [item.ref.name for item in items if isinstance(item, Resource)]


def paths(items: Sequence[Any], folder: Path) -> list[str]:
    return [item.origin.path.removeprefix(f"{folder}/") for item in items]


# --- files and folders --------------------------------------------------------------------------


def test_facts_say_what_is_read(tmp_path: Path) -> None:
    facts = ManifestSource([str(tmp_path), "-"], io.BytesIO(), kube_version="v1.36.3").facts()
    assert (facts.kind, facts.paths, facts.version) == ("manifests", (str(tmp_path), "-"), "v1.36.3")


@pytest.mark.parametrize("name", ["absent.yaml", "file.yaml/below"])
def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.yaml").write_text(POD % "a")
    with pytest.raises(UsageError, match=name) as caught:
        ManifestSource([str(tmp_path / "file.yaml"), str(tmp_path / name)], io.BytesIO())
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_folders_are_walked_in_order_and_only_for_manifests(tmp_path: Path) -> None:
    for name in ("b/z.yaml", "b/a.yml", "a.json", "c.YAML", "d.yaml/e.yaml", "ä.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(POD % "x")
    for name in ("README.md", "b/_helpers.tpl", "yaml", "f.yaml.bak"):
        (tmp_path / name).write_text("{{ broken")
    found = read(tmp_path)
    assert paths(found, tmp_path) == ["a.json", "b/a.yml", "b/z.yaml", "c.YAML", "d.yaml/e.yaml", "ä.yaml"]


def test_a_file_that_is_named_is_read_whatever_its_ending(tmp_path: Path) -> None:
    (tmp_path / "manifest.txt").write_text(POD % "a")
    assert names(read(tmp_path / "manifest.txt")) == ["a"]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD % "a")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    found = read(tmp_path / "a.yaml", tmp_path, tmp_path / "a.yaml", tmp_path)
    assert names(found) == ["a"]
    assert len(found) == 1


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text(POD % "a")
    (tmp_path / "in" / "up").symlink_to("..")
    (tmp_path / "itself.yaml").symlink_to("itself.yaml")
    (tmp_path / "lost.yaml").symlink_to("nowhere.yaml")
    found = read(tmp_path)
    assert names(found) == ["a"]
    reasons = [item.reason.removeprefix(f"{tmp_path}/") for item in found if isinstance(item, Gap)]
    assert reasons == [
        "itself.yaml: cannot be read: Too many levels of symbolic links",
        "lost.yaml: cannot be read: No such file or directory",
    ]


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "a.yaml").write_text(POD % "a")
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    found = read(tmp_path)
    assert names(found) == ["a"]
    assert [type(item) for item in found] == [SkippedFile, SkippedFile, Resource]


def test_hidden_folders_are_listed_not_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.yaml").write_text(POD % "a")
    (tmp_path / "b.yaml").write_text(POD % "b")
    skipped, resource = read(tmp_path)
    assert skipped == SkippedFile(str(tmp_path / ".git"), "hidden folder; name it with -f to have it read")
    assert resource.ref.name == "b"
    assert names(read(tmp_path / ".git")) == ["a"]


def test_an_empty_folder_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "README.md").write_text("x")
    [gap] = read(tmp_path)
    assert isinstance(gap, Gap)
    assert gap.reason == f"{tmp_path}: holds no .yaml, .yml or .json file"


def test_a_pipe_is_read_if_it_is_named_and_skipped_in_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    [skipped, gap] = read(tmp_path)
    assert isinstance(skipped, SkippedFile)
    assert isinstance(gap, Gap)
    reader, writer = os.pipe()
    os.write(writer, (POD % "a").encode())
    os.close(writer)
    try:
        assert names(read(f"/dev/fd/{reader}")) == ["a"]
    finally:
        os.close(reader)


def test_an_unreadable_file_is_a_gap_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is made up."""
    (tmp_path / "a.yaml").write_text(POD % "a")
    (tmp_path / "b.yaml").write_text(POD % "b")
    opened = builtins.open

    def refuse(path: Any, *rest: Any) -> Any:
        if str(path).endswith("a.yaml"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *rest)

    monkeypatch.setattr(builtins, "open", refuse)
    gap, resource = read(tmp_path)
    assert gap.reason == f"{tmp_path}/a.yaml: cannot be read: Permission denied"
    assert (gap.kind, gap.effect) == (None, "nothing of it is judged")
    assert resource.ref.name == "b"


def test_an_unreadable_folder_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Any) -> Any:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refuse)
    [gap] = read(tmp_path)
    assert gap.reason == f"{tmp_path}: cannot be read: Permission denied"


def test_a_file_name_that_is_no_utf8_can_be_shown(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.yaml"
    with open(path, "wb") as file:
        file.write((POD % "a").encode())
    [resource] = read(tmp_path)
    assert resource.origin.path == f"{tmp_path}/\ufffd.yaml"
    resource.origin.path.encode()


def test_deep_folders(tmp_path: Path) -> None:
    here = tmp_path
    for _ in range(300):
        here = here / "d"
    here.mkdir(parents=True)
    (here / "a.yaml").write_text(POD % "deep")
    assert names(read(tmp_path)) == ["deep"]


def test_a_file_of_absurd_size_is_a_gap(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(yaml.MAX_BYTES + 1)
    [gap] = read(tmp_path)
    assert gap.reason == f"{tmp_path}/a.yaml:1: larger than 64 MiB; split it"


def test_standard_input_can_be_read_again() -> None:
    source = ManifestSource(["-", "-"], io.BytesIO((POD % "a").encode()))
    for _ in range(2):
        [resource] = source.read(KINDS)
        assert isinstance(resource, Resource)
        assert resource.origin is not None
        assert (resource.origin.path, resource.origin.document, resource.origin.line) == ("-", 1, 1)


# --- documents ----------------------------------------------------------------------------------


def test_an_object_comes_with_its_place_and_its_lines() -> None:
    first, second = read_text(f"---\n{POD % 'a'}---\n# none\n---\n# c\n{POD % 'b'}spec:\n  x: {{z: 1}}\n")
    assert (first.origin.document, first.origin.line) == (1, 2)
    assert (second.origin.document, second.origin.line) == (2, 9)
    assert second.lines.line("/spec/x/z") == 13
    assert str(second.ref) == "Pod b"
    assert second.body == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "b"},
        "spec": {"x": {"z": 1}},
    }


def test_only_the_kinds_asked_for_are_read_and_only_of_the_group_we_know() -> None:
    text = POD % "a" + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\n"
    assert names(read_text(text, frozenset({"Deployment"}))) == ["d"]
    assert read_text(text, frozenset({"Job"})) == []
    knative = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: s}\n"
    assert [one.reason for one in read_text(knative)] == [
        "no policy judges the kind Service (serving.knative.dev/v1)"
    ]
    old = "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: old}\n"
    assert names(read_text(old)) == ["old"]
    own = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\n"
    assert names(read_text(own, frozenset({"Gadget"}))) == ["g"]


def test_limited_to_namespaces(tmp_path: Path) -> None:
    text = POD % "a, namespace: shop" + "---\n" + POD % "b" + "---\n"
    text += "".join(
        f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n" for name in ("shop", "bank")
    )
    (tmp_path / "all.yaml").write_text(text)

    def read(*namespaces: str) -> list[str]:
        source = ManifestSource([str(tmp_path)], io.BytesIO(), namespaces=namespaces)
        assert source.facts().namespaces == namespaces
        return names(list(source.read(frozenset({"Pod", "Namespace"}))))

    assert read() == ["a", "b", "shop", "bank"]
    assert read("shop") == ["a", "shop"]
    assert read("default") == ["b"]


def test_a_kind_that_no_policy_can_judge_is_listed_once() -> None:
    rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\n"
    (skipped,) = read_text(rollout + "---\n" + rollout)
    assert isinstance(skipped, SkippedFile)
    assert (skipped.reason, skipped.line) == ("no policy judges the kind Rollout (argoproj.io/v1alpha1)", 1)


def test_a_misspelt_kind_is_a_gap() -> None:
    (gap,) = read_text("apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: d}\n")
    assert isinstance(gap, Gap)
    assert gap.reason.endswith("unknown kind 'Deploymnt'; did you mean 'Deployment'?")


def test_namespaces_stay_as_written() -> None:
    assert only_resource(POD % "a").ref.namespace == ""
    assert only_resource(POD % "a, namespace: ").ref.namespace == ""
    assert only_resource(POD % "a, namespace: ünï").ref.namespace == "ünï"


def test_a_generated_name_is_taken_as_it_is() -> None:
    assert only_resource("apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-}\n").ref.name == "web-"


def test_names_may_be_any_text() -> None:
    assert only_resource(POD % "Grüße-日本-😀").ref.name == "Grüße-日本-😀"


def test_lists_are_unfolded_and_the_lines_kept() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
        "- apiVersion: v1\n  kind: List\n  items:\n"
        "  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: b\n"
    )
    first, second = read_text(text)
    assert (first.ref.name, first.origin.line, first.lines.line("/metadata/name")) == ("a", 4, 6)
    assert (second.ref.name, second.origin.line, second.lines.line("/metadata/name")) == ("b", 10, 13)
    assert first.origin.document == second.origin.document == 1


def test_typed_lists_say_what_their_entries_are() -> None:
    text = '{"kind": "DeploymentList", "apiVersion": "apps/v1",\n"items": ['
    text += '{"metadata": {"name": "a"}},\n{"metadata": {"name": "b"}}]}'
    first, second = read_text(text)
    assert first.ref.api_version == "apps/v1"
    assert first.ref.kind == "Deployment"
    assert (second.ref.name, second.origin.line) == ("b", 3)
    assert read_text("apiVersion: v1\nkind: PodList\nitems: []\n") == []
    assert read_text("apiVersion: v1\nkind: List\nitems:\n") == []


def test_a_list_with_something_else_in_it() -> None:
    items = read_text("apiVersion: v1\nkind: List\nitems:\n- 1\n- a: b\n- kind: Pod\n  apiVersion: v1\n")
    assert [type(item) for item in items] == [Gap, SkippedFile, Gap]
    assert [item.reason for item in items] == [
        "-:4: an entry of items is a number, not an object",
        "no apiVersion and kind",
        "-:6: metadata.name is missing",
    ]
    assert "items is text" in only_gap("apiVersion: v1\nkind: List\nitems: x\n").reason


def test_a_kind_of_ones_own_that_ends_in_list_is_an_object() -> None:
    text = "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: []}\n"
    assert names(read_text(text, frozenset({"AllowList"}))) == ["a"]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: b\n", "no apiVersion and kind", 1),
        ("# values\n\nimage: {tag: 1}\n", "no apiVersion and kind", 3),
        ("apiVersion: v2\nname: chart\nversion: 1.0.0\n", "no kind", 1),
        ("kind: [Pod]\n", "no apiVersion", 1),
        ("- op: add\n  path: /a\n", "not an object but a list", 1),
        ("just text\n", "not an object but text", 1),
        ("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n", "no metadata", 1),
        (
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
            "Kustomize file; render it first with kubectl kustomize",
            1,
        ),
    ],
)
def test_what_is_no_manifest_is_listed_with_the_reason(text: str, reason: str, line: int) -> None:
    assert read_text(text) == [SkippedFile("-", reason, line)]


@pytest.mark.parametrize(
    "text",
    [
        "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
        "{{ if .Values.on }}\napiVersion: v1\nkind: Pod\n{{ end }}\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-web\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n",
        'apiVersion: v1\nkind: Pod\nmetadata:\n  name: "{{ .Release.Name }}"\n',
        'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ include "a.b" . | quote }}\n',
        "apiVersion: {{ .v }}\nkind: Pod\n",
        'apiVersion: "{{ .v }}"\nkind: Pod\nmetadata: {name: a}\n',
        "kind: Pod\nmetadata:\n  name: a\n  labels:\n    {{- toYaml . | nindent 4 }}\nspec: {}\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n{{ toYaml .x | indent 4 }}\nspec:\n  a: b\n",
        "{{/* a comment */}}\napiVersion: v1\nkind: Pod\n",
        '{{- define "x" -}}\na: b\n{{- end -}}\n',
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  image: {{ .a }}:{{ .b }}\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n{{- with .Values.spec }}\nspec: 1\n{{- end }}\n",
    ],
)
def test_helm_template_source_is_listed_once(text: str) -> None:
    [skipped] = read_text(f"{text}---\n{text}")
    assert isinstance(skipped, SkippedFile)
    assert skipped.reason == "Helm template source; render it first with helm template"
    assert skipped.line is not None


def test_braces_within_values_are_no_helm_template() -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alerts}\n"
        "data:\n  a: '{{ $labels.pod }}'\n  b: |\n    {{ range . }}\n    x: [\n"
    )
    assert names(read_text(text)) == ["alerts"]
    gap = only_gap(f"{text}  c: '{{{{ x }}}}' ]\n")
    assert gap.reason.startswith("-:9: ")


def test_a_broken_document_is_one_gap_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"{POD % 'a'}---\nkind: Pod\n  x: [\n---\n{POD % 'b'}")
    first, gap, second = read(path)
    assert (first.ref.name, second.ref.name, second.origin.document) == ("a", "b", 3)
    assert gap.kind is None
    assert gap.reason == f"{path}:6: mapping values are not allowed in this context"
    assert gap.effect == "what this document holds is not judged"
    assert (gap.origin.path, gap.origin.document, gap.origin.line) == (str(path), 2, 6)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("kind: Pod\nmetadata: {name: a}\n", "Pod", "-:1: apiVersion is missing"),
        ("apiVersion: 1\nkind: Pod\n", "Pod", "-:1: apiVersion is a number, and must be text"),
        ("apiVersion: v1\nkind: [Pod]\n", None, "-:2: kind is a list, and must be text"),
        ("apiVersion: v1\nkind:\n", None, "-:2: kind is empty, and must be text"),
        ("apiVersion: v1\nkind: Pod\n", "Pod", "-:1: metadata.name is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: x\n", "Pod", "-:3: metadata is text, and must be a mapping"),
        (f"{NAMELESS}  labels: {{}}\n", "Pod", "-:3: metadata.name is missing"),
        (f"{NAMELESS}  name:\n", "Pod", "-:4: metadata.name is missing"),
        (f"{NAMELESS}  name: ''\n", "Pod", "-:4: metadata.name is missing"),
        (f"{NAMELESS}  name: 123\n", "Pod", "-:4: metadata.name is a number, and must be text"),
        (f"{NAMELESS}  name: n\n", "Pod", "-:4: metadata.name is a boolean, and must be text"),
        (f"{NAMELESS}  generateName: 1\n", "Pod", "-:4: metadata.generateName is a number, and must be text"),
        (
            f"{NAMELESS}  name: a\n  namespace: 1\n",
            "Pod",
            "-:5: metadata.namespace is a number, and must be text",
        ),
    ],
)
def test_an_object_without_a_proper_name_is_a_gap(text: str, kind: str | None, reason: str) -> None:
    gap = only_gap(text)
    assert (gap.kind, gap.reason) == (kind, reason)


def test_repeated_keys_are_told_with_their_line() -> None:
    source = ManifestSource(["-"], io.BytesIO(b"apiVersion: v1\nkind: Pod\nkind: Pod\nmetadata: {name: a}\n"))
    assert names(list(source.read(KINDS))) == ["a"]
    assert source.warnings == ["-:3: the key stands twice in its mapping; the last one counts"]


def test_an_empty_file_is_silent() -> None:
    assert read_text("") == read_text("---\n---\n# only comments\n---\nnull\n") == []


# --- secrets ------------------------------------------------------------------------------------

CANARY = "hunter2"


@pytest.mark.parametrize("wrapped", [False, True])
def test_values_of_secrets_go_no_further(wrapped: bool) -> None:
    applied = "kubectl.kubernetes.io/last-applied-configuration"
    lines = [
        "apiVersion: v1",
        "kind: Secret",
        "metadata:",
        "  name: s",
        f'  annotations: {{{applied}: \'{{"data": "{CANARY}"}}\', team: a}}',
        f"data: {{password: {CANARY}, other: 1}}",
        f"stringData: {{token: {CANARY}}}",
        "type: Opaque",
    ]
    text = "\n".join(lines)
    if wrapped:
        text = "apiVersion: v1\nkind: SecretList\nitems:\n- " + text.replace("\n", "\n  ")
    secret = only_resource(text)
    assert secret.body.keys() == {"apiVersion", "kind", "metadata", "type", "lastApplied"}
    assert secret.body["metadata"]["annotations"] == {"team": "a"}
    assert secret.body["type"] == "Opaque"
    assert CANARY not in repr(secret.body)
    assert secret.lines is not None
    assert secret.lines.line("/data/password") == (9 if wrapped else 6)


@pytest.mark.parametrize("data", [CANARY, f"[{CANARY}]", ""])
def test_a_secret_with_data_of_the_wrong_type_is_emptied_too(data: str) -> None:
    secret = only_resource(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {data}\n")
    assert secret.body.get("data", {}) == {}
    assert CANARY not in repr(secret.body)


@pytest.mark.parametrize(
    "tail",
    [
        f"data: {{a: {CANARY}\n",
        f"data:\n  a: {CANARY}: b\n",
        f"data:\n\ta: {CANARY}\n",
        f"data:\n  a: !!int {CANARY}\n",
        f"data: *{CANARY}\n",
        f"data: '{CANARY}\n",
        f"data: \x01{CANARY}\n",
        f"metadata: {CANARY}\n",
        f"metadata: {{name: [{CANARY}]}}\n",
        f"{CANARY}\n",
        f"<<: {CANARY}\n",
        f"apiVersion: {{a: {CANARY}}}\n",
    ],
)
def test_broken_files_are_never_quoted(tail: str) -> None:
    items = read_text(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{tail}")
    assert [type(item) for item in items] == [Gap]
    assert CANARY not in repr(items)
