package tlsport

import (
	"container/list"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// How long a certificate is good for, and how long it is given out. Clients
// refuse those that are good for more than 825 days.
const (
	leafTime  = 90 * 24 * time.Hour
	leafRenew = 60 * 24 * time.Hour
)

// maxLeaves is how many certificates are kept. Clients may ask for any name
// below localhost.
const maxLeaves = 256

// leaves keeps the certificates that were used last.
type leaves struct {
	mu     sync.Mutex // guards what follows
	byName map[string]*list.Element
	order  *list.List // of *leaf, the one that was used last is in front
}

type leaf struct {
	name        string
	certificate *tls.Certificate
	renew       time.Time
}

func newLeaves() leaves { return leaves{byName: map[string]*list.Element{}, order: list.New()} }

// Config returns how to speak TLS: with a certificate for the name that the
// client asks for, or for the address that it connected to. A name that allowed
// does not report is refused. HTTP/2 is offered.
func (a *Authority) Config(allowed func(name string) bool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
			if name == "" { // addresses are not named
				host, _, err := net.SplitHostPort(hello.Conn.LocalAddr().String())
				if err != nil {
					return nil, err
				}
				name, _, _ = strings.Cut(host, "%") // without the zone
			}
			if !allowed(name) {
				return nil, fmt.Errorf("the host name %q is not served here", name)
			}
			return a.certificateFor(name)
		},
	}
}

// certificateFor returns the certificate for a name or an address.
func (a *Authority) certificateFor(name string) (*tls.Certificate, error) {
	a.leaves.mu.Lock()
	defer a.leaves.mu.Unlock()
	now := a.clock.Now()
	if e := a.leaves.byName[name]; e != nil {
		if kept := e.Value.(*leaf); now.Before(kept.renew) {
			a.leaves.order.MoveToFront(e)
			return kept.certificate, nil
		}
		a.leaves.drop(e)
	}
	certificate, err := a.issue(name, now)
	if err != nil {
		return nil, fmt.Errorf("issue a certificate for %q: %w", name, err)
	}
	a.leaves.byName[name] = a.leaves.order.PushFront(&leaf{name, certificate, now.Add(leafRenew)})
	if a.leaves.order.Len() > maxLeaves {
		a.leaves.drop(a.leaves.order.Back())
	}
	return certificate, nil
}

func (l *leaves) drop(e *list.Element) {
	delete(l.byName, e.Value.(*leaf).name)
	l.order.Remove(e)
}

func (a *Authority) issue(name string, now time.Time) (*tls.Certificate, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"stormbus"}},
		NotBefore: now.Add(-backdated), NotAfter: earlier(now.Add(leafTime), a.certificate.NotAfter),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &a.leafKey.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.leafKey}, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
