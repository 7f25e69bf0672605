package lib.byte_size_test

import data.lib.byte_size

_sizes := {
	"0": 0,
	"0B": 0,
	"1B": 1,
	"1.9B": 1,
	"1KB": 1024,
	"1KiB": 1024,
	"1MB": 1048576,
	"1GB": 1073741824,
	"1TB": 1099511627776,
	"1PB": 1125899906842624,
	"1EB": 1152921504606846976,
	"7.5EiB": 8646911284551352320,
	"1.5GiB": 1610612736,
	".5KB": 512,
	"1.KB": 1024,
	"0050GB": 53687091200,
	"1GB512MB": 1610612736,
	"1GiB512MiB": 1610612736,
	"1GB1B": 1073741825,
	"1GiB1B": 1073741825,
	"9007199254740993B": 9007199254740993,
	"7EB1023PB1023TB1023GB1023MB1023KB1023B": 9223372036854775807,
}

test_size[text] if {
	some text, want in _sizes
	byte_size.prometheus(text) == want
}

test_no_size[text] if {
	some text in ["", "B", "1", "50G", "50Gi", "1kB", "1gb", "1 GB", "-1GB", "x1GB", "1GBx", "1..5GB", ".GB", "1GiB512MB", "8EB", "$(A)"]
	not byte_size.prometheus(text)
}
