package board

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJSONSchema compares the schema with the file that is handed out.
func TestJSONSchema(t *testing.T) {
	t.Parallel()
	got := JSONSchema()
	if !json.Valid(got) {
		t.Fatalf("not JSON:\n%s", got)
	}
	const file = "testdata/storm.schema.json"
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got; write anew with -update):\n%s", diff)
	}
}
