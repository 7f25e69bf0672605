package k8s.image_registry_untrusted_test

import data.k8s.image_registry_untrusted
import data.lib.example.document

# what is allowed, images that then are, and others
_cases := {
	"registry.example.com": [
		["registry.example.com/web", "registry.example.com/shop/web:1", "Registry.example.com/web"],
		["registry.example.com.evil.io/web", "registry.example.com:5000/web", "web", "evil/registry.example.com/web"],
	],
	"registry.example.com/": [["registry.example.com/web"], ["registry.example.com.evil.io/web"]],
	"host:5000": [["host:5000/shop/web"], ["host:50001/web", "host/web"]],
	"registry.example.com/shop": [
		["registry.example.com/shop/web", "registry.example.com/shop/team/web:1", "registry.example.com/shop"],
		["registry.example.com/shop-evil/web", "registry.example.com/web", "shop/web"],
	],
	"registry.example.com/shop/web": [
		["registry.example.com/shop/web:1"],
		["registry.example.com/shop/webs", "registry.example.com/shop/we"],
	],
	"nginx": [
		["nginx", "nginx:1", "docker.io/nginx", "docker.io/library/nginx", "index.docker.io/nginx"],
		["nginx/nginx-ingress", "evil/nginx", "nginx-evil", "ghcr.io/nginx"],
	],
	"shop/web/": [["shop/web"], ["shop/webs"]],
	"docker.io/shop/": [["shop/web"], ["shops/web"]],
	"localhost/shop": [["localhost/shop/web"], ["localhost/web", "localhost/shops"]],
	"shop": [["docker.io/library/shop"], ["shop/web"]],
	"shop/web": [["shop/web:1", "docker.io/shop/web"], ["shop/other", "ghcr.io/shop/web"]],
	"docker.io": [["nginx", "shop/web", "index.docker.io/shop/web"], ["ghcr.io/web", "docker.io.evil.io/web"]],
	"index.docker.io": [["nginx", "docker.io/shop/web"], ["ghcr.io/web"]],
	"docker.io/shop": [["shop/web", "docker.io/shop/team/web"], ["nginx", "shop-evil/web"]],
	"docker.io/library": [["nginx", "library/nginx"], ["shop/web"]],
	"localhost": [["localhost/web"], ["localhost:5000/web", "web"]],
	"x.io/x": [["x.io/x/web"], ["x.io/web"]],
}

_judged(allowed, images) := names if {
	volumes := [{"name": image, "image": {"reference": image}} | some image in images]
	names := {finding.evidence.image | some finding in image_registry_untrusted.fail} with input as document({
		"spec": {"volumes": volumes},
	})
		with data.parameters.image_registry_untrusted as {"allowed": allowed}
}

test_allowed[entry] if {
	some entry, [images, _] in _cases
	_judged([entry], images) == set()
}

test_not_allowed[entry] if {
	some entry, [_, images] in _cases
	_judged([entry], images) == {image | some image in images}
}

test_each_entry_counts if _judged(["a.io", "b.io"], ["a.io/web", "b.io/web", "c.io/web"]) == {"c.io/web"}

test_finding if {
	image_registry_untrusted.fail == {{
		"path": "/spec/template/spec/containers/0/image",
		"message": "Container a uses docker.io/library/nginx, which is in no allowed registry.",
		"evidence": {"container": "a", "image": "nginx:1", "name": "docker.io/library/nginx"},
	}} with input as document({"bodies": [{"image": "nginx:1"}]})
		with data.parameters.image_registry_untrusted as {"allowed": ["a.io"]}
}

_verdict := [
	image_registry_untrusted.fail,
	image_registry_untrusted.unknown,
	image_registry_untrusted.skip,
]

test_no_verdict_without_registries if {
	reason := "The parameter allowed names no registry: whatever is used is allowed."
	_verdict == [set(), set(), {reason}] with input as document({"bodies": [{"image": "nginx"}, {}]})
}

test_unknown if {
	_verdict == [set(), {"Container b names no image that can be read."}, set()] with input as document({"bodies": [{"image": "a.io/web"}, {}]})
		with data.parameters.image_registry_untrusted as {"allowed": ["a.io"]}
}
