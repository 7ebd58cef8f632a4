package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// rawConn speaks just as much HTTP as stormbus answers with, on one connection:
// where client and server share two cores, a whole client would be most of what
// is measured. It is not safe for concurrent use.
type rawConn struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte // of the last answer
}

// dialRaw connects to the server at url. The connection is closed when the
// benchmark ends.
func dialRaw(b *testing.B, url string) *rawConn {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := conn.Close(); err != nil {
			b.Error(err)
		}
	})
	return &rawConn{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}
}

// post makes a whole request of head, which is all of its head but the length,
// and body.
func post(into []byte, head string, body []byte) []byte {
	into = strconv.AppendInt(append(append(into, head...), "Content-Length: "...), int64(len(body)), 10)
	return append(append(into, "\r\n\r\n"...), body...)
}

// do sends a whole request and returns the answer's body, which the next call
// overwrites.
func (c *rawConn) do(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	status, length, err := c.head()
	if err != nil {
		return nil, err
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	if _, err := io.ReadFull(c.in, c.body); err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("HTTP %d: %s", status, c.body)
	}
	return c.body, nil
}

var contentLength = []byte("Content-Length: ")

// head reads the head of an answer.
func (c *rawConn) head() (status, length int, err error) {
	length = -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		line = bytes.TrimSuffix(line, []byte("\r\n"))
		switch {
		case status == 0:
			if len(line) < 12 {
				return 0, 0, fmt.Errorf("status line %q", line)
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, 0, err
			}
		case len(line) == 0:
			if length < 0 {
				return 0, 0, errors.New("an answer without a length")
			}
			return status, length, nil
		case bytes.HasPrefix(line, contentLength):
			if length, err = strconv.Atoi(string(line[len(contentLength):])); err != nil {
				return 0, 0, err
			}
		}
	}
}
