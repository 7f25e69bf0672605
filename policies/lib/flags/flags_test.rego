package lib.flags_test

import data.lib.flags

_line(body) := flags.words({"body": body}, "prometheus")

_from_literal := [{"name": "DIR", "value": "/data"}, {"name": "SUB", "value": "$(DIR)/a$$b"}]

_hidden := {"class": "named", "length": 9}

_lines := {
	"command and args": [{"command": ["prometheus", "--a"], "args": ["--b=1", "c"]}, ["--a", "--b=1", "c"]],
	"path": [{"command": ["/usr/local/bin/prometheus", "--a"]}, ["--a"]],
	"name in args": [{"command": ["tini", "--"], "args": ["/bin/prometheus", "-a"]}, ["-a"]],
	"no flags": [{"command": ["prometheus"]}, []],
	"image starts it": [{"args": ["--a"]}, ["--a"]],
	"image starts it alone": [{}, []],
	"image starts it, as the name says too": [{"command": [], "args": ["--a", "prometheus", "b"]}, ["--a", "prometheus", "b"]],
	"wrapper": [
		{"command": ["/go-runner", "--log-file=/x/prometheus", "/bin/prometheus", "--a", "/bin/prometheus"]},
		["--a", "/bin/prometheus"],
	],
	"bare dashes end the flags": [{"command": ["prometheus", "--a", "--", "--b", "--"]}, ["--a"]],
	"hidden words": [{"command": [_hidden, "prometheus", _hidden, "--a"]}, ["{hidden}", "--a"]],
	"variables": [
		{
			"command": ["prometheus"],
			"args": ["--a=$(DIR)", "--b=$(SUB):$(SUB)", "$$(DIR)", "$DIR", "$(NONE)", "$("],
			"env": _from_literal,
		},
		["--a=/data", "--b=/data/a$b:/data/a$b", "$(DIR)", "$DIR", "$(NONE)", "$("],
	],
	"empty variable": [{"args": ["--a=$(A)"], "env": [{"name": "A"}]}, ["--a="]],
	"the last of two variables": [
		{"args": ["--a=$(A)"], "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
		["--a=2"],
	],
	"variable from elsewhere": [
		{
			"args": ["--a=$(A)"],
			"env": [{"name": "A", "value": "1"}, {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
		},
		["--a=$(A)"],
	],
	"hidden variable": [{"args": ["--a=$(A)"], "env": [{"name": "A", "value": _hidden}]}, ["--a={hidden}"]],
	"filled in once": [{"args": ["$(A)"], "env": [{"name": "A", "value": "$$(B)"}, {"name": "B", "value": "b"}]}, ["$(B)"]],
	"name from a variable": [{"command": ["$(A)", "--a"], "env": [{"name": "A", "value": "prometheus"}]}, ["--a"]],
}

test_words[note] if {
	some note, [body, want] in _lines
	_line(body) == want
}

_no_lines := {
	"shell": {"command": ["/bin/sh", "-c", "prometheus --a"]},
	"shell with the name as a word": {"command": ["bash", "prometheus"]},
	"busy shell": {"command": ["ash", "prometheus"]},
	"small shell": {"command": ["/usr/bin/dash", "prometheus"]},
	"plain shell": {"command": ["sh", "prometheus"]},
	"other program": {"command": ["/bin/prometheus-operator"], "args": ["--a"]},
	"name in a flag": {"command": ["run", "-/prometheus"]},
	"folder": {"command": ["/prometheus/run"]},
	"hidden": {"command": [_hidden]},
}

test_no_words[note] if {
	some note, body in _no_lines
	not _line(body)
}

_given := {
	"equals sign": [["--a=1"], ["1"]],
	"next word": [["--a", "1", "2"], ["1"]],
	"next word looks like a flag": [["--a", "--b"], ["--b"]],
	"every one": [["--a=1", "--b=2", "--a", "3"], ["1", "3"]],
	"empty": [["--a="], [""]],
	"more signs": [["--a=b=c"], ["b=c"]],
	"alone at the end": [["--b=1", "--a"], []],
	"longer name": [["--ab=1", "--b-a", "x", "a=1", "--a.b=2"], []],
	"not given": [["--b", "1"], []],
	"single dash": [["-a=1", "-a", "2"], []],
}

test_values[note] if {
	some note, [line, want] in _given
	flags.values(line, {"--a"}) == want
}

test_spellings if {
	flags.values(["-a", "1", "--a=2", "a=3"], {"--a", "-a"}) == ["1", "2"]
	flags.values(["--a_b-c=1_2", "--a-b_c", "3_4"], {"--a-b-c"}) == ["1_2", "3_4"]
}

test_last_counts if flags.last(["--a-b=1", "--a_b", "2", "--c=3"], "a-b") == "2"

test_last_without if not flags.last(["--c=3"], "a-b")

test_obscure if {
	flags.obscure("a={hidden}")
	flags.obscure("/a/$(B)")
	not flags.obscure("/a/$B")
	not flags.obscure("")
}
