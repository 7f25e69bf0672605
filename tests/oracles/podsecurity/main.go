// Command podsecurity judges pods by the Pod Security Standards with Kubernetes' own code: the
// oracle that the auditor's pod security policies are proven against.
//
// It reads one question a line from standard input
//
//	{"level": "baseline", "version": "v1.37", "template": false, "pod": {"metadata": {...}, "spec": {...}}}
//
// (template: the pod is that of a controller, which the API server gives fewer defaults)
// and writes one answer a line, in the same order:
//
//	{"allowed": false, "failed": {"hostPorts": "hostPort (container \"a\" uses hostPort 80)"}}
//
// A question that cannot be taken exactly as it stands is answered by {"error": "..."}.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kjson "sigs.k8s.io/json"
)

type question struct {
	Level    string      `json:"level"`
	Version  string      `json:"version"`
	Template bool        `json:"template"`
	Pod      *corev1.Pod `json:"pod"`
}

type answer struct {
	Allowed bool              `json:"allowed"`
	Failed  map[string]string `json:"failed"`
}

type refusal struct {
	Error string `json:"error"`
}

// judge holds the evaluator twice: as it is, and with checks that note their id when they run.
// EvaluatePod returns bare results; the notes say which check each of them came from, and version
// selection and overrides stay the evaluator's own.
type judge struct {
	plain, noting policy.Evaluator
	notes         []policy.CheckID
}

func newJudge() (*judge, error) {
	j := &judge{}
	checks := policy.DefaultChecks()
	for _, check := range checks {
		for i := range check.Versions {
			run := check.Versions[i].CheckPod
			check.Versions[i].CheckPod = func(meta *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
				j.notes = append(j.notes, check.ID)
				return run(meta, spec)
			}
		}
	}
	var err error
	if j.noting, err = policy.NewEvaluator(checks, nil); err != nil {
		return nil, err
	}
	j.plain, err = policy.NewEvaluator(policy.DefaultChecks(), nil)
	return j, err
}

// answer returns the verdict, or an error if the two evaluators disagree.
func (j *judge) answer(lv api.LevelVersion, pod *corev1.Pod) (*answer, error) {
	j.notes = j.notes[:0]
	results := j.noting.EvaluatePod(lv, &pod.ObjectMeta, &pod.Spec)
	if len(results) != len(j.notes) || !slices.Equal(results, j.plain.EvaluatePod(lv, &pod.ObjectMeta, &pod.Spec)) {
		return nil, fmt.Errorf("%s: the results cannot be told apart by check", lv)
	}
	a := &answer{Allowed: policy.AggregateCheckResults(results).Allowed, Failed: map[string]string{}}
	for i, result := range results {
		if !result.Allowed {
			one := policy.AggregateCheckResults(results[i : i+1])
			a.Failed[string(j.notes[i])] = one.ForbiddenDetail()
		}
	}
	if a.Allowed != (len(a.Failed) == 0) {
		return nil, fmt.Errorf("%s: the checks contradict the verdict", lv)
	}
	return a, nil
}

// parse takes a question strictly: an unknown or repeated field is an error.
func parse(line []byte) (*question, api.LevelVersion, error) {
	var q question
	strict, err := kjson.UnmarshalStrict(line, &q)
	if err = errors.Join(append(strict, err)...); err != nil {
		return nil, api.LevelVersion{}, err
	}
	if q.Pod == nil {
		return nil, api.LevelVersion{}, errors.New("no pod")
	}
	level, err := api.ParseLevel(q.Level)
	if err != nil {
		return nil, api.LevelVersion{}, fmt.Errorf("level %q: %w", q.Level, err)
	}
	version, err := api.ParseVersion(q.Version)
	if err != nil {
		return nil, api.LevelVersion{}, fmt.Errorf("version %q: %w", q.Version, err)
	}
	return &q, api.LevelVersion{Level: level, Version: version}, nil
}

// setDefaults does what the API server does to a pod before admission sees it, as far as a check
// depends on it: a volume without a source is an emptyDir, and on the host's network every port of
// a pod, though not of a template, is a host port (SetDefaults_Volume and defaultHostNetworkPorts in
// pkg/apis/core/v1/defaults.go of Kubernetes).
func setDefaults(spec *corev1.PodSpec, template bool) {
	for i := range spec.Volumes {
		if spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	if template || !spec.HostNetwork {
		return
	}
	for _, containers := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range containers {
			for j := range containers[i].Ports {
				if port := &containers[i].Ports[j]; port.HostPort == 0 {
					port.HostPort = port.ContainerPort
				}
			}
		}
	}
}

// reply answers one line; an error ends the program, a bad question does not.
func (j *judge) reply(line []byte) (any, error) {
	q, lv, err := parse(line)
	if err != nil {
		return refusal{err.Error()}, nil
	}
	setDefaults(&q.Pod.Spec, q.Template)
	return j.answer(lv, q.Pod)
}

func run(in io.Reader, out io.Writer) error {
	j, err := newJudge()
	if err != nil {
		return err
	}
	reader, writer := bufio.NewReaderSize(in, 1<<20), bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(writer)
	for {
		line, eof := reader.ReadBytes('\n')
		if len(line) > 0 {
			reply, err := j.reply(line)
			if err != nil {
				return err
			}
			if err := encoder.Encode(reply); err != nil {
				return err
			}
		}
		if reader.Buffered() == 0 { // the asker waits
			if err := writer.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(eof, io.EOF) {
			return nil
		} else if eof != nil {
			return eof
		}
	}
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "podsecurity:", err)
		os.Exit(1)
	}
}
