package event_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"stormbus/internal/event"
)

func TestNewIDs(t *testing.T) {
	random := strings.Repeat("\x00", 16) + strings.Repeat("\xff", 16) + "0123456789abcdef"
	ids, err := event.NewIDs(strings.NewReader(random), 3)
	if err != nil {
		t.Fatal(err)
	}
	source := strings.NewReader(random)
	for i, got := range ids {
		want, err := uuid.NewRandomFromReader(source)
		if err != nil || got != want.String() {
			t.Errorf("id %d = %s, want %s (%v)", i, got, want, err)
		}
	}
	if _, err := event.NewIDs(strings.NewReader(random), 4); err == nil {
		t.Error("NewIDs() with too little randomness succeeded, want an error")
	}
}
