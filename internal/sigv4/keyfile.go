package sigv4

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"stormbus/internal/telemetry"
)

// The bounds of a file of keys.
const (
	maxKeyLine = 8192
	maxKeys    = 10000
)

// Ring is a set of keys that does not change.
type Ring map[string]Credentials

// Credentials returns the credentials of an access key id.
func (r Ring) Credentials(accessKeyID string) (Credentials, bool) {
	c, known := r[accessKeyID]
	return c, known
}

var _ Keys = Ring{}

// ReadKeys reads a file of keys, one key a line:
//
//	ACCESS_KEY_ID SECRET ACCOUNT [SESSION_TOKEN]
//
// with spaces or tabs between them. Empty lines and lines that begin with # are
// left out. An error names the line, and never tells what is secret in it.
func ReadKeys(from io.Reader) (Ring, error) {
	ring := Ring{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxKeyLine)
	n := 0
	for lines.Scan() {
		n++
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		c, err := parseKey(fields)
		if err == nil && len(ring) == maxKeys {
			err = fmt.Errorf("there are more than %d keys", maxKeys)
		}
		if _, again := ring[c.AccessKeyID]; err == nil && again {
			err = fmt.Errorf("the access key id %s is there already", c.AccessKeyID)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		ring[c.AccessKeyID] = c
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: it is longer than %d bytes", n+1, maxKeyLine)
	case err != nil:
		return nil, err
	case len(ring) == 0:
		return nil, errors.New("there is no key: want lines of ACCESS_KEY_ID SECRET ACCOUNT [SESSION_TOKEN]")
	}
	return ring, nil
}

func parseKey(fields []string) (Credentials, error) {
	if len(fields) < 3 || len(fields) > 4 {
		return Credentials{}, fmt.Errorf("want ACCESS_KEY_ID SECRET ACCOUNT [SESSION_TOKEN], got %d words", len(fields))
	}
	c := Credentials{AccessKeyID: fields[0], Secret: telemetry.Redacted(fields[1]), Account: fields[2]}
	if len(fields) == 4 {
		c.SessionToken = telemetry.Redacted(fields[3])
	}
	if strings.Trim(c.AccessKeyID, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" || len(c.AccessKeyID) > 128 {
		return Credentials{}, errors.New("the access key id may have letters, digits and underscores, 128 of them at most")
	}
	if len(c.Account) != 12 || strings.Trim(c.Account, "0123456789") != "" {
		return Credentials{}, errors.New("the account, the third word, must have 12 digits")
	}
	return c, nil
}
