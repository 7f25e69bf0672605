package lib.usage_test

import data.lib.usage

_log := {
	"first": "2026-05-01T00:00:00Z",
	"last": "2026-06-01T00:00:00Z",
	"days": 31,
	"requests": 9000,
	"broken": 2,
	"absent": ["list", "watch"],
	"full": false,
}

_document(more) := {"related": {"usage": object.union({"log": _log, "used": false, "young": false}, more)}}

test_idle if {
	usage.idle with input as _document({})
	not usage.idle with input as _document({"used": true})
}

test_young if {
	usage.young == "It was made while the audit log was written." with input as _document({"young": true})
	not usage.young with input as _document({})
}

_short := "The audit log has events of 31 days, and 32 are asked for."

_full := "The audit log names more bindings and ServiceAccounts than are kept of it."

_undated := "Since when it is there is not known."

_of_unknown_age := {"related": {"usage": {"log": object.union(_log, {"full": true}), "used": false}}}

# the days asked for, the document, the doubts
_doubts := {
	"long enough": [31, _document({}), set()],
	"too short": [32, _document({}), {_short}],
	"full": [0, _document({"log": {"full": true}}), {_full}],
	"young": [0, _document({"young": true}), set()],
	"of unknown age, full, too short": [32, _of_unknown_age, {_short, _full, _undated}],
}

test_doubts[note] if {
	some note, [days, document, want] in _doubts
	found := usage.doubts(days) with input as document
	found == want
}

test_left_out if {
	found := usage.left_out(usage.reads) with input as _document({})
	found == {
		"The audit log has no list request at all, as if its policy left them out.",
		"The audit log has no watch request at all, as if its policy left them out.",
	}
	none := usage.left_out(["get"]) with input as _document({})
	none == set()
	usage.reads == ["get", "list", "watch"]
}

test_evidence if {
	usage.evidence == {
		"first": "2026-05-01T00:00:00Z",
		"last": "2026-06-01T00:00:00Z",
		"days": 31,
		"requests": 9000,
		"broken": 2,
	} with input as _document({})
}
