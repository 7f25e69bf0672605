// Command yaml reads documents as kubectl does: an oracle for tests/collect/test_yaml_oracle.py.
//
// Standard input holds one JSON string per line, the text of a document. Standard output gets one
// JSON object per line, in the same order: {"ok": VALUE} or {"error": true}.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	OK    json.RawMessage `json:"ok,omitempty"`
	Error bool            `json:"error,omitempty"`
}

func main() {
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	for {
		var document string
		if err := in.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		value, err := yaml.YAMLToJSON([]byte(document))
		if err := answers.Encode(answer{OK: value, Error: err != nil}); err != nil {
			log.Fatal(err)
		}
		// The asker may wait for this answer before the next question.
		if err := out.Flush(); err != nil {
			log.Fatal(err)
		}
	}
}
