package k8s.ingress_controller_retired_test

import data.k8s.ingress_controller_retired

_runs(image) := {"spec": {}, "containers": [{"name": "controller", "path": "/spec/template/spec/containers/0", "body": {"image": image}}]}

_retired := [
	"registry.k8s.io/ingress-nginx/controller:v1.14.4",
	"registry.k8s.io/ingress-nginx/controller-chroot:v1.14.4@sha256:0",
	"ingress-nginx/controller",
	"docker.io/bitnami/nginx-ingress-controller:1",
	"nginx-ingress-controller-amd64:0.9",
]

_others := [
	"nginx/nginx-ingress:5",
	"traefik:v3",
	"registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1",
	"my-ingress-nginx/controller",
	"ingress-nginx/controller-manager",
	{"class": "named", "length": 3},
]

test_image[image] if {
	some image in _retired
	ingress_controller_retired.fail == {{
		"path": "/spec/template/spec/containers/0/image",
		"message": "Container controller runs ingress-nginx, which is retired.",
		"evidence": {"container": "controller", "image": image},
	}} with input as _runs(image)
}

test_other_image[image] if {
	some image in _others
	ingress_controller_retired.fail == set() with input as _runs(image)
}

_class(controller) := {"meta": {"name": "web"}, "spec": {"controller": controller}}

test_class if {
	ingress_controller_retired.fail == {{
		"path": "/spec/controller",
		"message": "Ingresses of class web are for k8s.io/ingress-nginx, which is retired.",
		"evidence": {"controller": "k8s.io/ingress-nginx"},
	}} with input as _class("k8s.io/ingress-nginx")
	ingress_controller_retired.fail == set() with input as _class("traefik.io/ingress-controller")
}
