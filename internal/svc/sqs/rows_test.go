package sqs

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

func TestRows(t *testing.T) {
	t.Parallel()
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	private := cmp.AllowUnexported(message{}, state{}, stats{}, outgoing{})

	m := &message{
		id: "id", body: "body\x00é", bodyMD5: "b", attrsMD5: "a", sender: "s", trace: "t", group: "g", source: "q",
		sent: at(5), firstHidden: at(6), carried: 4, firstSeen: at(3),
		attributes: map[string]Attribute{"x": {DataType: "String", Text: "1"}, "y": {DataType: "Binary", Binary: []byte{0, 1}}},
	}
	m.cause, m.note = lineage.Cause{EventID: "e", Delivery: "d"}, "n"
	gotMessage, err := decodeMessage(m.encode())
	if diff := cmp.Diff(m, gotMessage, private); diff != "" || err != nil {
		t.Errorf("decodeMessage: %v (-want +got):\n%s", err, diff)
	}
	row := m.encode()
	stamp(row, at(100), at(200))
	fresh, sent, err := freshState(row)
	if want := (state{visible: at(200), early: at(100)}); fresh != want || !sent.Equal(at(100)) || err != nil {
		t.Errorf("freshState() = %v, %v, %v, want %v", fresh, sent, err, want)
	}

	st := state{visible: at(9), receives: 2, first: at(1), last: at(8), early: at(7)}
	gotState, err := decodeState(st.encode())
	if gotState != st || err != nil {
		t.Errorf("decodeState() = %v, %v, want %v", gotState, err, st)
	}
	for _, want := range []stats{{}, {deleted: true}, {next: 1, total: 2, oldest: 3, purged: at(4), due: at(5)}} {
		if got, err := decodeStats(want.encode()); got != want || err != nil {
			t.Errorf("decodeStats() = %v, %v, want %v", got, err, want)
		}
	}
	o := outgoing{target: "arn", state: st, message: row}
	gotOutgoing, err := decodeOutgoing(o.encode())
	if diff := cmp.Diff(o, gotOutgoing, private); diff != "" || err != nil {
		t.Errorf("decodeOutgoing: %v (-want +got):\n%s", err, diff)
	}
}

// A row that is cut anywhere, or longer than it should be, is damage.
func TestRowsDamaged(t *testing.T) {
	t.Parallel()
	m := &message{id: "id", body: "body", attributes: map[string]Attribute{"x": {DataType: "String", Text: "1"}}}
	decoders := map[string]struct {
		row    []byte
		decode func([]byte) error
	}{
		"message":  {m.encode(), func(b []byte) error { _, err := decodeMessage(b); return err }},
		"state":    {state{receives: 1}.encode(), func(b []byte) error { _, err := decodeState(b); return err }},
		"stats":    {stats{next: 1}.encode(), func(b []byte) error { _, err := decodeStats(b); return err }},
		"outgoing": {outgoing{target: "a", message: m.encode()}.encode(), func(b []byte) error { _, err := decodeOutgoing(b); return err }},
	}
	for name, d := range decoders {
		for n := range d.row {
			if err := d.decode(d.row[:n]); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("%s: first %d bytes: error = %v, want ErrDamaged", name, n, err)
			}
		}
		if err := d.decode(append(d.row, 0)); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: one byte more: error = %v, want ErrDamaged", name, err)
		}
	}
}

func FuzzDecodeRows(f *testing.F) {
	m := &message{id: "id", body: "body", attributes: map[string]Attribute{"x": {DataType: "String", Text: "1"}}}
	f.Add(m.encode())
	f.Add(state{receives: 1}.encode())
	f.Add(stats{next: 1}.encode())
	f.Add(outgoing{target: "a", message: m.encode()}.encode())
	f.Add([]byte{1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		// None may panic or take more memory than the row gives reason for.
		_, _ = decodeMessage(b)
		_, _ = decodeState(b)
		_, _ = decodeStats(b)
		_, _ = decodeOutgoing(b)
		_, _, _ = freshState(b)
	})
}
