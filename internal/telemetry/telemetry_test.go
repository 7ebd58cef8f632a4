package telemetry_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/telemetry"
)

func TestParseTrace(t *testing.T) {
	full := telemetry.Trace{Root: "1-46105bdf-04c13a9504458ebc539f5fba", Parent: "240a548a42a88af4", Sampled: "0", Lineage: "12326a9d:0"}
	for name, tc := range map[string]struct {
		header string
		want   telemetry.Trace
	}{
		"whole":        {"Root=1-46105bdf-04c13a9504458ebc539f5fba;Parent=240a548a42a88af4;Sampled=0;Lineage=12326a9d:0", full},
		"spaces":       {"Root=1-46105bdf-04c13a9504458ebc539f5fba; Parent=240a548a42a88af4; Sampled=0; Lineage=12326a9d:0", full},
		"encoded":      {"Root=1-46105bdf-04c13a9504458ebc539f5fba;Parent=240a548a42a88af4;Sampled=0;Lineage=a:1%7Cb:2", telemetry.Trace{Root: full.Root, Parent: full.Parent, Sampled: "0", Lineage: "a:1|b:2"}},
		"unknown keys": {"Self=1-67891234-12456789abcdef012345678;Root=1-a-b;X", telemetry.Trace{Root: "1-a-b", Rest: "Self=1-67891234-12456789abcdef012345678"}},
		"empty":        {"", telemetry.Trace{}},
		"bad escape":   {"Root=%zz", telemetry.Trace{Root: "%zz"}},
	} {
		if diff := cmp.Diff(tc.want, telemetry.ParseTrace(tc.header)); diff != "" {
			t.Errorf("%s: ParseTrace(%q) differs (-want +got):\n%s", name, tc.header, diff)
		}
	}
	if !telemetry.ParseTrace("").IsZero() {
		t.Error("an empty header is not the zero trace")
	}
}

func TestNewRootAndSpan(t *testing.T) {
	root, err := telemetry.NewRoot(bytes.NewReader(make([]byte, 12)), time.Unix(0x46105bdf, 0))
	if err != nil || root != "1-46105bdf-000000000000000000000000" {
		t.Errorf("NewRoot() = %q, %v", root, err)
	}
	span, err := telemetry.NewSpan(bytes.NewReader(make([]byte, 8)))
	if err != nil || span != "0000000000000000" {
		t.Errorf("NewSpan() = %q, %v", span, err)
	}
	if _, err := telemetry.NewSpan(strings.NewReader("")); err == nil {
		t.Error("NewSpan() without randomness succeeded, want an error")
	}
}

func TestRedacted(t *testing.T) {
	secret := telemetry.Redacted("hunter2")
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, "json", slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("signed in", "password", secret)
	fmt.Fprintf(&out, "%v %s %#v", secret, secret, secret)
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("the secret leaks: %s", out.String())
	}
}

func TestNewLoggerRefusesUnknownFormats(t *testing.T) {
	if _, err := telemetry.NewLogger(&bytes.Buffer{}, "xml", slog.LevelInfo); err == nil {
		t.Error("NewLogger(xml) succeeded, want an error")
	}
}

func FuzzParseTrace(f *testing.F) {
	f.Add("Root=1-46105bdf-04c13a9504458ebc539f5fba;Parent=240a548a42a88af4;Sampled=0;Lineage=12326a9d:0")
	f.Add("Root=%7C;;=;X=Y")
	f.Fuzz(func(t *testing.T, s string) {
		trace := telemetry.ParseTrace(s)
		if len(trace.String()) > 2*len(s)+16 {
			t.Errorf("ParseTrace(%q).String() = %q grows", s, trace.String())
		}
	})
}
