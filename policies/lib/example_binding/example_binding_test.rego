package lib.example_binding_test

import data.lib.example_binding

test_rule if example_binding.rule(["get"], ["pods"]).verbs == ["get"]

test_pair if example_binding.pair({"rule": 0}, {"rule": 1}).second == {"rule": 1}

test_what_can_be_done if startswith(example_binding.can("read secrets"), "User alice can read secrets in namespace shop")
