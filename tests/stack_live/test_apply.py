"""What is applied to a real API server: once, again, against others, and taken back."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from auditor.errors import IncompleteError, SourceError
from auditor.stack.live import inventory as inventories
from auditor.stack.live import preflight
from auditor.stack.live.drift import drift, missing_secrets
from auditor.stack.live.engine import Engine, StoppedError
from auditor.stack.live.lease import Lease
from auditor.stack.live.order import KEPT_BY_COPIES
from auditor.stack.live.plan import Action
from auditor.stack.live.removal import plan_removal, remove
from auditor.stack.live.wanted import INVENTORY, PART_OF, applyset
from auditor.stack.live.words import lines, of_drift
from tests.live.live import account, until
from tests.stack_live.deployer import (
    SECONDS,
    Deployer,
    actions,
    autoscaler,
    claim,
    config,
    deployment,
    secret,
    service,
    small,
    versions,
)
from tools.cluster import ControlPlane


@pytest.fixture(name="deployer")
def _deployer(control_plane: ControlPlane, namespace: str) -> Deployer:
    return Deployer(control_plane.kubeconfig, namespace)


def get(plane: ControlPlane, namespace: str, what: str) -> Any:
    """One object, with its managedFields."""
    return json.loads(plane.kubectl("get", what, "-n", namespace, "-o", "json", "--show-managed-fields"))


def edit(plane: ControlPlane, namespace: str, what: str, patch: Any, manager: str = "kubectl-edit") -> None:
    """Change an object as `kubectl edit` does."""
    plane.kubectl("patch", what, "-n", namespace, f"--field-manager={manager}", "-p", json.dumps(patch))


def test_a_second_apply_changes_nothing(control_plane: ControlPlane, deployer: Deployer) -> None:
    first = deployer.apply(small(deployer.home))
    assert set(actions(first).values()) == {"create"}
    before = versions(control_plane, deployer.home)
    assert {f"ConfigMap/{INVENTORY}", f"Lease/{INVENTORY}", "Secret/login"} < before.keys()
    second = deployer.apply(small(deployer.home))
    assert second.empty
    assert set(actions(second).values()) == {"unchanged"}
    assert versions(control_plane, deployer.home) == before


def test_others_see_an_apply_set(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply(small(deployer.home))
    parent = get(control_plane, deployer.home, f"configmap/{INVENTORY}")["metadata"]
    assert parent["labels"]["applyset.kubernetes.io/id"] == applyset(deployer.home)
    assert parent["annotations"]["applyset.kubernetes.io/contains-group-kinds"] == (
        "ConfigMap,Deployment.apps,NetworkPolicy.networking.k8s.io,Secret,Service"
    )
    members = control_plane.kubectl(
        "get", "cm,secret,svc,deploy,netpol", "-n", deployer.home, "-o", "name",
        f"--selector={PART_OF}={applyset(deployer.home)}",
    ).splitlines()  # fmt: skip
    assert len(members) == len(small(deployer.home))


def test_a_change_of_another_is_a_conflict_with_name_and_time(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    deployer.apply(small(deployer.home))
    edit(control_plane, deployer.home, "configmap/settings", {"data": {"a.yml": "a: 7\nb: 2\n"}})
    edit(control_plane, deployer.home, "deployment/web", {"metadata": {"labels": {"mine": "too"}}})
    before = versions(control_plane, deployer.home)
    plan = deployer.plan(small(deployer.home))
    [step] = plan.having(Action.CONFLICT)
    [found] = step.conflicts
    managed = get(control_plane, deployer.home, "configmap/settings")["metadata"]["managedFields"]
    [theirs] = [one for one in managed if one["manager"] == "kubectl-edit"]
    assert (found.field, found.manager, found.operation) == (".data.a.yml", "kubectl-edit", "Update")
    assert found.time == theirs["time"]
    text = "\n".join(lines(plan))
    assert f".data.a.yml is owned by kubectl-edit (Update, {found.time})" in text
    assert "      - a: 7\n      + a: 1" in text
    assert actions(plan)["Deployment web"] == "unchanged"
    with pytest.raises(ValueError, match="conflicts"):
        Engine(deployer.cluster, deployer.planner).apply(deployer.wanted(small(deployer.home)), plan)
    assert versions(control_plane, deployer.home) == before


def test_fields_are_taken_over_of_the_named_object_only(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    deployer.apply(small(deployer.home))
    for name in ("settings", "other"):
        edit(control_plane, deployer.home, f"configmap/{name}", {"data": {"a.yml": "x", "key": "x"}})
    known = f"ConfigMap/{deployer.home}/settings"
    taking = Deployer(control_plane.kubeconfig, deployer.home, (known,))
    plan = taking.plan(small(deployer.home))
    assert (actions(plan)["ConfigMap settings"], actions(plan)["ConfigMap other"]) == ("change", "conflict")
    assert plan.takes_over
    assert plan.digest != deployer.plan(small(deployer.home)).digest
    everything = Deployer(control_plane.kubeconfig, deployer.home, ("all",))
    everything.apply(small(deployer.home))
    assert get(control_plane, deployer.home, "configmap/settings")["data"]["a.yml"] == "a: 1\nb: 2\n"
    assert get(control_plane, deployer.home, "configmap/other")["data"]["key"] == "1"
    # what only they have stays theirs
    assert get(control_plane, deployer.home, "configmap/settings")["data"]["key"] == "x"


def test_drift_is_told_by_field_with_its_writer(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply(small(deployer.home))
    images = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:2"}]}}}}
    edit(control_plane, deployer.home, "deployment/web", images, "somebody else")
    control_plane.kubectl("delete", "service/web", "secret/login", "-n", deployer.home)
    control_plane.kubectl("label", "configmap/other", "app-", "-n", deployer.home)
    kept = inventories.unpacked(deployer.inventory().applied)
    plan = deployer.plan(kept, KEPT_BY_COPIES)
    found = [*drift(plan), *missing_secrets(deployer.cluster, deployer.inventory())]
    told = {(one["kind"], one.get("path", "")): one for one in (each.told() for each in found)}
    image = told["Deployment", "spec.template.spec.containers[web].image"]
    assert (image["is"], image["applied"]) == ("web:2", "web:1")
    assert image["set_by"]["manager"] == "somebody else"
    assert image["set_by"]["time"]
    assert told["Service", ""]["message"] == told["Secret", ""]["message"] == "is gone"
    label = told["ConfigMap", "metadata.labels.app"]
    assert "is" not in label
    assert "set_by" not in label
    assert "      nobody owns it any more" in list(of_drift(found))
    assert len(found) == 4


def test_what_is_not_wanted_any_more_is_pruned_and_data_stays(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    deployer.apply([*small(deployer.home), claim(deployer.home)])
    foreign = config(deployer.home, "foreign")
    control_plane.kubectl("create", "-f", "-", input=json.dumps(foreign))
    kept = [one for one in small(deployer.home) if one["kind"] != "Service"][:-1]
    plan = deployer.apply(kept)
    done = actions(plan)
    assert (done["Service web"], done["ConfigMap other"]) == ("prune", "prune")
    assert done["PersistentVolumeClaim data"] == "keep"
    names = versions(control_plane, deployer.home)
    assert {"PersistentVolumeClaim/data", "ConfigMap/foreign", "ConfigMap/settings"} < names.keys()
    assert not {"Service/web", "ConfigMap/other"}.intersection(names)
    assert deployer.plan(kept).empty


def test_an_object_of_somebody_else_with_the_same_name_is_not_pruned(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    deployer.apply(small(deployer.home))
    control_plane.kubectl("label", "configmap/settings", f"{PART_OF}-", "-n", deployer.home)
    control_plane.kubectl("delete", "configmap/other", "-n", deployer.home)
    theirs = config(deployer.home, "other")
    theirs["metadata"]["labels"] = {PART_OF: applyset(deployer.home)}
    control_plane.kubectl("create", "-f", "-", input=json.dumps(theirs))
    plan = deployer.apply(small(deployer.home)[:4])
    assert actions(plan)["ConfigMap settings"] == "leave"  # has its uid, and not our label any more
    assert actions(plan)["ConfigMap other"] == "leave"  # has it, and another uid
    assert {"ConfigMap/settings", "ConfigMap/other"} < versions(control_plane, deployer.home).keys()
    assert deployer.plan(small(deployer.home)[:4]).empty


def test_an_object_that_was_there_is_adopted_or_a_conflict(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    same, other = config(deployer.home), config(deployer.home, "other", key="2")
    for one in (same, other):
        control_plane.kubectl("create", "-f", "-", input=json.dumps(one))
    plan = deployer.plan([config(deployer.home), config(deployer.home, "other", key="1")])
    assert actions(plan) == {"ConfigMap settings": "change", "ConfigMap other": "conflict"}
    assert [one.path for one in plan.steps[1].changes] == [f"metadata.labels.{PART_OF}"]


def test_an_unknown_field_is_refused_before_anything_is_applied(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    wrong = deployment(deployer.home)
    wrong["spec"]["template"]["spec"]["containers"][0]["imagePullPollicy"] = "Always"
    plan = deployer.plan([config(deployer.home), wrong])
    assert actions(plan) == {"ConfigMap settings": "create", "Deployment web": "refused"}
    assert "imagePullPollicy" in plan.steps[1].message
    assert not versions(control_plane, deployer.home).keys() & {"ConfigMap/settings"}


def test_an_unknown_kind_is_refused(deployer: Deployer) -> None:
    metadata = {"name": "x", "namespace": deployer.home}
    plan = deployer.plan([{"apiVersion": "no.such/v1", "kind": "Thing", "metadata": metadata}])
    assert "the cluster has no Thing in no.such/v1" in plan.steps[0].message


def test_the_first_of_all_is_the_namespace(control_plane: ControlPlane) -> None:
    home = f"own-{time.monotonic_ns()}"
    deployer = Deployer(control_plane.kubeconfig, home)
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}}
    wrong = service(home)
    wrong["spec"]["ports"][0]["port"] = 99999
    try:
        plan = deployer.plan([config(home), space, wrong])
        assert [one.unchecked for one in plan.steps] == [False, True, True]
        with pytest.raises(StoppedError, match=r"nothing else was applied: Service .*between 1 and 65535"):
            deployer.apply([config(home), space, wrong])
        assert "ConfigMap/settings" not in versions(control_plane, home)
        deployer.apply([config(home), space, service(home)])
        assert deployer.plan([config(home), space, service(home)]).empty
    finally:
        control_plane.kubectl("delete", "namespace", home, "--wait=false")


def test_a_namespace_that_nobody_makes_is_an_error(control_plane: ControlPlane) -> None:
    deployer = Deployer(control_plane.kubeconfig, "nobody-makes-it")
    with pytest.raises(Exception, match="there is no such namespace"):
        deployer.apply([config("nobody-makes-it")])


def test_secrets_are_masked_and_in_no_copy(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply(small(deployer.home))
    changed = [*small(deployer.home)[:3], secret(deployer.home, "second-value-of-it"), config(deployer.home)]
    plan = deployer.plan(changed)
    text = "\n".join(lines(plan)) + json.dumps([one.told() for one in plan.steps])
    assert "data.password" in text
    deployer.apply(changed)
    kept = deployer.inventory()
    copies = [json.dumps(inventories.unpacked(copy)) for copy in (kept.applied, kept.previous)]
    stored = json.dumps(get(control_plane, deployer.home, f"configmap/{INVENTORY}"))
    for value in ("first-value-of-it", "second-value-of-it"):
        for form in (value, base64.b64encode(value.encode()).decode()):
            assert form not in text
            assert all(form not in one for one in (*copies, stored))
    assert "settings" in copies[0]


def test_back_to_what_was_applied_before(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply(small(deployer.home))
    later = [deployment(deployer.home, 1), secret(deployer.home, "second-value-of-it")]
    deployer.apply(later)
    plan = deployer.apply(inventories.unpacked(deployer.inventory().previous), KEPT_BY_COPIES)
    assert actions(plan)["Secret login"] == "keep"
    assert actions(plan)["Service web"] == "create"
    assert get(control_plane, deployer.home, "deployment/web")["spec"]["replicas"] == 2
    password = get(control_plane, deployer.home, "secret/login")["data"]["password"]
    assert base64.b64decode(password) == b"second-value-of-it"
    assert inventories.unpacked(deployer.inventory().previous)[0]["spec"]["replicas"] == 1


def test_replicas_go_to_an_autoscaler_and_back_without_a_dip(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    deployer.apply([deployment(deployer.home, 4)])
    start = get(control_plane, deployer.home, "deployment/web")["metadata"]["generation"]
    plan = deployer.apply([deployment(deployer.home, None), autoscaler(deployer.home)])
    assert plan.steps[0].message == "replicas are left to HorizontalPodAutoscaler web"
    assert not plan.steps[0].changes
    live = get(control_plane, deployer.home, "deployment/web")
    assert live["spec"]["replicas"] == 4
    assert live["metadata"]["generation"] == start  # the number never was another
    again = [deployment(deployer.home, 2), autoscaler(deployer.home)]
    assert actions(deployer.plan(again))["Deployment web"] == "unchanged"  # what is said is not sent
    control_plane.kubectl(
        "scale", "deployment/web", "-n", deployer.home, "--replicas=5",
    )  # fmt: skip
    assert deployer.plan(again).having(Action.CONFLICT) == []
    # without the autoscaler the number is ours again, and only the hand of a person is in the way
    back = deployer.plan([deployment(deployer.home, 2)])
    assert [one.field for one in back.steps[0].conflicts] == [".spec.replicas"]
    assert back.steps[0].action is Action.CONFLICT


def test_what_an_autoscaler_leaves_is_nobodys(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply([deployment(deployer.home, 1)])
    # its controller raises to the fewest, which needs no metrics
    deployer.apply([deployment(deployer.home, None), autoscaler(deployer.home)])
    until(lambda: get(control_plane, deployer.home, "deployment/web")["spec"]["replicas"] == 3)
    plan = deployer.apply([deployment(deployer.home, 2)])
    [step] = [one for one in plan.steps if one.sent["kind"] == "Deployment"]
    assert {one.manager for one in step.conflicts} <= {"kube-controller-manager", "auditor-handover"}
    assert step.conflicts
    assert not plan.takes_over
    assert get(control_plane, deployer.home, "deployment/web")["spec"]["replicas"] == 2
    assert deployer.plan([deployment(deployer.home, 2)]).empty


def test_two_deployers_exclude_each_other(control_plane: ControlPlane, deployer: Deployer) -> None:
    with Lease(deployer.cluster, deployer.home, seconds=SECONDS) as held:
        told: list[str] = []
        began = time.monotonic()

        def tell(text: str) -> None:
            told.append(text)
            time.sleep(SECONDS / 2)
            held.keep()

        with (
            pytest.raises(IncompleteError, match="applies to this stack right now"),
            Lease(deployer.cluster, deployer.home, tell, SECONDS),
        ):
            pytest.fail("two hold it")
        assert told
        assert time.monotonic() - began < SECONDS * 3
    with Lease(deployer.cluster, deployer.home, seconds=SECONDS):  # given back, it is free at once
        pass


def test_a_dead_deployer_is_waited_for_and_a_lost_lease_ends_the_other(deployer: Deployer) -> None:
    dead = Lease(deployer.cluster, deployer.home, seconds=SECONDS)
    dead.__enter__()
    began = time.monotonic()
    with Lease(deployer.cluster, deployer.home, seconds=SECONDS):
        assert time.monotonic() - began >= SECONDS
        with pytest.raises(IncompleteError, match="was lost to somebody else"):
            dead.keep()
        dead.__exit__(None, None, None)
        with pytest.raises(IncompleteError, match="applies to this stack"):
            _steal(deployer)


def _steal(deployer: Deployer) -> None:
    """Try to take the Lease while its holder renews it."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{deployer.home}/leases/{INVENTORY}"

    def renew(_: str) -> None:
        found = deployer.api.find(path)
        assert found
        assert found["spec"]["holderIdentity"]
        found["spec"]["renewTime"] = "2026-01-01T00:00:00.000000Z"
        deployer.api.replace(path, found)

    with Lease(deployer.cluster, deployer.home, renew, SECONDS):
        pass


def test_who_is_late_does_not_have_it(deployer: Deployer) -> None:
    late = Lease(deployer.cluster, deployer.home, seconds=SECONDS)
    with Lease(deployer.cluster, deployer.home, seconds=SECONDS) as held:
        assert not late._take(None)  # it saw no Lease, and there is one
        old = late._find()
        held._renewed = 0
        held.keep()
        assert not late._take(old)  # it saw one that has been renewed since
        held.keep()


def test_all_that_is_sent_names_its_manager_and_refuses_unknown_fields(
    control_plane: ControlPlane, deployer: Deployer
) -> None:
    deployer.apply(small(deployer.home))
    lines = control_plane.audit_log.read_text().splitlines()
    sent = [json.loads(line) for line in lines if '"auditor-stack/' in line and f"/{deployer.home}/" in line]
    patches = [one["requestURI"] for one in sent if one["verb"] == "patch"]
    assert len(patches) >= 2 * len(small(deployer.home))
    for uri in patches:
        query = parse_qs(urlsplit(uri).query)
        assert (query["fieldValidation"], query["fieldManager"]) == (["Strict"], ["auditor"])
    assert {one["verb"] for one in sent} == {"get", "list", "create", "patch", "update"}


def test_a_plan_of_before_another_apply_is_not_carried_out(deployer: Deployer) -> None:
    old = deployer.plan([config(deployer.home)])
    deployer.apply([service(deployer.home)])
    with pytest.raises(IncompleteError, match="another deployer has changed the stack"):
        Engine(deployer.cluster, deployer.planner).apply(deployer.wanted([config(deployer.home)]), old)


def test_deleted_but_for_its_data(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply([*small(deployer.home), claim(deployer.home)])
    plan = plan_removal(deployer.cluster, deployer.planner, deployer.inventory(), data=False)
    assert [one.action.value for one in plan.steps].count("keep") == 1
    assert remove(deployer.cluster, plan, 60, lease_seconds=SECONDS) == []
    left = versions(control_plane, deployer.home)
    assert {"PersistentVolumeClaim/data", f"ConfigMap/{INVENTORY}"} < left.keys()
    assert not {"Service/web", "Secret/login", "ConfigMap/settings"}.intersection(left)
    again = plan_removal(deployer.cluster, deployer.planner, deployer.inventory(), data=False)
    assert again.settled
    assert not again.having(Action.PRUNE)
    assert set(actions(deployer.apply(small(deployer.home))).values()) == {"create", "keep"}


def test_with_its_data_only_what_the_plan_names(control_plane: ControlPlane) -> None:
    home = f"own-{time.monotonic_ns()}"
    deployer = Deployer(control_plane.kubeconfig, home)
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}}
    deployer.apply([space, config(home)])
    control_plane.kubectl("create", "-f", "-", input=json.dumps(claim(home)))
    plan = plan_removal(deployer.cluster, deployer.planner, deployer.inventory(), data=True)
    assert [one.sent["kind"] for one in plan.steps] == ["ConfigMap", "PersistentVolumeClaim", "Namespace"]
    assert remove(deployer.cluster, plan, 60, lease_seconds=SECONDS) == []
    assert home not in control_plane.kubectl("get", "namespaces", "-o", "name")
    assert plan_removal(deployer.cluster, deployer.planner, deployer.inventory(), data=True).settled


def test_a_broken_inventory_is_one_clear_error(control_plane: ControlPlane, deployer: Deployer) -> None:
    deployer.apply([config(deployer.home)])
    control_plane.kubectl(
        "patch", f"configmap/{INVENTORY}", "-n", deployer.home, "-p", '{"data": {"inventory.json": "{"}}'
    )
    with pytest.raises(IncompleteError, match="is no inventory of auditor"):
        deployer.plan([config(deployer.home)])


def test_without_the_rights_nothing_happens(
    control_plane: ControlPlane, namespace: str, tmp_path: Any
) -> None:
    verbs = ["get", "list", "create", "patch"]
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}
    with account(control_plane, namespace, tmp_path, [rule]) as few:
        deployer = Deployer(few.kubeconfig, namespace)
        plan = deployer.plan([config(namespace), service(namespace)])
        assert actions(plan) == {"ConfigMap settings": "create", "Service web": "refused"}
        assert "services" in plan.steps[1].message
        assert "forbidden" in plan.steps[1].message
        possible = deployer.plan([config(namespace)])
        refused = list(preflight.refusals(deployer.cluster, possible))
        assert refused == [f"you may not {verb} Lease in {namespace}" for verb in ("create", "get", "update")]
        with pytest.raises(IncompleteError, match=f"Lease {namespace}/{INVENTORY} cannot be read"):
            deployer.apply([config(namespace)])
        assert "ConfigMap/settings" not in versions(control_plane, namespace)


def test_what_is_being_deleted_is_waited_for(control_plane: ControlPlane, deployer: Deployer) -> None:
    held = config(deployer.home)
    held["metadata"]["finalizers"] = ["auditor.dev/held"]
    control_plane.kubectl("create", "-f", "-", input=json.dumps(held))
    control_plane.kubectl("delete", "configmap/settings", "-n", deployer.home, "--wait=false")
    plan = deployer.plan([config(deployer.home)])
    assert actions(plan) == {"ConfigMap settings": "refused"}
    assert "is being deleted" in plan.steps[0].message
    edit(control_plane, deployer.home, "configmap/settings", {"metadata": {"finalizers": None}})


def test_a_server_that_goes_away_in_the_middle_is_told_with_how_far_it_came(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = deployer.plan(small(deployer.home))
    engine = Engine(deployer.cluster, deployer.planner, lease_seconds=SECONDS)
    apply = deployer.cluster.apply

    def gone(one: Any, **more: Any) -> Any:
        if one["kind"] == "Service":
            raise SourceError("nobody answers", "")
        return apply(one, **more)

    monkeypatch.setattr(deployer.cluster, "apply", gone)
    with pytest.raises(StoppedError, match=r"Service .*: nobody answers; 4 of 6 objects were done before"):
        engine.apply(deployer.wanted(small(deployer.home)), plan)
    monkeypatch.undo()
    assert deployer.inventory().state == "applying"
    deployer.apply(small(deployer.home))
    assert deployer.plan(small(deployer.home)).empty
