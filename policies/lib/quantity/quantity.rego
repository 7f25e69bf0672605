# METADATA
# title: Quantities as the API writes them
# description: >-
#   100m, 1.5Gi, 2e3: a number with a decimal suffix, a binary one or an exponent. They come as texts,
#   and from manifests as numbers too. Nothing that can be asked for is negative.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
package lib.quantity

_above_zero := `^ *\+?([0-9]*[1-9][0-9]*\.?[0-9]*|[0-9]*\.[0-9]*[1-9][0-9]*)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)? *$`

_any := `^ *\+?[0-9]*\.?[0-9]*([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)? *$`

# METADATA
# title: Whether something is asked for
positive(quantity) if regex.match(_above_zero, _text(quantity))

# METADATA
# title: Whether it is a quantity at all
# description: A suffix by itself is 0, as the API server reads it.
valid(quantity) if {
	regex.match(_any, _text(quantity))
	trim_space(_text(quantity)) != ""
}

_text(quantity) := quantity if {
	is_string(quantity)
} else := sprintf("%v", [quantity])

# METADATA
# title: A quantity in billionths, which is as finely as the API counts
# description: >-
#   A whole number, exact whatever its size, so that quantities can be compared; what is finer is rounded
#   up. Undefined for what is no quantity, and for one longer than any that means something. The API
#   server cuts those with a binary suffix off just below 8Ei.
nano(quantity) := amount if {
	valid(quantity)
	[parts] := regex.find_all_string_submatch_n(_parts, _text(quantity), -1)
	[_, whole, fraction, suffix, sign, exponent] := parts
	power := object.get(_decimal, suffix, 0) + (_signs[sign] * _exponent(exponent))
	shift := (power + 9) - count(fraction)
	digits := concat("", [whole, fraction])

	# as 0.0DIGITS, which is a number whatever zeros they begin with, and if there are none
	number := to_number(sprintf("0.0%se%d", [digits, (shift + count(digits)) + 1]))
	amount := _rounded(number * object.get(_binary, suffix, 1), shift)
}

_parts := `^ *\+?([0-9]{0,60})(?:\.([0-9]{0,60}))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?)0*([0-9]{1,3}))? *$`

_signs := {"-": -1, "+": 1, "": 1}

_exponent("") := 0

_exponent(digits) := number if {
	some number in numbers.range(0, 99)
	format_int(number, 10) == digits
}

_decimal := {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}

_binary := {
	"Ki": 1024,
	"Mi": 1048576,
	"Gi": 1073741824,
	"Ti": 1099511627776,
	"Pi": 1125899906842624,
	"Ei": 1152921504606846976,
}

_rounded(amount, shift) := amount if {
	shift >= 0
} else := ceil(amount)
