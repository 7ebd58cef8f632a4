package tlsport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"stormbus/internal/clock"
)

// The files of an authority. The certificate is for everybody, the key is not.
const (
	certificateFile = "ca.pem"
	keyFile         = "ca-key.pem"
)

// How long an authority is good for, and how far back its certificates begin,
// for clients whose clocks are behind.
const (
	authorityTime = 10 * 365 * 24 * time.Hour
	backdated     = 24 * time.Hour
)

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	file        string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	leafKey     *ecdsa.PrivateKey // of all certificates that this process issues
	clock       clock.Clock
	leaves      leaves
}

// Open reads the authority in dir, which only the server may read, or makes a
// new one. The clock is the host's: clients judge certificates by theirs.
func Open(dir string, c clock.Clock) (*Authority, error) {
	a := &Authority{file: filepath.Join(dir, certificateFile), clock: c, leaves: newLeaves()}
	err := a.load(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = a.create(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority in %s (remove the directory to have a new one made): %w", dir, err)
	}
	if a.leafKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("make a key for TLS: %w", err)
	}
	return a, nil
}

// File returns the path of the authority's certificate, for AWS_CA_BUNDLE.
func (a *Authority) File() string { return a.file }

func (a *Authority) load(dir string) error {
	certificate, err := readPEM(a.file, "CERTIFICATE")
	if err != nil {
		return err
	}
	key, err := readPEM(filepath.Join(dir, keyFile), "PRIVATE KEY")
	if err != nil {
		return err
	}
	if a.certificate, err = x509.ParseCertificate(certificate); err != nil {
		return fmt.Errorf("%s: %w", certificateFile, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("%s: %w", keyFile, err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !private.PublicKey.Equal(a.certificate.PublicKey) {
		return fmt.Errorf("%s is not the key of %s", keyFile, certificateFile)
	}
	if now := a.clock.Now(); now.After(a.certificate.NotAfter) {
		return fmt.Errorf("it has expired on %s", a.certificate.NotAfter.Format(time.DateOnly))
	}
	a.key = private
	return nil
}

func readPEM(file, kind string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s holds no %s", filepath.Base(file), kind)
	}
	return block.Bytes, nil
}

// create makes an authority. The key is written first: without the certificate
// it is nobody's, and made again.
func (a *Authority) create(dir string) (err error) {
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	serial, err := newSerial()
	if err != nil {
		return err
	}
	now := a.clock.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "stormbus local authority " + serial.Text(36)[:8]},
		NotBefore:    now.Add(-backdated), NotAfter: now.Add(authorityTime),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		return err
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, keyFile), "PRIVATE KEY", key, 0o600); err != nil {
		return err
	}
	return writePEM(a.file, "CERTIFICATE", der, 0o644)
}

// writePEM writes a file as a whole or not at all.
func writePEM(file, kind string, der []byte, mode fs.FileMode) (err error) {
	temporary := file + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	err = pem.Encode(f, &pem.Block{Type: kind, Bytes: der})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}

func newSerial() (*big.Int, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	b[0] = b[0]&0x7f | 0x40 // positive, and of one length
	return new(big.Int).SetBytes(b[:]), nil
}
