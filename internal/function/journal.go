package function

import (
	"bytes"
	"sync"
	"time"
)

// tailSize is how much of the log an invocation returns.
const tailSize = 4 << 10

// journal is the log of one environment: what its process writes, and the
// lines of the platform around each invocation.
type journal struct {
	env  *environment
	sink func(Entry) // may be nil

	// mu guards what follows.
	mu        sync.Mutex
	requestID string
	tail      tail
	line      []byte // plain output that does not end in a newline yet
}

func newJournal(e *environment, sink func(Entry)) *journal {
	return &journal{env: e, sink: sink, tail: tail{limit: tailSize}}
}

// begin is called before an invocation. What initialization wrote is part of
// the log of the invocation that caused it.
func (j *journal) begin(requestID string, cold bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requestID = requestID
	if !cold {
		j.tail.reset()
	}
}

// record adds output of the process. A framed record is one entry, plain
// output is one entry for each line.
func (j *journal) record(r record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.framed {
		j.endLine()
		j.tail.add(r.text)
		if !bytes.HasSuffix(r.text, []byte{'\n'}) {
			j.tail.add([]byte{'\n'})
		}
		j.emit(r.at, r.text)
		return
	}
	j.tail.add(r.text)
	for line := range bytes.Lines(r.text) {
		j.line = append(j.line, line...)
		if line[len(line)-1] == '\n' || len(j.line) > maxLine {
			j.emit(time.Time{}, j.line)
			j.line = j.line[:0]
		}
	}
}

// maxLine bounds a line of plain output; a longer one becomes several entries.
const maxLine = 256 << 10

// say adds a line of the platform.
func (j *journal) say(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.endLine()
	j.tail.add([]byte(line + "\n"))
	j.emit(time.Time{}, []byte(line))
}

// end returns the end of the log of the invocation that is over.
func (j *journal) end() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tail.bytes()
}

// close emits what is held back.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.endLine()
}

// endLine makes what comes next begin on a line of its own. j.mu must be held.
func (j *journal) endLine() {
	if len(j.line) == 0 {
		return
	}
	j.tail.add([]byte{'\n'})
	j.emit(time.Time{}, j.line)
	j.line = j.line[:0]
}

// emit tells the sink. j.mu must be held.
func (j *journal) emit(at time.Time, text []byte) {
	if j.sink == nil {
		return
	}
	e := j.env
	if at.IsZero() {
		at = e.pool.host.Now()
	}
	j.sink(Entry{
		Function: e.spec.ARN, Version: e.spec.Version, Stream: e.stream, RequestID: j.requestID,
		Time: at, Text: string(bytes.TrimSuffix(text, []byte{'\n'})),
	})
}
