package sqs

import (
	"net/url"
	"strings"

	"stormbus/internal/arn"
)

// maxNameLength is how long the name of a queue may be, ".fifo" included.
const maxNameLength = 80

// fifoSuffix ends the name of every FIFO queue and of no other.
const fifoSuffix = ".fifo"

// validName reports whether name may name a standard queue.
func validName(name string) bool {
	if name == "" || len(name) > maxNameLength {
		return false
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return false
		}
	}
	return true
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// key names a queue the way its owner does.
type key struct {
	scope arn.Scope
	name  string
}

// queueURL is the address of a queue as the caller at base sees it.
func queueURL(base string, k key) string {
	return base + "/" + k.scope.Account + "/" + k.name
}

// parseURL reads the account and the name out of a queue URL. Its host does not
// matter: a client may have stored a URL that another host name gave it. The
// region is the one that the call is made in, as on AWS.
func parseURL(s, region string) (key, error) {
	u, err := url.Parse(s)
	if err != nil {
		return key{}, errInvalidAddress(s)
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(segments) < 2 {
		return key{}, errInvalidAddress(s)
	}
	account, name := segments[len(segments)-2], segments[len(segments)-1]
	if !isAccount(account) || name == "" {
		return key{}, errInvalidAddress(s)
	}
	return key{scope: arn.Scope{Region: region, Account: account}, name: name}, nil
}

// isAccount reports whether s is a 12-digit account id.
func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}
