package sqs

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/telemetry"
)

// draft is a message that has been checked, but not stored.
type draft struct {
	message   message
	delay     time.Duration
	systemMD5 string // digest of the system attributes, for the sender
	size      int
	dedup     []byte // in a FIFO queue: the same for messages that are duplicates
	once      []byte // if set, names the message: sent again it is not stored again
	caller    string // the span of the call that sends it; empty if it has no trace
	named     string // the span that the sender named instead in the message's own trace
}

// composition is what a sender says about one message, from whichever operation.
type composition struct {
	body       string
	delay      *int64
	attributes map[string]shape.MessageAttributeValue
	system     map[string]shape.MessageSystemAttributeValue
	group      *string
	dedup      *string
	sender     string
	trace      telemetry.Trace // of the call; a trace of the message's own goes before it
	inBatch    bool
}

// compose checks a message for queue q as AWS does.
func compose(q *Queue, c composition) (*draft, error) {
	if c.body == "" {
		return nil, errMissingParameter("MessageBody")
	}
	if bad, ok := forbiddenRune(c.body); ok {
		return nil, errMessageContents(bad)
	}
	d := &draft{delay: q.Settings.Delay}
	if err := d.delayBy(q, c.delay); err != nil {
		return nil, err
	}
	attributes, err := userAttributes(c.attributes)
	if err != nil {
		return nil, err
	}
	trace, systemMD5, err := systemAttributes(c.system)
	if err != nil {
		return nil, err
	}
	d.caller = c.trace.Caller()
	if trace == "" {
		trace = c.trace.String()
	} else if named := telemetry.ParseTrace(trace).Caller(); named != d.caller {
		d.named = named
	}
	d.systemMD5 = systemMD5
	d.message = message{
		body: c.body, attributes: attributes, bodyMD5: bodyDigest(c.body), attrsMD5: attributesDigest(attributes),
		sender: c.sender, trace: trace,
	}
	if err := d.order(q, c); err != nil {
		return nil, err
	}
	d.size = d.message.size()
	return d, nil
}

// delayBy sets the delay that the sender wants, if the queue lets it.
func (d *draft) delayBy(q *Queue, delay *int64) error {
	switch {
	case delay == nil:
		return nil
	case q.Settings.Fifo && *delay != 0:
		return errNotForQueueType(strconv.FormatInt(*delay, 10), attrDelay)
	case q.Settings.Fifo:
		return nil // says nothing: the queue's delay holds
	case *delay < 0 || *delay > int64(maxDelay/time.Second):
		return errInvalidNumber(*delay, attrDelay, "DelaySeconds must be >= 0 and <= 900.")
	}
	d.delay = time.Duration(*delay) * time.Second
	return nil
}

// forbiddenRune returns the first character of s that XML 1.0 does not allow.
func forbiddenRune(s string) (rune, bool) {
	for i := 0; i < len(s); {
		if i+8 <= len(s) && isPlain(s[i:]) {
			i += 8
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\t' || r == '\n' || r == '\r':
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			return r, true
		case r == utf8.RuneError && size == 1:
			return rune(s[i]), true // not UTF-8 at all
		}
		i += size
	}
	return 0, false
}

// isPlain reports whether the first eight bytes of s are ASCII and no control
// characters. Most of a body is, so they are looked at together.
func isPlain(s string) bool {
	const each = 0x0101010101010101
	eight := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return (eight|(eight-each*' '))&(each*0x80) == 0
}

// userAttributes checks message attributes. Of several mistakes it reports the
// first in order of name.
func userAttributes(in map[string]shape.MessageAttributeValue) (map[string]Attribute, error) {
	if len(in) > maxAttributes {
		return nil, errInvalidParameter("Number of message attributes [%d] exceeds the allowed maximum [%d].",
			len(in), maxAttributes)
	}
	if len(in) == 0 {
		return nil, nil
	}
	out := make(map[string]Attribute, len(in))
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		v := in[name]
		if len(v.StringListValues) > 0 || len(v.BinaryListValues) > 0 {
			return nil, errUnsupported("Message attribute list values in SendMessage operation are not supported.")
		}
		a, err := attribute(name, v.DataType, v.StringValue, v.BinaryValue)
		if err != nil {
			return nil, err
		}
		out[name] = a
	}
	return out, nil
}

const maxAttributeName = 256

func checkAttributeName(name string) error {
	lower := strings.ToLower(name)
	switch {
	case len(name) > maxAttributeName:
		return errInvalidParameter("The length of message attribute name must be less than %d bytes.", maxAttributeName)
	case strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
		return errInvalidParameter("You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. " +
			"These strings are reserved for internal use.")
	case name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") ||
		strings.ContainsFunc(name, func(r rune) bool { return r > 0x7F || r != '.' && !isNameByte(byte(r)) }):
		return errInvalidParameter("The message attribute name '%s' is invalid. "+
			"Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.", name)
	}
	return nil
}

// attribute checks one attribute, of the user's or of the system's.
func attribute(name string, dataType, text *string, binary []byte) (Attribute, error) {
	if dataType == nil || *dataType == "" {
		return Attribute{}, errInvalidParameter(
			"The message attribute '%s' must contain non-empty message attribute type.", name)
	}
	a := Attribute{DataType: *dataType}
	base, _, _ := strings.Cut(*dataType, ".")
	switch base {
	case "String", "Number":
		if text == nil || *text == "" {
			return a, errEmptyAttribute(name, base)
		}
		if bad, ok := forbiddenRune(*text); ok {
			return a, errMessageContents(bad)
		}
		if base == "Number" && !isNumber(*text) {
			return a, errInvalidParameter("Can't cast the value of message (user) attribute '%s' to a number.", name)
		}
		a.Text = *text
	case "Binary":
		if len(binary) == 0 {
			return a, errEmptyAttribute(name, base)
		}
		a.Binary = binary
	default:
		return a, errInvalidParameter("The message attribute '%s' has an invalid message attribute type, "+
			"the set of supported type prefixes is Binary, Number, and String.", name)
	}
	return a, nil
}

func errEmptyAttribute(name, base string) error {
	return errInvalidParameter("Message (user) attribute '%s' must contain a non-empty value of type '%s'.", name, base)
}

// isNumber reports whether s is a decimal number. Its precision does not
// matter: it is kept as text.
func isNumber(s string) bool {
	if strings.ContainsAny(s, "xXpP_iInN") {
		return false // what ParseFloat takes beyond decimals
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && !math.IsInf(f, 0)
}

// traceAttribute is the only system attribute that a sender may set.
const traceAttribute = "AWSTraceHeader"

// systemAttributes checks message system attributes.
func systemAttributes(in map[string]shape.MessageSystemAttributeValue) (trace, digest string, err error) {
	if len(in) == 0 {
		return "", "", nil
	}
	all := make(map[string]Attribute, len(in))
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if name != traceAttribute {
			return "", "", errInvalidParameter("Message system attribute name '%s' is invalid.", name)
		}
		v := in[name]
		a, err := attribute(name, v.DataType, v.StringValue, v.BinaryValue)
		if err != nil {
			return "", "", err
		}
		if a.isBinary() || a.DataType != "String" {
			return "", "", errInvalidParameter("Message system attribute '%s' must be of type 'String'.", name)
		}
		trace, all[name] = a.Text, a
	}
	return trace, attributesDigest(all), nil
}
