package function

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// frame makes a frame as a runtime does.
func frame(kind byte, text string) string {
	b := []byte{0xA5, 0x5A, 0x00, kind}
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	b = binary.BigEndian.AppendUint64(b, uint64(time.UnixMilli(1_700_000_000_123).UnixMicro()))
	return string(b) + text
}

// collect takes the frames out of pieces of output. A framed record becomes
// "[text]", neighbouring pieces of plain output one.
func collect(pieces ...string) string {
	var d deframer
	var out strings.Builder
	emit := func(r record) {
		if r.framed {
			out.WriteString("[" + string(r.text) + "]")
			return
		}
		out.Write(r.text)
	}
	for _, p := range pieces {
		d.write([]byte(p), emit)
	}
	d.flush(emit)
	return out.String()
}

func TestDeframer(t *testing.T) {
	t.Parallel()
	huge := "\xa5\x5a\x00\x03\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00"
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"plain", "one\ntwo\n", "one\ntwo\n"},
		{"frame", frame(0x03, "a\nb\n"), "[a\nb\n]"},
		{"empty frame", frame(0x17, ""), "[]"},
		{"mixed", "x" + frame(0x03, "a") + frame(0x1a, "b") + "y" + frame(0x0f, "c"), "x[a][b]y[c]"},
		{"bytes that begin like a frame", "\xa5 \xa5\x5a \xa5\x5a\x01 å", "\xa5 \xa5\x5a \xa5\x5a\x01 å"},
		{"a beginning at the end", "x\xa5\x5a", "x\xa5\x5a"},
		{"unknown type", "\xa5\x5a\x00\x04" + strings.Repeat("\x00", 12) + "x", "\xa5\x5a\x00\x04" + strings.Repeat("\x00", 12) + "x"},
		{"impossible size", huge + "x", huge + "x"},
		{"broken off", frame(0x03, "abc")[:17], frame(0x03, "abc")[:17]},
		{"broken off in the head", frame(0x03, "abc")[:9], frame(0x03, "abc")[:9]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, collect(tt.in)); diff != "" {
				t.Errorf("in one piece (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, collect(strings.Split(tt.in, "")...)); diff != "" && !strings.Contains(tt.in, "å") {
				t.Errorf("byte by byte (-want +got):\n%s", diff)
			}
			for i := range tt.in {
				if diff := cmp.Diff(tt.want, collect(tt.in[:i], tt.in[i:])); diff != "" {
					t.Errorf("cut at %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
	var d deframer
	d.write([]byte(frame(0x03, "a")), func(r record) {
		if want := time.UnixMilli(1_700_000_000_123); !r.at.Equal(want) {
			t.Errorf("time = %v, want %v", r.at, want)
		}
	})
}

func FuzzDeframer(f *testing.F) {
	f.Add([]byte("plain\n"), 3)
	f.Add([]byte("x"+frame(0x03, "a")+"\xa5\x5a"), 5)
	f.Fuzz(func(t *testing.T, in []byte, at int) {
		at = max(0, min(at, len(in)))
		if a, b := collect(string(in)), collect(string(in[:at]), string(in[at:])); a != b {
			t.Errorf("in one piece %q, cut at %d %q", a, at, b)
		}
		// Without heads every byte comes out, in order.
		var d deframer
		var out []byte
		emit := func(r record) { out = append(out, r.text...) }
		d.write(in, emit)
		d.flush(emit)
		if len(out) > len(in) || !bytes.Contains(in, frameMagic) && !bytes.Equal(in, out) {
			t.Errorf("%q became %q", in, out)
		}
	})
}

func TestReport(t *testing.T) {
	t.Parallel()
	tests := []struct {
		report report
		want   string
	}{
		{
			report{requestID: "r", duration: 1230 * time.Microsecond, init: 100 * time.Millisecond, memoryMB: 128, mostMB: 36},
			"REPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 100.00 ms\t",
		},
		{
			report{requestID: "r", duration: 2 * time.Millisecond, memoryMB: 256},
			"REPORT RequestId: r\tDuration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: 256 MB\t",
		},
		{
			report{requestID: "r", duration: time.Second, memoryMB: 128, mostMB: 9, status: "timeout", errorType: "Sandbox.Timedout"},
			"REPORT RequestId: r\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tMax Memory Used: 9 MB\tStatus: timeout\t",
		},
		{
			report{requestID: "r", memoryMB: 128, status: "error", errorType: "Runtime.ExitError"},
			"REPORT RequestId: r\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tStatus: error\tError Type: Runtime.ExitError\t",
		},
	}
	for _, tt := range tests {
		if got := tt.report.String(); got != tt.want {
			t.Errorf("report = %q, want %q", got, tt.want)
		}
	}
}
