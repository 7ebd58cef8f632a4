package lineage

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var at = time.Date(2026, 11, 23, 10, 0, 0, 123456000, time.UTC)

// full returns a record in which no field is zero.
func full(t testing.TB) Record {
	r := Record{Matches: []Match{
		{Rule: "arn:aws:events:eu-west-1:1:rule/a", Deliveries: []Handover{{"d1", "t1"}, {"d2", "t2"}}},
		{Rule: "arn:aws:events:eu-west-1:1:rule/" + string(make([]byte, 200))},
	}}
	v := reflect.ValueOf(&r).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(at.Add(time.Duration(i) * time.Hour)))
		case []Match:
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString(v.Type().Field(i).Name + " ü\x00")
			case reflect.Int, reflect.Int64:
				f.SetInt(int64(i) * 1_000_003)
			case reflect.Uint8:
				f.SetUint(uint64(Published))
			case reflect.Bool:
				f.SetBool(true)
			default:
				t.Fatalf("field %s: extend the test", v.Type().Field(i).Name)
			}
		}
	}
	return r
}

// TestRecordIsBounded: a function says what it likes of its errors.
func TestRecordIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxForeign-1) + strings.Repeat("ü", 1<<20)
	row := appendRecord(nil, &Record{Kind: Invoked, Code: long, Message: long}, at)
	if len(row) > 2*maxForeign+100 {
		t.Errorf("the row has %d bytes", len(row))
	}
	got, err := parseRecord(row)
	if want := strings.Repeat("x", maxForeign-1); err != nil || got.Code != want || got.Message != want {
		t.Errorf("code %q, message %q, %v; want their beginning", got.Code, got.Message, err)
	}
}

func TestRecordKeepsEveryField(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Record{
		"full":   full(t),
		"sparse": {Time: at, Kind: Delivered, Delivery: "d"},
		"before 1970": {
			Time: time.UnixMicro(-5).UTC(), Kind: Published, EventTime: time.UnixMicro(-1).UTC(),
		},
	} {
		got, err := parseRecord(appendRecord(nil, &want, want.Time))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestRecordOfANewerWriter(t *testing.T) {
	t.Parallel()
	want := Record{Time: at, Kind: Delivered, Delivery: "d"}
	row := appendRecord(nil, &want, at)
	row = append(row, 200, 3, 'n', 'e', 'w')
	got, err := parseRecord(row)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("a field that is not known yet: err %v (-want +got)\n%s", err, diff)
	}
	row[0] = recordVersion + 1
	if _, err := parseRecord(row); err == nil {
		t.Error("a version that is not known: no error")
	}
}

func FuzzParseRecord(f *testing.F) {
	r := full(f)
	row := appendRecord(nil, &r, at)
	f.Add(row)
	for i := range row {
		if i%7 == 0 {
			f.Add(row[:i])
		}
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		r, err := parseRecord(row)
		if err != nil {
			return
		}
		// What was read is written back so that it reads the same.
		again, err := parseRecord(appendRecord(nil, &r, r.Time))
		if err != nil {
			t.Fatalf("read back: %v", err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Errorf("(-first +again)\n%s", diff)
		}
	})
}

func FuzzParseRows(f *testing.F) {
	f.Add([]byte(closedPrefix+"12345678"), append([]byte{1}, make([]byte, 8)...))
	f.Add([]byte(currentKey), current{bucket: 1, next: 2, total: 3}.append(nil))
	for kind := Published; kind <= Received; kind++ {
		f.Add([]byte("x"), appendSpanRow(nil, &Record{Kind: kind, EventID: "e", MessageID: "m", Span: "s", Queue: "q"}, at))
	}
	f.Fuzz(func(t *testing.T, k, v []byte) {
		if c, err := parseCurrent(v); err == nil && !bytes.Equal(c.append(nil), v) {
			t.Errorf("current %x is written as %x", v, c.append(nil))
		}
		if r, err := parseSpanRow(v); err == nil {
			again, err := parseSpanRow(appendSpanRow(nil, &r, r.Time))
			if diff := cmp.Diff(r.EventID+r.MessageID, again.EventID+again.MessageID); diff != "" || err != nil {
				t.Errorf("span row %x: %v (-first +again)\n%s", v, err, diff)
			}
		}
		if c, err := parseClosed(k, v); err == nil && !bytes.Equal(closedKey(c.bucket)[len(closedPrefix):], k[len(closedPrefix):]) {
			t.Errorf("closed %x is written as %x", k, closedKey(c.bucket))
		}
	})
}
