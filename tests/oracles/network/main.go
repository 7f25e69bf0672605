// Command network tells which packets network policies let through, with the code of
// sigs.k8s.io/kube-network-policies: an oracle for tests/network.
//
// Standard input holds one question a line, a small cluster and packets:
//
//	{"namespaces": [...], "pods": [...], "networkPolicies": [...], "clusterNetworkPolicies": [...],
//	 "adminNetworkPolicies": [...], "baselineAdminNetworkPolicies": [...],
//	 "packets": [{"source": "10.0.0.1", "destination": "10.0.0.2", "protocol": "TCP", "port": 80}]}
//
// objects as an API server stores them, with its defaults. Standard output gets one answer a line, in
// the same order, with a 1 for each packet that passes and a 0 for each that does not: {"passed": "0110"}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
	"sigs.k8s.io/kube-network-policies/pkg/podinfo"
	previous "sigs.k8s.io/kube-network-policies/plugins/npa-v1alpha1"
	current "sigs.k8s.io/kube-network-policies/plugins/npa-v1alpha2"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
	policyfake "sigs.k8s.io/network-policy-api/pkg/client/clientset/versioned/fake"
	policyinformers "sigs.k8s.io/network-policy-api/pkg/client/informers/externalversions"
)

type packet struct {
	Source      net.IP          `json:"source"`
	Destination net.IP          `json:"destination"`
	Protocol    corev1.Protocol `json:"protocol"`
	Port        int             `json:"port"`
}

type question struct {
	Namespaces      []*corev1.Namespace                    `json:"namespaces"`
	Pods            []*corev1.Pod                          `json:"pods"`
	Policies        []*networkingv1.NetworkPolicy          `json:"networkPolicies"`
	ClusterPolicies []*v1alpha2.ClusterNetworkPolicy       `json:"clusterNetworkPolicies"`
	AdminPolicies   []*v1alpha1.AdminNetworkPolicy         `json:"adminNetworkPolicies"`
	BaselinePolicy  []*v1alpha1.BaselineAdminNetworkPolicy `json:"baselineAdminNetworkPolicies"`
	Packets         []packet                               `json:"packets"`
}

type answer struct {
	Passed string `json:"passed"`
}

// fill puts objects where an informer, which never runs, would have put them.
func fill[T any](informer cache.SharedIndexInformer, objects []T) error {
	for _, object := range objects {
		if err := informer.GetIndexer().Add(object); err != nil {
			return err
		}
	}
	return nil
}

// engine returns an evaluator of packets that has read the objects of a question.
func engine(q *question) (*networkpolicy.PolicyEngine, error) {
	core := informers.NewSharedInformerFactory(fake.NewSimpleClientset(), 0)
	namespaces, pods, nodes := core.Core().V1().Namespaces(), core.Core().V1().Pods(), core.Core().V1().Nodes()
	policies := core.Networking().V1().NetworkPolicies()
	admin := policyinformers.NewSharedInformerFactory(policyfake.NewSimpleClientset(), 0).Policy()
	cluster := admin.V1alpha2().ClusterNetworkPolicies()
	first, last := admin.V1alpha1().AdminNetworkPolicies(), admin.V1alpha1().BaselineAdminNetworkPolicies()

	err := errors.Join(
		fill(namespaces.Informer(), q.Namespaces),
		fill(pods.Informer(), q.Pods),
		fill(policies.Informer(), q.Policies),
		fill(cluster.Informer(), q.ClusterPolicies),
		fill(first.Informer(), q.AdminPolicies),
		fill(last.Informer(), q.BaselinePolicy),
	)
	return networkpolicy.NewPolicyEngine(
		podinfo.NewInformerProvider(pods, namespaces, nodes, nil),
		[]api.PolicyEvaluator{
			previous.NewAdminNetworkPolicy(first, nil),
			current.NewClusterNetworkPolicy(v1alpha2.AdminTier, cluster, nil, nodes.Lister()),
			networkpolicy.NewStandardNetworkPolicy("", namespaces, pods, policies),
			current.NewClusterNetworkPolicy(v1alpha2.BaselineTier, cluster, nil, nodes.Lister()),
			previous.NewBaselineAdminNetworkPolicy(last),
		},
	), err
}

func reply(line []byte) (*answer, error) {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return nil, err
	}
	evaluator, err := engine(&q)
	if err != nil {
		return nil, err
	}
	passed := make([]byte, len(q.Packets))
	for i, one := range q.Packets {
		ok, err := evaluator.EvaluatePacket(context.Background(), &network.Packet{
			SrcIP: one.Source, DstIP: one.Destination, Proto: one.Protocol, SrcPort: 40000, DstPort: one.Port,
		})
		if err != nil {
			return nil, err
		}
		passed[i] = '0'
		if ok {
			passed[i] = '1'
		}
	}
	return &answer{string(passed)}, nil
}

func run(in io.Reader, out io.Writer) error {
	reader, writer := bufio.NewReaderSize(in, 1<<20), bufio.NewWriter(out)
	answers := json.NewEncoder(writer)
	for {
		line, eof := reader.ReadBytes('\n')
		if len(line) > 0 {
			found, err := reply(line)
			if err != nil {
				return err
			}
			if err := answers.Encode(found); err != nil {
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
		fmt.Fprintln(os.Stderr, "network:", err)
		os.Exit(1)
	}
}
