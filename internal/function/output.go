package function

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"time"
)

// output reads what a process writes.
//
// A runtime writes its output before it answers an invocation, so when the
// answer is here the output is in the pipe: drain reads until the pipe is
// empty, and nobody has to guess how long to wait.
type output struct {
	pipe *os.File
	emit func(record) // called by one goroutine at a time
	done chan struct{}
	dec  deframer

	// mu guards waiting: who is to be told when the pipe is empty.
	mu      sync.Mutex
	waiting []chan struct{}
}

// maxDrain bounds one drain. A pipe holds no more than this, so what was
// written before drain was called is read, even if a thread of the function
// writes on.
const maxDrain = 1 << 20

// readOutput starts to read the pipe, which it closes at its end.
func readOutput(pipe *os.File, emit func(record)) *output {
	o := &output{pipe: pipe, emit: emit, done: make(chan struct{})}
	go o.loop()
	return o
}

func (o *output) loop() {
	defer close(o.done)
	defer o.pipe.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := o.pipe.Read(buf)
		o.dec.write(buf[:n], o.emit)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = o.interrupted(buf)
		}
		if err != nil { // the end, or close
			o.dec.flush(o.emit)
			return
		}
	}
}

// interrupted answers the calls of drain. The deadline is lifted before the
// list is taken: a call that comes too late for the list sets it again.
func (o *output) interrupted(buf []byte) error {
	if err := o.pipe.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	o.mu.Lock()
	waiting := o.waiting
	o.waiting = nil
	o.mu.Unlock()
	err := readAvailable(o.pipe, buf, maxDrain, func(b []byte) { o.dec.write(b, o.emit) })
	for _, w := range waiting {
		close(w)
	}
	return err
}

// drain returns when all that the process had written before the call has been
// emitted.
func (o *output) drain() {
	w := make(chan struct{})
	o.mu.Lock()
	o.waiting = append(o.waiting, w)
	o.mu.Unlock()
	if err := o.pipe.SetReadDeadline(time.Unix(1, 0)); err != nil {
		<-o.done // the pipe is closed: its reader has come to the end, or is about to
		return
	}
	select {
	case <-w:
	case <-o.done:
	}
}

// close emits what there is, whether or not a process still has the other end
// of the pipe, and stops reading.
func (o *output) close() {
	o.drain()
	_ = o.pipe.SetReadDeadline(time.Time{}) // fails if it is closed already
	_ = o.pipe.Close()                      // as above
	<-o.done
}

// tail keeps the last bytes that were added to it.
type tail struct {
	limit int
	b     []byte
}

func (t *tail) add(b []byte) {
	t.b = append(t.b, b...)
	if len(t.b) > 2*t.limit {
		t.b = append(t.b[:0], t.b[len(t.b)-t.limit:]...)
	}
}

func (t *tail) bytes() []byte {
	return bytes.Clone(t.b[max(0, len(t.b)-t.limit):])
}

func (t *tail) reset() { t.b = t.b[:0] }
