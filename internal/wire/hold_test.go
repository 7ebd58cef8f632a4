package wire_test

import (
	"context"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"stormbus/internal/shape/sts"
	"stormbus/internal/wire"
)

// piecesListener counts the pieces in which answers leave.
type piecesListener struct {
	net.Listener
	pieces *atomic.Int64
}

func (l piecesListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &piecesConn{Conn: c, pieces: l.pieces}, err
}

type piecesConn struct {
	net.Conn
	pieces *atomic.Int64
	holds  bool
	held   []byte
}

func (c *piecesConn) Hold() { c.holds = true }

func (c *piecesConn) Release() error {
	c.holds = false
	held := c.held
	c.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := c.Write(held)
	return err
}

func (c *piecesConn) Write(p []byte) (int, error) {
	if c.holds {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	c.pieces.Add(1)
	return c.Conn.Write(p)
}

var _ wire.Holder = (*piecesConn)(nil)

func TestAnswersLeaveInOnePiece(t *testing.T) {
	t.Parallel()
	var size atomic.Int64
	server := httptest.NewUnstartedServer(wire.NewServer(wire.Config{Services: []wire.Service{{
		Model: sts.Model, Operations: []wire.Operation{
			wire.Op("GetCallerIdentity", func(context.Context, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
				return &sts.GetCallerIdentityOutput{Arn: new(strings.Repeat("x", int(size.Load())))}, nil
			}),
		},
	}}}))
	var pieces atomic.Int64
	server.Listener = piecesListener{server.Listener, &pieces}
	server.Config.ConnContext = wire.ConnContext
	server.Start()
	t.Cleanup(server.Close)
	for _, n := range []int64{0, 1000, 2500, 3500, 3900, 4096, 5000, 14_000, 60_000, 100_000} {
		size.Store(n)
		before := pieces.Load()
		resp := do(t, "POST", server.URL+"/?Action=GetCallerIdentity&Version=2011-06-15", nil)
		body, err := io.ReadAll(resp.Body)
		if err != nil || int64(strings.Count(string(body), "x")) < n || resp.ContentLength != int64(len(body)) {
			t.Fatalf("an answer of %d bytes: got %d, %v, Content-Length %d", n, len(body), err, resp.ContentLength)
		}
		if got := pieces.Load() - before; n <= 60_000 && got != 1 {
			t.Errorf("an answer with %d bytes left in %d pieces, want 1", n, got)
		}
	}
}
