# METADATA
# title: Sizes in bytes as Prometheus writes them
# description: >-
#   512MB, 1.5GiB or 1GB512MB. All units are powers of two, with or without an i; one size keeps to one
#   spelling. They are no quantities of Kubernetes. Undefined for what Prometheus refuses.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
#   - ref: https://pkg.go.dev/github.com/alecthomas/units#ParseBase2Bytes
package lib.byte_size

# METADATA
# title: A size in bytes, cut to a whole number
prometheus(text) := 0 if {
	text == "0"
} else := floor(total) if {
	some spelling in [`^(?:%s(?:[KMGTPE]i)?B)+$`, `^(?:%s[KMGTPE]?B)+$`]
	regex.match(sprintf(spelling, [`(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})`]), text)
	parts := regex.find_all_string_submatch_n(`0*([0-9]*)\.?([0-9]*)([KMGTPE]?)i?B`, text, -1)
	total := sum([_amount(part) | some part in parts])
	total < 9223372036854775808
}

_amount([_, whole, fraction, unit]) := to_number(sprintf("%s.%s0", [_led(whole), fraction])) * _units[unit]

_led("") := "0"

_led(digits) := digits if digits != ""

_units := {
	"": 1,
	"K": 1024,
	"M": 1048576,
	"G": 1073741824,
	"T": 1099511627776,
	"P": 1125899906842624,
	"E": 1152921504606846976,
}
