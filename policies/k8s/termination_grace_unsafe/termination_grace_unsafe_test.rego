package k8s.termination_grace_unsafe_test

import data.k8s.termination_grace_unsafe
import data.lib.example.document

_spec(seconds) := {"restartPolicy": "Always", "terminationGracePeriodSeconds": seconds}

_found(seconds, bodies) := found if {
	found := termination_grace_unsafe.fail with input as document({"spec": _spec(seconds), "bodies": bodies})
}

_grace := "/spec/template/spec/terminationGracePeriodSeconds"

_container := "/spec/template/spec/containers/0"

_sleep(seconds) := {"lifecycle": {"preStop": {"sleep": {"seconds": seconds}}}}

_run(command) := {"lifecycle": {"preStop": {"exec": {"command": command}}}}

test_no_time if {
	_found(0, [_sleep(0), {"livenessProbe": {"terminationGracePeriodSeconds": 5}}]) == {{
		"path": _grace,
		"message": "Containers are killed without any time to stop: terminationGracePeriodSeconds is 0.",
		"severity": "medium",
		"evidence": {"terminationGracePeriodSeconds": 0},
	}}
}

test_long if {
	_found(601, [{}]) == {{
		"path": _grace,
		"message": "A pod that does not stop holds up drains for long: terminationGracePeriodSeconds is 601.",
		"severity": "info",
		"evidence": {"terminationGracePeriodSeconds": 601},
	}}
}

test_hook if {
	_found(30, [_sleep(30)]) == {{
		"path": sprintf("%s/lifecycle/preStop", [_container]),
		"message": "The preStop hook of container a takes 30 s of the time to stop: terminationGracePeriodSeconds is 30.",
		"severity": "medium",
		"evidence": {"terminationGracePeriodSeconds": 30, "preStop": 30},
	}}
}

test_probe[kind] if {
	some kind in ["livenessProbe", "startupProbe"]
	_found(30, [{kind: {"terminationGracePeriodSeconds": 31}}]) == {{
		"path": sprintf("%s/%s/terminationGracePeriodSeconds", [_container, kind]),
		"message": sprintf(
			"The %s of container a gives 31 s to stop, more than the pod: terminationGracePeriodSeconds is 30.",
			[kind],
		),
		"severity": "medium",
		"evidence": {"terminationGracePeriodSeconds": 30, kind: 31},
	}}
}

# grace period, containers, how many findings
_cases := {
	"default": [30, [{}, {}], 0],
	"long enough for anything": [600, [{}], 0],
	"short": [1, [{}], 0],
	"negative, which is a second": [-5, [{}], 0],
	"hook of a second and none left": [-5, [_sleep(1)], 1],
	"hook of no second": [-5, [_sleep(0)], 0],
	"hook is shorter": [30, [_sleep(29)], 0],
	"hook is longer": [30, [_sleep(31)], 1],
	"every container": [10, [_sleep(10), {}, _sleep(10)], 2],
	"hook that does no work": [30, [{"lifecycle": {"preStop": {"httpGet": {"port": 80}}}}], 0],
	"other hook": [30, [{"lifecycle": {"postStart": {"sleep": {"seconds": 60}}}}], 0],
	"command": [30, [_run(["sleep", "30"])], 1],
	"command with its path": [30, [_run(["/bin/sleep", "60s"])], 1],
	"command of a shell": [30, [_run(["/bin/sh", "-c", "sleep 45"])], 1],
	"short command": [30, [_run(["/bin/sh", "-c", "/bin/sleep 15"])], 0],
	"more than a sleep": [30, [_run(["sh", "-c", "sleep 45 || true"])], 0],
	"no sleep": [30, [_run(["nosleep", "60"])], 0],
	"minutes": [30, [_run(["sleep", "1m"])], 0],
	"hidden words": [30, [_run(["sleep", "60", {"class": "named", "length": 9}])], 1],
	"probe gives as much": [30, [{"livenessProbe": {"terminationGracePeriodSeconds": 30}}], 0],
	"probe gives more than a second": [-5, [{"startupProbe": {"terminationGracePeriodSeconds": 2}}], 1],
	"probes of two containers": [
		5,
		[
			{"livenessProbe": {"terminationGracePeriodSeconds": 6}, "startupProbe": {"terminationGracePeriodSeconds": 6}},
			{"livenessProbe": {"terminationGracePeriodSeconds": 6}},
		],
		3,
	],
}

test_verdict[note] if {
	some note, [seconds, bodies, want] in _cases
	count(_found(seconds, bodies)) == want
	termination_grace_unsafe.skip == set() with input as document({"spec": _spec(seconds), "bodies": bodies})
}

test_pod_that_ends if {
	spec := {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0}
	[termination_grace_unsafe.fail, termination_grace_unsafe.skip] == [set(), {"Its containers end by themselves."}] with input as document({"spec": spec, "bodies": [_sleep(60)]})
}

test_other_limit if {
	found := termination_grace_unsafe.fail with input as document({"spec": _spec(61), "bodies": [{}]})
		with data.parameters.termination_grace_unsafe as {"max": 60}
	count(found) == 1
}
