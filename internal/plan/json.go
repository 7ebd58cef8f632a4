package plan

import (
	"bytes"
	"encoding/json"
	"time"
)

// seconds is a time as a plan's JSON has it, and as AWS has it.
type seconds int64

func inSeconds(d time.Duration) seconds   { return seconds(d / time.Second) }
func (s seconds) duration() time.Duration { return time.Duration(s) * time.Second }

// In JSON, the types of a plan with times in them are as these: fields of both
// parts, the times in seconds.
type (
	queueFields    Queue
	functionFields Function
	ruleFields     Rule

	queueJSON struct {
		queueFields
		Retention seconds `json:"retentionSeconds"`
	}
	functionJSON struct {
		functionFields
		Timeout seconds `json:"timeoutSeconds"`
		MaxAge  seconds `json:"maxAgeSeconds,omitempty"`
	}
	ruleJSON struct {
		ruleFields
		MaxAge seconds `json:"maxAgeSeconds,omitempty"`
	}
)

// MarshalJSON writes the queue, its retention in seconds.
func (q Queue) MarshalJSON() ([]byte, error) {
	return plainText(queueJSON{queueFields(q), inSeconds(q.Retention)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (q *Queue) UnmarshalJSON(text []byte) error {
	var v queueJSON
	err := json.Unmarshal(text, &v)
	*q = Queue(v.queueFields)
	q.Retention = v.Retention.duration()
	return err
}

// MarshalJSON writes the function, its times in seconds.
func (f Function) MarshalJSON() ([]byte, error) {
	return plainText(functionJSON{functionFields(f), inSeconds(f.Timeout), inSeconds(f.MaxAge)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Function) UnmarshalJSON(text []byte) error {
	var v functionJSON
	err := json.Unmarshal(text, &v)
	*f = Function(v.functionFields)
	f.Timeout, f.MaxAge = v.Timeout.duration(), v.MaxAge.duration()
	return err
}

// MarshalJSON writes the rule, its maximal age in seconds.
func (r Rule) MarshalJSON() ([]byte, error) {
	return plainText(ruleJSON{ruleFields(r), inSeconds(r.MaxAge)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Rule) UnmarshalJSON(text []byte) error {
	var v ruleJSON
	err := json.Unmarshal(text, &v)
	*r = Rule(v.ruleFields)
	r.MaxAge = v.MaxAge.duration()
	return err
}

// plainText is v as JSON without the escapes that HTML needs: patterns have many
// a < and >.
func plainText(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
