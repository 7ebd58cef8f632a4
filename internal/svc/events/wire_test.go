package events

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/internal/wire/wiretest"
)

// TestWire runs what a client sends and is answered, each transcript against a
// service of its own.
func TestWire(t *testing.T) { wiretest.RunEach(t, newServer, "testdata/*.txtar") }

// TestEveryOperationHasATranscript: adding an operation is one method, one line
// and one transcript.
func TestEveryOperationHasATranscript(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, op := range (*Service)(nil).Operations() {
		if !strings.Contains(all.String(), "X-Amz-Target: AWSEvents."+op.Name()+"\n") {
			t.Errorf("no transcript calls %s", op.Name())
		}
	}
}
