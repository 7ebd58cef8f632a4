package tlsport

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"stormbus/internal/clock"
)

// recordHandshake is the first byte of TLS. No HTTP method begins with it.
const recordHandshake = 0x16

// Listen returns a listener of the connections to l. Those that begin as TLS
// does are *tls.Conn by config, whose handshake has not been made; the others
// are as they are. A connection that says nothing for as long as patience is
// closed, and keeps nobody else waiting. Closing it closes l.
func Listen(l net.Listener, config *tls.Config, patience time.Duration) net.Listener {
	s := &listener{
		Listener: l, config: config, patience: patience,
		ready: make(chan net.Conn), failed: make(chan error, 1), closed: make(chan struct{}), silent: map[net.Conn]struct{}{},
		buffers: sync.Pool{New: func() any { return new([]byte) }},
	}
	s.running.Go(s.run)
	return s
}

type listener struct {
	net.Listener
	config   *tls.Config
	patience time.Duration

	ready   chan net.Conn
	failed  chan error    // the listener's own end
	closed  chan struct{} // closed by Close
	once    sync.Once
	running sync.WaitGroup

	mu     sync.Mutex // guards silent
	silent map[net.Conn]struct{}

	buffers sync.Pool // *[]byte, of what connections hold back
}

// run accepts connections and waits for the first byte of each, on its own.
func (s *listener) run() {
	for {
		c, err := s.Listener.Accept()
		if err != nil {
			// Running out of descriptors passes: net/http waits and asks again.
			temporary, ok := errors.AsType[interface {
				error
				Temporary() bool
			}](err)
			if !s.tell(err) || !ok || !temporary.Temporary() {
				return
			}
			continue
		}
		if !s.watch(c) {
			_ = c.Close() // nobody has used it
			return
		}
		s.running.Go(func() { s.sniff(c) })
	}
}

// tell gives an error to Accept. It reports false once the listener is closed.
func (s *listener) tell(err error) bool {
	select {
	case s.failed <- err:
		return true
	case <-s.closed:
		return false
	}
}

// watch notes that nothing has come from c, so that Close can end it.
func (s *listener) watch(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return false
	default:
		s.silent[c] = struct{}{}
		return true
	}
}

func (s *listener) unwatch(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.silent, c)
}

// sniff waits for the first byte of c and hands c on.
func (s *listener) sniff(c net.Conn) {
	peeked := &peekedConn{Conn: c, buffers: &s.buffers}
	err := peeked.peek(s.patience)
	s.unwatch(c)
	if err != nil {
		_ = c.Close() // it has said nothing, or has gone
		return
	}
	conn := net.Conn(peeked)
	if peeked.first == recordHandshake {
		conn = tls.Server(conn, s.config)
	}
	select {
	case s.ready <- conn:
	case <-s.closed:
		_ = c.Close()
	}
}

// Accept returns the next connection that has said something.
func (s *listener) Accept() (net.Conn, error) {
	select {
	case c := <-s.ready:
		return c, nil
	case err := <-s.failed:
		return nil, err
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the listener, and the connections that have said nothing yet. It
// waits until nothing of it runs.
func (s *listener) Close() error {
	var err error
	s.once.Do(func() {
		err = s.Listener.Close()
		s.mu.Lock()
		close(s.closed)
		for c := range s.silent {
			_ = c.Close() // its reader notices
		}
		s.mu.Unlock()
	})
	s.running.Wait()
	return err
}

// peekedConn is a connection whose first byte was read.
type peekedConn struct {
	net.Conn
	first byte
	rest  bool // the first byte was given to a reader

	holds   bool    // what is written is held back
	held    *[]byte // that; nil if it is nothing
	buffers *sync.Pool
}

// peek reads the first byte, which must come soon.
func (c *peekedConn) peek(patience time.Duration) error {
	if err := c.SetReadDeadline(clock.Real().Now().Add(patience)); err != nil {
		return err
	}
	var b [1]byte
	if _, err := c.Conn.Read(b[:]); err != nil {
		return err
	}
	c.first = b[0]
	return c.SetReadDeadline(time.Time{})
}

// Read reads. It is for one goroutine at a time, as net/http and TLS do.
func (c *peekedConn) Read(p []byte) (int, error) {
	if c.rest || len(p) == 0 {
		return c.Conn.Read(p)
	}
	c.rest = true
	p[0] = c.first
	return 1, nil
}

// Hold keeps back what is written from now on. It is not for several writers at
// a time.
func (c *peekedConn) Hold() { c.holds = true }

// Release writes what was held back.
func (c *peekedConn) Release() error {
	c.holds = false
	if c.held == nil {
		return nil
	}
	held := c.held
	c.held = nil
	_, err := c.Conn.Write(*held)
	*held = (*held)[:0]
	c.buffers.Put(held)
	return err
}

// Write writes, or holds back.
func (c *peekedConn) Write(p []byte) (int, error) {
	if !c.holds {
		return c.Conn.Write(p)
	}
	if c.held == nil {
		c.held = c.buffers.Get().(*[]byte)
	}
	*c.held = append(*c.held, p...)
	return len(p), nil
}

// CloseWrite ends what is sent, so that the other side can read the last answer
// before the connection ends.
func (c *peekedConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}
