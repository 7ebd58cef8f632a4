package sqs

import (
	"strings"
	"testing"
)

func TestHandle(t *testing.T) {
	t.Parallel()
	h := handle{queue: 7, seq: 1 << 40, receive: 3}
	text := h.String()
	if got, ok := parseHandle(text); !ok || got != h {
		t.Errorf("parseHandle(%q) = %v, %v, want %v", text, got, ok, h)
	}
	next := h
	next.receive++
	if next.String() == text {
		t.Error("two receives of a message have the same receipt handle")
	}
	bad := map[string]string{
		"empty":        "",
		"text":         "garbage",
		"not base64":   strings.Repeat("?", len(text)),
		"one changed":  "B" + text[1:],
		"last changed": text[:len(text)-1] + "A",
		"cut":          text[:len(text)-4],
		"longer":       text + "AAAA",
	}
	for name, s := range bad {
		if got, ok := parseHandle(s); ok {
			t.Errorf("%s: parseHandle(%q) = %v, want none", name, s, got)
		}
	}
}

func FuzzParseHandle(f *testing.F) {
	f.Add("")
	f.Add("AQAAAAcAAAEAAAAAAAAAAAMAAAAA")
	f.Add(handle{queue: 1, seq: 2, receive: 3}.String())
	f.Fuzz(func(t *testing.T, s string) {
		if h, ok := parseHandle(s); ok && h.String() != s {
			t.Errorf("parseHandle(%q) = %v, which is written %q", s, h, h.String())
		}
	})
}
