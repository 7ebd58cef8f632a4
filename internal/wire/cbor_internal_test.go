package wire

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
)

// everything has a member of each kind.
type everything struct {
	S *string
	N *int64
	F *float64
	B *bool
	T *time.Time
	D []byte
	L []int64
	M map[string]string
	R *everything
}

func everythingPlan(t *testing.T) *plan {
	t.Helper()
	m := &shape.Service{Shapes: []shape.Shape{
		{Name: "Bool", Kind: shape.Boolean},
		{Name: "Bytes", Kind: shape.Blob},
		{Name: "Everything", Kind: shape.Structure, Members: []shape.Member{
			{Name: "S", Shape: "Text"},
			{Name: "N", Shape: "Long"},
			{Name: "F", Shape: "Float"},
			{Name: "B", Shape: "Bool"},
			{Name: "T", Shape: "Time"},
			{Name: "D", Shape: "Bytes"},
			{Name: "L", Shape: "List"},
			{Name: "M", Shape: "Map"},
			{Name: "R", Shape: "Everything"},
		}},
		{Name: "Float", Kind: shape.Double},
		{Name: "List", Kind: shape.List, Elem: "Long"},
		{Name: "Long", Kind: shape.Long},
		{Name: "Map", Kind: shape.Map, Key: "Text", Elem: "Text"},
		{Name: "Text", Kind: shape.String},
		{Name: "Time", Kind: shape.Timestamp},
	}}
	p, err := newPlanner(m).plan("Everything", reflect.TypeFor[everything]())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCBORDecode(t *testing.T) {
	t.Parallel()
	p := everythingPlan(t)
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, body string
		want       everything
	}{
		{"no body", "", everything{}},
		{"empty", "\xa0", everything{}},
		{"endless empty", "\xbf\xff", everything{}},
		{"null and undefined", "\xa2aS\xf6aN\xf7", everything{}},
		{"unknown", "\xa2ax\x01ay\x9f\x01\xa1\x01\x02\xc1\xf9\x00\x00\x5f\x41a\xff\xf5\xff", everything{}},
		{"text in parts", "\xa1aS\x7faabbc\xff", everything{S: new("abc")}},
		{"8 bits", "\xa1aN\x18\xff", everything{N: new(int64(255))}},
		{"16 bits", "\xa1aN\x39\x01\x00", everything{N: new(int64(-257))}},
		{"32 bits", "\xa1aN\x1a\x00\x00\x00\x01", everything{N: new(int64(1))}},
		{"64 bits", "\xa1aN\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", everything{N: new(int64(math.MaxInt64))}},
		{"least", "\xa1aN\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", everything{N: new(int64(math.MinInt64))}},
		{"whole float", "\xa1aN\xf9\x42\x00", everything{N: new(int64(3))}},
		{"half", "\xa1aF\xf9\x3e\x00", everything{F: new(1.5)}},
		{"least half", "\xa1aF\xf9\x00\x01", everything{F: new(math.Ldexp(1, -24))}},
		{"infinite half", "\xa1aF\xf9\xfc\x00", everything{F: new(math.Inf(-1))}},
		{"single", "\xa1aF\xfa\x3f\xc0\x00\x00", everything{F: new(1.5)}},
		{"double", "\xa1aF\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00", everything{F: new(1.5)}},
		{"integer as float", "\xa1aF\x20", everything{F: new(-1.0)}},
		{"bool", "\xa1aB\xf5", everything{B: new(true)}},
		{"time", "\xa1aT\xc1\x1a\x6b\x04\x0e\xa0", everything{T: &at}},
		{"time without a tag", "\xa1aT\x1a\x6b\x04\x0e\xa0", everything{T: &at}},
		{"bytes", "\xa1aD\x5f\x41a\x42bc\xff", everything{D: []byte("abc")}},
		{"no bytes", "\xa1aD\x40", everything{D: []byte{}}},
		{"list", "\xa1aL\x9f\x01\x02\xff", everything{L: []int64{1, 2}}},
		{"map", "\xa1aM\xbfaaab\xff", everything{M: map[string]string{"a": "b"}}},
		{"nested", "\xa1aR\xa1aR\xa1aN\x01", everything{R: &everything{R: &everything{N: new(int64(1))}}}},
	} {
		var got everything
		found, err := decodeCBOR([]byte(test.body), p, reflect.ValueOf(&got).Elem())
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v, found %v", test.name, err, found)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
		// What is written is read as the same.
		var again everything
		written := appendCBOR(nil, p, reflect.ValueOf(&got).Elem())
		if _, err := decodeCBOR(written, p, reflect.ValueOf(&again).Elem()); err != nil || !cmp.Equal(got, again) {
			t.Errorf("%s: written %x, %v, read %+v", test.name, written, err, again)
		}
	}
}

func TestCBORRefuses(t *testing.T) {
	t.Parallel()
	p := everythingPlan(t)
	for _, test := range []struct{ name, body, want string }{
		{"a list", "\x80", "an array at '' can not be converted"},
		{"two values", "\xa0\xa0", "unexpected byte 0xa0 at offset 1"},
		{"cut off", "\xa1", "unexpected end at offset 1"},
		{"a long text", "\xa1aS\x7b\x7f\xff\xff\xff\xff\xff\xff\xff", "unexpected end"},
		{"a long list", "\xa1aL\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01", "unexpected end"},
		{"not UTF-8", "\xa1aS\x61\xff", "a string that is not UTF-8"},
		{"parts of another kind", "\xa1aS\x7f\x41a\xff", "a part of a string that is no string"},
		{"a number as a key", "\xa1\x01\x01", "a key that is not a text"},
		{"reserved", "\xa1aN\x1c", "unexpected byte 0x1c"},
		{"break", "\xa1aN\xff", "unexpected break"},
		{"a text for a number", "\xa1aNax", "a text at 'n' can not be converted to an Long"},
		{"too large", "\xa1aN\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "can not be converted to an Long"},
		{"no time", "\xa1aT\xf9\x7e\x00", "can not be converted to an Timestamp"},
		{"deep", "\xa1ax" + strings.Repeat("\x81", 100000), "nesting is deeper than 512 levels"},
		{"deep in members", strings.Repeat("\xa1aR", 100000), "nesting is deeper than 512 levels"},
	} {
		var got everything
		_, err := decodeCBOR([]byte(test.body), p, reflect.ValueOf(&got).Elem())
		var told *Error
		var bad *malformed
		if !errors.As(err, &told) && !errors.As(err, &bad) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
	}
	var got everything
	found, err := decodeCBOR([]byte("\xa1aL\x82\x01\xf6"), p, reflect.ValueOf(&got).Elem())
	if err != nil || len(found) != 1 || !strings.Contains(found[0], "null at 'l.2.member'") {
		t.Errorf("null in a list: %v, found %q", err, found)
	}
}

func TestXMLRefuses(t *testing.T) {
	t.Parallel()
	p := everythingPlan(t)
	for _, body := range []string{
		"text", "<a>", "<a/><b/>", "<a></b>", "<a><S><x/></S></a>", "<a><N>x</N></a>", "<a>&unknown;</a>", "<!DOCTYPE a><a/>",
		`<?xml version="1.0" encoding="latin1"?><a/>`, "<a>" + strings.Repeat("<R>", 100000), "<a>" + strings.Repeat("<x>", 100000),
	} {
		var got everything
		err := decodeXML([]byte(body), p, reflect.ValueOf(&got).Elem())
		if e := (*Error)(nil); !errors.As(err, &e) || e.Code != "MalformedXML" {
			t.Errorf("%.40s: error %v", body, err)
		}
	}
}
