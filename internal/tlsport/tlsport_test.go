package tlsport_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/clock"
	"stormbus/internal/tlsport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func authority(t *testing.T, dir string) *tlsport.Authority {
	t.Helper()
	a, err := tlsport.Open(dir, clock.Real())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serve serves the names that end with localhost, and addresses. It returns the
// port.
func serve(t *testing.T, a *tlsport.Authority, patience time.Duration) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	allowed := func(name string) bool { return strings.HasSuffix(name, "localhost") || net.ParseIP(name) != nil }
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			scheme := "http"
			if r.TLS != nil {
				scheme = "https"
			}
			_, _ = io.WriteString(w, r.Proto+" "+scheme+" "+r.Host) // the client sees what is missing
		}),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	done := make(chan error)
	go func() { done <- server.Serve(tlsport.Listen(l, a.Config(allowed), patience)) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve = %v", err)
		}
	})
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// client trusts an authority, and finds every name on this machine.
func client(t *testing.T, a *tlsport.Authority, port string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(a.File())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the authority has no certificate")
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestOnePort(t *testing.T) {
	t.Parallel()
	a := authority(t, filepath.Join(t.TempDir(), "tls"))
	port := serve(t, a, time.Minute)
	c := client(t, a, port)
	for _, host := range []string{"localhost", "127.0.0.1", "cinema.s3.eu-west-1.localhost", "LOCALHOST"} {
		for scheme, proto := range map[string]string{"http": "HTTP/1.1", "https": "HTTP/2.0"} {
			got, err := get(t, c, scheme+"://"+host+":"+port+"/")
			if want := proto + " " + scheme + " " + host + ":" + port; err != nil || !strings.EqualFold(got, want) {
				t.Errorf("%s://%s: %q, %v, want %q", scheme, host, got, err, want)
			}
		}
	}
	if got, err := get(t, c, "https://example.com:"+port+"/"); err == nil {
		t.Errorf("a name that is not allowed answers %q", got)
	}
}

// TestAuthorityIsKept finds the same authority again, and its key where nobody
// else may read it.
func TestAuthorityIsKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tls")
	port := serve(t, authority(t, dir), time.Minute)
	again := authority(t, dir)
	if _, err := get(t, client(t, again, port), "https://localhost:"+port+"/"); err != nil {
		t.Errorf("the authority is another one: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for file, want := range map[string]fs.FileMode{"": 0o700 | fs.ModeDir, "ca-key.pem": 0o600} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Mode() != want {
			t.Errorf("%q has mode %v, %v, want %v", file, info.Mode(), err, want)
		}
	}
}

// TestStrangersAreRefused has clients that do not trust the authority.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	port := serve(t, authority(t, t.TempDir()), time.Minute)
	other := authority(t, t.TempDir())
	if got, err := get(t, client(t, other, port), "https://localhost:"+port+"/"); err == nil {
		t.Errorf("another authority is as good: %q", got)
	}
}

func TestBrokenAuthority(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, dir string){
		"no certificate in it": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "ca.pem"), "x") },
		"no key in it":         func(t *testing.T, dir string) { write(t, filepath.Join(dir, "ca-key.pem"), "x") },
		"the key of another": func(t *testing.T, dir string) {
			other := filepath.Dir(authority(t, t.TempDir()).File())
			key, err := os.ReadFile(filepath.Join(other, "ca-key.pem"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "ca-key.pem"), string(key))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			authority(t, dir)
			damage(t, dir)
			if _, err := tlsport.Open(dir, clock.Real()); err == nil || !strings.Contains(err.Error(), "remove the directory to have a new one made") {
				t.Errorf("Open = %v, want what to do", err)
			}
		})
	}
	dir := t.TempDir()
	authority(t, dir)
	if _, err := tlsport.Open(dir, clock.NewVirtual(clock.Real().Now().AddDate(11, 0, 0))); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("Open of an old authority = %v", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestManyNames asks for more names than are kept, and for the first again.
func TestManyNames(t *testing.T) {
	t.Parallel()
	a := authority(t, t.TempDir())
	config := a.Config(func(string) bool { return true })
	one, other := net.Pipe()
	defer one.Close()
	defer other.Close()
	ask := func(name string) *tls.Certificate {
		c, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: name, Conn: one})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := ask("a.localhost")
	if ask("A.localhost.") != first {
		t.Error("a certificate is not given out twice")
	}
	for i := range 300 {
		ask(strings.Repeat("b", i%60+1) + "." + strings.Repeat("c", i/60+1) + ".localhost")
	}
	if ask("a.localhost") == first {
		t.Error("a certificate that was not used for long is still kept")
	}
}

// TestRenewal issues a new certificate before the old one ends.
func TestRenewal(t *testing.T) {
	t.Parallel()
	now := clock.NewVirtual(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	a, err := tlsport.Open(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	config := a.Config(func(string) bool { return true })
	ends := func() time.Time {
		c, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: "localhost"})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return parsed.NotAfter
	}
	first := ends()
	now.Advance(61 * 24 * time.Hour)
	if second := ends(); !second.After(first) || second.Before(now.Now()) {
		t.Errorf("it ends %v, and after 61 days %v", first, second)
	}
}

// TestSilence has connections that say nothing: they are closed after a while,
// and others are served meanwhile.
func TestSilence(t *testing.T) {
	t.Parallel()
	a := authority(t, t.TempDir())
	port := serve(t, a, 200*time.Millisecond)
	silent := make([]net.Conn, 20)
	for i := range silent {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent[i] = c
	}
	if _, err := get(t, client(t, a, port), "http://localhost:"+port+"/"); err != nil {
		t.Error(err)
	}
	for _, c := range silent {
		if err := c.SetReadDeadline(clock.Real().Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("a silent connection ended with %v, want io.EOF", err)
		}
	}
}

// TestSlowly sends a request byte by byte.
func TestSlowly(t *testing.T) {
	t.Parallel()
	port := serve(t, authority(t, t.TempDir()), time.Minute)
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, b := range []byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") {
		if _, err := c.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("answer %q, %v", line, err)
	}
}

// TestClose closes a listener with connections that say nothing.
func TestClose(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	both := tlsport.Listen(l, authority(t, t.TempDir()).Config(func(string) bool { return true }), time.Hour)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := both.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := both.Close(); err != nil {
		t.Errorf("Close again = %v", err)
	}
	if _, err := both.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept = %v, want net.ErrClosed", err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}

// TestHold writes in pieces what is to arrive in one.
func TestHold(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe() // where each Write is one Read
	l := tlsport.Listen(&oneConn{conn: here, closed: make(chan struct{})}, nil, time.Minute)
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	go func() { _, _ = there.Write([]byte("G")) }() // Accept notices if it fails
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	held := c.(interface {
		Hold()
		Release() error
	})
	got := make(chan string)
	go func() {
		b := make([]byte, 64)
		for {
			n, err := there.Read(b)
			if err != nil {
				close(got)
				return
			}
			got <- string(b[:n])
		}
	}()
	for range 2 { // the second time with a buffer that was used
		held.Hold()
		for _, piece := range []string{"a", "b", "c"} {
			if n, err := c.Write([]byte(piece)); n != 1 || err != nil {
				t.Fatalf("Write = %d, %v", n, err)
			}
		}
		released := make(chan error, 1)
		go func() { released <- held.Release() }()
		if s := <-got; s != "abc" {
			t.Errorf("%q arrived, want all in one piece", s)
		}
		if err := <-released; err != nil {
			t.Error(err)
		}
		if err := held.Release(); err != nil { // of nothing
			t.Error(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, more := <-got; more {
		t.Error("more arrived than was written")
	}
	held.Hold()
	if _, err := c.Write([]byte("d")); err != nil {
		t.Error(err)
	}
	if err := held.Release(); err == nil {
		t.Error("Release of a closed connection tells no error")
	}
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *oneConn) Accept() (c net.Conn, err error) {
	l.once.Do(func() { c = l.conn })
	if c == nil {
		<-l.closed
		return nil, net.ErrClosed
	}
	return c, nil
}

func (l *oneConn) Close() error {
	close(l.closed)
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

func BenchmarkHandshake(b *testing.B) {
	a, err := tlsport.Open(b.TempDir(), clock.Real())
	if err != nil {
		b.Fatal(err)
	}
	config := a.Config(func(string) bool { return true })
	for b.Loop() {
		one, other := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- tls.Server(one, config).Handshake() }()
		// What is measured is the server's side, so the client trusts anyone.
		if err := tls.Client(other, &tls.Config{ServerName: "localhost", InsecureSkipVerify: true}).Handshake(); err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(<-done, one.Close(), other.Close()); err != nil {
			b.Fatal(err)
		}
	}
}
