# METADATA
# title: What a running Prometheus says of the samples that it keeps
# description: For policies that need or want prometheus_runtime. One answer for each address that was asked.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/api/#runtime-information
package lib.prometheus_runtime

import data.lib.byte_size
import data.lib.duration
import data.lib.prometheus

# METADATA
# title: The answers, each {url, at, told}
answers := [one | some one in input.related.prometheus_runtime; one.told]

# METADATA
# title: Why some address has not answered, or none was asked
unanswered contains "No address of it is given; --prometheus NAMESPACE/NAME=URL gives one." if {
	count(input.related.prometheus_runtime) == 0
}

unanswered contains sprintf("%s did not say: %s.", [one.url, one.failure]) if some one in input.related.prometheus_runtime

# METADATA
# title: The limits in effect where an answer is from, {time?, size?, percentage?}
# description: >-
#   In nanoseconds, in bytes, in percent; without a limit it keeps everything. Beside a percentage it names
#   a size that is none. Undefined if what it says is no limit.
limits(told) := object.remove(_named(told), [name | name := "size"; _named(told).percentage])

_named(told) := found if {
	parts := [part | some part in split(told.retention, " or "); part != ""]
	every part in parts {
		_limit(part)
	}
	found := {name: value | some part in parts; [name, value] := _limit(part)}
}

_limit(part) := ["time", value] if {
	value := duration.prometheus(part)
} else := ["size", value] if {
	value := byte_size.prometheus(part)
} else := ["percentage", to_number(trim_suffix(part, "%"))] if {
	regex.match(`^[0-9]+(?:\.[0-9]+)?(?:e-[0-9]{1,2})?%$`, part)
}

# METADATA
# title: The limits as they are declared, in the same form
declared["time"] := prometheus.time

declared["size"] := prometheus.size if not prometheus.limits.percentage

declared["percentage"] := prometheus.limits.percentage

# METADATA
# title: What is said of the limits as they are declared
# description: Empty where they are not known.
declared_words := words({"retention": retention}) if {
	prometheus.limits
	retention := concat(" or ", array.concat(
		[value | some name in ["time", "size"]; value := prometheus.limits[name]],
		[value | value := sprintf("%v%%", [prometheus.limits.percentage])],
	))
} else := ""

# METADATA
# title: The answers that leave open what is in effect, by their address the reason
# description: >-
#   Before v3.11 it did not always follow a reload of its file, so its database is heard too.
# related_resources:
#   - ref: https://github.com/prometheus/prometheus/issues/18200
unclear[one.url] := sprintf("%s says that it keeps %q, which is no limit.", [one.url, one.told.retention]) if {
	some one in answers
	not limits(one.told)
}

unclear[one.url] := sprintf("%s says that it keeps %q, and its database has other limits.", [one.url, one.told.retention]) if {
	some one in answers
	said := _named(one.told)
	some name, unit in {"time": 1000000000, "size": 1, "percentage": 1}
	one.told.limits[name] * unit != object.get(said, name, 0)
}

# METADATA
# title: What is said of the limits of an answer
words(told) := told.retention if told.retention != ""

words(told) := "ever, without a limit" if told.retention == ""

# METADATA
# title: The answers of those that have less history than they should
# description: >-
#   Than asked for, in nanoseconds, or than they keep, if that is shorter. What they delete goes by the block,
#   which is a tenth of the retention long, 31 days at most.
short(required) := [one |
	some one in answers
	wanted := min([required, object.get(limits(one.told), "time", required)])
	has := time.parse_rfc3339_ns(one.at) - time.parse_rfc3339_ns(one.told.oldest)
	has < wanted - min([wanted / 10, _block])
	not prometheus.absent
]

# METADATA
# title: Whether all that were asked have as much history, in nanoseconds
reaches(required) if {
	count(answers) > 0
	count(unanswered) == 0
	every one in answers {
		time.parse_rfc3339_ns(one.at) - time.parse_rfc3339_ns(one.told.oldest) >= required
	}
}

_block := duration.prometheus("31d")

# METADATA
# title: How long its samples have had a place at a time, in nanoseconds
# description: >-
#   Since the youngest of its claims was made, or else itself. Undefined where that is not known. Wants the
#   relation volume_claims.
age(at) := time.parse_rfc3339_ns(at) - max([time.parse_rfc3339_ns(since) | some since in _since])

_since := [claim.created | some claim in _claims] if {
	prometheus.claimed
	every claim in _claims {
		claim.created
	}
} else := [input.meta.created] if {
	not prometheus.claimed
	input.meta.created != ""
}

_claims := [claim | some claim in input.related.volume_claims.items; _holds_samples(claim)]

_holds_samples(_) if prometheus.own

_holds_samples(claim) if claim.volume == prometheus.volume.name
