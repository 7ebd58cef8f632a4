package sqs

import (
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/store"
)

const queueVersion = 1

// record is a queue as the meta partition stores it. Its attributes have the
// form in which their owner sees them, so a new attribute needs no new version.
type record struct {
	ID         uint32            `json:"id"`
	Part       uint16            `json:"part"`
	Region     string            `json:"region"`
	Account    string            `json:"account"`
	Name       string            `json:"name"`
	Created    time.Time         `json:"created"`
	Modified   time.Time         `json:"modified"`
	Attributes map[string]string `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
}

func encodeQueue(q *Queue) ([]byte, error) {
	r := record{
		ID: q.ID, Part: uint16(q.Part), Region: q.Scope.Region, Account: q.Scope.Account, Name: q.Name,
		Created: q.Created, Modified: q.Modified, Attributes: map[string]string{}, Tags: q.Tags,
	}
	for name, a := range settables() {
		if value := a.show(&q.Settings); value != "" {
			r.Attributes[name] = value
		}
	}
	return store.Marshal(queueVersion, r)
}

func decodeQueue(b []byte) (*Queue, error) {
	var r record
	version, err := store.Unmarshal(b, &r)
	if err != nil {
		return nil, err
	}
	if version != queueVersion {
		return nil, fmt.Errorf("queue %q: version %d: %w", r.Name, version, store.ErrDamaged)
	}
	q := &Queue{
		ID: r.ID, Part: store.Part(r.Part), Name: r.Name, Created: r.Created, Modified: r.Modified, Tags: r.Tags,
		Scope: arn.Scope{Region: r.Region, Account: r.Account},
	}
	q.Settings.Fifo = r.Attributes[attrFifo] == "true"
	// SSE comes last: setting a KMS key turns it off, and showing it does not.
	known := settables()
	for name, value := range r.Attributes {
		if a, ok := known[name]; ok && name != attrSSE {
			if err := a.set(&q.Settings, value, q.Scope); err != nil {
				return nil, fmt.Errorf("queue %q: attribute %s: %w: %w", r.Name, name, store.ErrDamaged, err)
			}
		}
	}
	q.Settings.ManagedSSE = r.Attributes[attrSSE] == "true"
	if q.Settings.KMSKeyID != "" {
		q.Settings.KMSReuse = r.Attributes[attrKMSReuse]
	}
	return q, nil
}
