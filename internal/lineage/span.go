package lineage

import "time"

// The rows of a span say what it published or sent, which takes a pointer, and
// what caused it, which takes the record: whoever asks for the causes of
// something does not have the records of the causing events at hand.
const (
	pointerVersion = 1 // kind, id
	causeVersion   = 2 // id of the event with its length, record
)

// MessageSpan is the span that stands for a message which a delivery brought: its
// id is a random UUID, of which it has the first 16 digits. The message is found
// by it without a row under its id.
func MessageSpan(messageID string) string {
	if len(messageID) != 36 {
		return ""
	}
	return messageID[:8] + messageID[9:13] + messageID[14:18]
}

// messageKey is the id of the message under which a record has a row, empty if
// the message is found without: by its event, and by its span.
func (r *Record) messageKey() string {
	if r.EventID != "" && r.MessageSpan != "" && r.MessageSpan == MessageSpan(r.MessageID) {
		return ""
	}
	return r.MessageID
}

// appendSpanRow appends the row of r's span.
func appendSpanRow(b []byte, r *Record, at time.Time) []byte {
	switch r.Kind {
	case Invoked, Received:
		b = appendString(append(b, causeVersion), r.EventID)
		return appendRecord(b, r, at)
	case Sent:
		return append(append(b, pointerVersion, byte(r.Kind)), r.MessageID...)
	}
	return append(append(b, pointerVersion, byte(r.Kind)), r.EventID...)
}

// parseSpanRow reads the row of a span. Of a pointer only the kind and the id are
// known: of the message if it was sent, else of the event. Invoked was a pointer
// in rows of before there were records of causes.
func parseSpanRow(b []byte) (Record, error) {
	if len(b) < 2 {
		return Record{}, errMalformed
	}
	switch b[0] {
	case pointerVersion:
		r := Record{Kind: Kind(b[1])}
		if id := string(b[2:]); r.Kind == Sent {
			r.MessageID = id
		} else {
			r.EventID = id
		}
		return r, nil
	case causeVersion:
		id, rest, ok := cutBytes(b[1:])
		if !ok {
			return Record{}, errMalformed
		}
		r, err := parseRecord(rest)
		if err == nil && r.Kind != Invoked && r.Kind != Received {
			err = errMalformed
		}
		r.EventID = string(id)
		return r, err
	}
	return Record{}, errMalformed
}
