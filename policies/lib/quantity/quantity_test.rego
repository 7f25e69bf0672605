package lib.quantity_test

import data.lib.quantity

# what k8s.io/apimachinery, pkg/api/resource says of them, in billionths
_amounts := {
	"1": 1000000000,
	"+1": 1000000000,
	" 1 ": 1000000000,
	"1.": 1000000000,
	"007": 7000000000,
	".5": 500000000,
	"+.5": 500000000,
	"0.50": 500000000,
	"1n": 1,
	"1u": 1000,
	"100m": 100000000,
	"1.5m": 1500000,
	"2k": 2000000000000,
	"2M": 2000000000000000,
	"2G": 2000000000000000000,
	"2T": 2000000000000000000000,
	"2P": 2000000000000000000000000,
	"2E": 2000000000000000000000000000,
	"1Ki": 1024000000000,
	"1.5Mi": 1572864000000000,
	"0.1Gi": 107374182400000000,
	"3Ti": 3298534883328000000000,
	"1Pi": 1125899906842624000000000,
	"1Ei": 1152921504606846976000000000,
	"2e3": 2000000000000,
	"2E3": 2000000000000,
	"2e+3": 2000000000000,
	"1.5e-3": 1500000,
	"1e0": 1000000000,
	"2e00": 2000000000,
	"1e-08": 10,
	"1e10": 10000000000000000000,
	"9007199254740993": 9007199254740993000000000,
	"9223372036854775807": 9223372036854775807000000000,
	"1234567890123456789012345n": 1234567890123456789012345,
	# what is finer is rounded up
	"0.1n": 1,
	"1e-10": 1,
	"1.0000000001": 1000000001,
	"0.00000000011Ki": 113,
}

test_amount[text] if {
	some text, want in _amounts
	quantity.nano(text) == want
	quantity.positive(text)
	quantity.valid(text)
}

_zeros := {"0", "0.0", "00", "0Gi", "0m", "0e3", ".", "+", "m", "Gi", "e3", ".0", "0."}

test_zero[text] if {
	some text in _zeros
	quantity.nano(text) == 0
	quantity.valid(text)
	not quantity.positive(text)
}

_none := {
	"",
	" ",
	"-1",
	"lots",
	"$(CPU)",
	"1K",
	"1ki",
	"1mi",
	"1i",
	"1 Gi",
	"1Gi1",
	"1e",
	"1e3i",
	"1e1.5",
	"1.1.1",
	"1_000",
	"--1",
	"1\n",
	"x1",
}

test_none[text] if {
	some text in _none
	not quantity.valid(text)
	not quantity.positive(text)
	not quantity.nano(text)
}

# number of a manifest, amount
_numbers := [[1, 1000000000], [0.5, 500000000], [0, 0], [1e21, 1000000000000000000000000000000]]

test_number[i] if {
	some i, [number, want] in _numbers
	quantity.nano(number) == want
	count([1 | quantity.positive(number)]) == min([1, number * 10])
}

_digits(number) := concat("", ["1" | some _ in numbers.range(1, number)])

_texts(patterns) := [sprintf(pattern, [_digits(number)]) | some [pattern, number] in patterns]

# which mean nothing, but are quantities
test_too_long[text] if {
	some text in array.concat(_texts([["%s", 61], ["0.%s", 61]]), ["1e100", "1e-100"])
	quantity.valid(text)
	quantity.positive(text)
	not quantity.nano(text)
}

test_as_long_as_it_may_be[text] if {
	some text in array.concat(_texts([["%s", 60], ["0.%s", 60]]), ["1e99", "1e-99", "1e099"])
	quantity.nano(text) > 0
}
