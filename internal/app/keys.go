package app

import (
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/function"
	"stormbus/internal/sigv4"
	"stormbus/internal/telemetry"
)

// keyring is all keys that are good: those of the file, and one for every
// function that has run. The functions' keys live as long as this process, and
// so do the functions' processes.
type keyring struct {
	file   sigv4.Ring
	random io.Reader

	mu        sync.Mutex // guards what follows
	functions map[arn.ARN]sigv4.Credentials
	made      sigv4.Ring // the same by their ids
}

// Credentials returns the credentials of an access key id.
func (k *keyring) Credentials(accessKeyID string) (sigv4.Credentials, bool) {
	if c, known := k.file.Credentials(accessKeyID); known {
		return c, true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made.Credentials(accessKeyID)
}

// function returns what a function signs its calls with.
func (k *keyring) function(f arn.ARN) (function.Credentials, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, known := k.functions[f]
	if !known {
		var err error
		if c, err = newCredentials(k.random, f.Account); err != nil {
			return function.Credentials{}, fmt.Errorf("make a key for %s: %w", f, err)
		}
		k.functions[f], k.made[c.AccessKeyID] = c, c
	}
	return function.Credentials{AccessKeyID: c.AccessKeyID, Secret: c.Secret, SessionToken: c.SessionToken}, nil
}

// newCredentials makes temporary credentials in the form of AWS's.
func newCredentials(random io.Reader, account string) (sigv4.Credentials, error) {
	var b [10 + 30 + 48]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return sigv4.Credentials{}, err
	}
	return sigv4.Credentials{
		AccessKeyID:  "ASIA" + base32.StdEncoding.EncodeToString(b[:10]),
		Secret:       telemetry.Redacted(base64.StdEncoding.EncodeToString(b[10:40])),
		SessionToken: telemetry.Redacted(base64.StdEncoding.EncodeToString(b[40:])),
		Account:      account,
	}, nil
}

// readKeys reads the file of keys, if signatures are to be verified.
func (a *App) readKeys() error {
	if a.cfg.KeysFile == "" {
		return nil
	}
	f, err := os.Open(a.cfg.KeysFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no keys file %s (write one line ACCESS_KEY_ID SECRET ACCOUNT for each key)", a.cfg.KeysFile)
	}
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		a.cfg.Logger.Warn("others can read the keys: run chmod 600", "file", a.cfg.KeysFile, "mode", info.Mode().Perm().String())
	}
	ring, err := sigv4.ReadKeys(f)
	if err != nil {
		return fmt.Errorf("keys file %s: %w", a.cfg.KeysFile, err)
	}
	a.keys = &keyring{file: ring, random: a.cfg.Random, functions: map[arn.ARN]sigv4.Credentials{}, made: sigv4.Ring{}}
	return nil
}

// verifier returns what verifies signatures, or nil if nothing does.
func (a *App) verifier() *sigv4.Verifier {
	if a.keys == nil {
		return nil
	}
	return &sigv4.Verifier{Keys: a.keys, Clock: clock.Real()}
}

// functionCredentials returns what makes the credentials of functions, or nil
// if any will do.
func (a *App) functionCredentials() func(arn.ARN) (function.Credentials, error) {
	if a.keys == nil {
		return nil
	}
	return a.keys.function
}
