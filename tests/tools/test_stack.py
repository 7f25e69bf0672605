"""The stack is rendered, taken apart and put together, or not written at all: on small trees of our own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from auditor.stack.compose import compose, identity
from auditor.stack.shipped import encode, load
from tools import build, stack

STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: {name}, namespace: m}}
spec:
  replicas: 1
  template:
    spec:
      containers:
        - {{name: main, image: main, args: [a], env: [{{name: CLUSTER, value: unset}}]}}
"""
FILES = {
    "components.yaml": """\
components:
  more: {about: another}
  wide: {about: of all}
  narrow: {about: of one, requires: [more], conflicts: [other]}
  other: {about: not beside narrow}
  settings: {about: settings, always: true, settings: [cluster]}
settings:
  cluster: {kind: word, about: a name}
""",
    "alerts.yaml": "disabled: []\npresets: {managed: [{alert: A, reason: r}]}\n",
    "base/kustomization.yaml": "resources: [one.yaml, rules.yaml]\n",
    "base/one.yaml": STATEFUL_SET.format(name="one"),
    "base/rules.yaml": (
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: rules, namespace: m, labels: {app.kubernetes.io/component: rules}}\n"
        "data:\n  a.yml: |\n    groups:\n      - name: a\n        rules:\n"
        "          - alert: A\n            expr: up\n"
    ),
    "components/more/two.yaml": STATEFUL_SET.format(name="two"),
    "components/more/kustomization.yaml": "resources: [two.yaml]\n",
    "components/wide/kustomization.yaml": (
        "patches:\n  - target: {kind: StatefulSet}\n"
        '    patch: \'[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "w"}]\'\n'
    ),
    "components/narrow/kustomization.yaml": (
        "patches:\n  - target: {kind: StatefulSet, name: two}\n"
        '    patch: \'[{"op": "add", "path": "/spec/template/spec/containers/0/args/0", "value": "n"}]\'\n'
    ),
    "components/other/kustomization.yaml": (
        "patches:\n  - target: {kind: StatefulSet, name: one}\n"
        '    patch: \'[{"op": "remove", "path": "/spec/replicas"}]\'\n'
    ),
    "components/settings/kustomization.yaml": (
        "replacements:\n"
        "  - source: {kind: ConfigMap, name: stack-settings, fieldPath: data.cluster}\n"
        "    targets:\n"
        "      - select: {kind: StatefulSet, name: one}\n"
        "        fieldPaths: [spec.template.spec.containers.0.env.0.value]\n"
    ),
    "overlays/small/kustomization.yaml": (
        "resources: [../../base, settings.yaml]\n"
        "components: [../../components/more, ../../components/settings]\n"
    ),
    "overlays/small/settings.yaml": "data: {cluster: SET-ME}\n",
}


COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """A small deploy/ that is right."""
    for name, text in FILES.items():
        path = tmp_path / "deploy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        component = name.startswith("components/") and path.stem == "kustomization"
        path.write_text(COMPONENT + text if component else text)
    return tmp_path / "deploy"


def change(deploy: Path, name: str, old: str, new: str) -> None:
    path = deploy / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_parts_are_kept_and_put_together(deploy: Path, tmp_path: Path) -> None:
    made = stack.build_stack(deploy)
    assert {identity(one) for one in made.base} == {"/ConfigMap/m/rules", "apps/StatefulSet/m/one"}
    assert [identity(one) for one in made.components["more"].adds] == ["apps/StatefulSet/m/two"]
    assert [one.target for one in made.components["wide"].changes] == ["apps/StatefulSet/m/one"]
    assert made.profiles["small"].components == ("more",)
    (tmp_path / "stack.json").write_bytes(encode(made))
    assert load(tmp_path / "stack.json", deploy) == made
    assert encode(stack.build_stack(deploy)) == encode(made)


def test_what_two_do_to_each_other_is_kept(deploy: Path) -> None:
    """`wide` changes what `more` adds, which neither does alone; and `narrow` finds it as it expects."""
    made = stack.build_stack(deploy)
    assert [one.components for one in made.between] == [("more", "wide")]
    listed = compose(made, ["more", "wide", "narrow"])
    [two] = [one for one in listed if one["metadata"]["name"] == "two"]
    assert two["spec"]["template"]["spec"]["containers"][0]["args"] == ["n", "a", "w"]


def test_order_of_the_registry_survives_the_file(deploy: Path, tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_bytes(encode(stack.build_stack(deploy)))
    names = list(load(tmp_path / "stack.json", deploy).registry.components)
    assert names == ["more", "wide", "narrow", "other", "settings"] != sorted(names)


SMALL = "overlays/small/kustomization.yaml"
SETS = ", settings: [cluster]"
REGISTRY = [
    ("  wide: {about: of all}\n", "", "do not agree on wide"),
    ("  wide:", "  none: {about: x}\n  wide:", "do not agree on none"),
    (
        "{about: another}",
        "{about: another, requires: [wide]}",
        "more requires wide, which does not come before",
    ),
    ("conflicts: [other]", "conflicts: [toher]", "narrow conflicts with toher, which is none"),
    ("settings: [cluster]", "settings: [clutser]", "the setting clutser, which has no kind"),
    ("kind: word", "kind: wrd", "cluster is of kind 'wrd', which is none"),
    (SETS, "", "base carries cluster; its row differs in cluster"),
    ("{about: of all}", "{about: of all, settings: [cluster]}", "wide carries no setting"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        *(("components.yaml", *one) for one in REGISTRY),
        ("alerts.yaml", "disabled: []", "disabled: [{alert: A, reason: r}]", "is the user's"),
        ("alerts.yaml", "alert: A", "alert: B", "managed names B, which is no alert"),
        (SMALL, "resources", "namePrefix: x-\nresources", "and no more"),
        (SMALL, "components/more", "components/narrow", "not those of components.yaml"),
        ("components/wide/kustomization.yaml", "args/-", "arg/-", "kustomize build"),
    ],
)
def test_what_does_not_fit_is_told(deploy: Path, name: str, old: str, new: str, words: str) -> None:
    change(deploy, name, old, new)
    with pytest.raises(stack.StackError, match=words):
        stack.build_stack(deploy)


def test_a_component_that_takes_something_away_is_refused(deploy: Path) -> None:
    where = {"name": "one", "namespace": "m"}
    gone = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": where, "$patch": "delete"}
    patch = yaml.safe_dump({"patches": [{"patch": yaml.safe_dump(gone)}]})
    (deploy / "components/other/kustomization.yaml").write_text(COMPONENT + patch)
    # what is gone cannot be filled in
    (deploy / "components/settings/kustomization.yaml").write_text(COMPONENT + "commonAnnotations: {a: b}\n")
    change(deploy, "components.yaml", SETS, "")
    with pytest.raises(stack.StackError, match="other takes apps/StatefulSet/m/one away"):
        stack.build_stack(deploy)


def test_what_three_do_to_each_other_is_refused(deploy: Path) -> None:
    """No pair shows it, so that it cannot be composed: better no file than a wrong one."""
    settings = "components/settings/kustomization.yaml"
    change(deploy, settings, "replacements:", "transformers: [three.yaml]\nreplacements:")
    (deploy / "components/settings/three.yaml").write_text(
        "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: three}\n"
        'patch: \'[{"op": "add", "path": "/metadata/labels", "value": {"all": "three"}}]\'\n'
        "target: {kind: StatefulSet, annotationSelector: 'a=1,b=1,c=1'}\n"
    )
    for letter, name in (("a", "wide"), ("b", "other"), ("c", "third")):
        (deploy / "components" / name).mkdir(exist_ok=True)
        text = f"{COMPONENT}commonAnnotations: {{{letter}: '1'}}\n"
        (deploy / "components" / name / "kustomization.yaml").write_text(text)
    change(deploy, "components.yaml", "  settings: {about", "  third: {about: t}\n  settings: {about")
    with pytest.raises(stack.StackError, match="composed otherwise than kustomize renders it"):
        stack.build_stack(deploy)


def test_nothing_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stack.ensure().stat().st_mtime_ns
    monkeypatch.setattr(stack, "build_stack", None)
    assert stack.ensure().stat().st_mtime_ns == before


def test_a_fresh_clone_takes_what_the_cache_has(
    deploy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "tools").symlink_to(build.cache_folder())
    monkeypatch.setenv("AUDITOR_CACHE", str(cache))
    monkeypatch.setattr(stack, "DEPLOY", deploy)
    monkeypatch.setattr(stack, "FILE", tmp_path / "one" / "stack.json")
    made = stack.ensure().read_bytes()
    monkeypatch.setattr(stack, "FILE", tmp_path / "two" / "stack.json")
    with monkeypatch.context() as unable:
        unable.setattr(stack, "build_stack", None)
        assert stack.ensure().read_bytes() == made
    change(deploy, "base/one.yaml", "image: main", "image: other")
    assert stack.ensure().read_bytes() != made
