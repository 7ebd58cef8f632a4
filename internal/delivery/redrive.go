package delivery

import "time"

// Redriven says what becomes of one message of a dead-letter queue whose letters
// are delivered again. It marshals to the JSON that the server and the command
// line share.
type Redriven struct {
	MessageID string    `json:"messageId"`
	Sent      time.Time `json:"sent"`
	EventID   string    `json:"eventId,omitempty"`
	RequestID string    `json:"requestId,omitempty"` // of an asynchronous invocation
	Rule      string    `json:"rule,omitempty"`      // ARN
	Target    string    `json:"target,omitempty"`    // ARN
	// Delivery is the id of the new delivery, which is durable. It is empty if the
	// message stays, or if only what would be done was asked for.
	Delivery string `json:"delivery,omitempty"`
	// Stays says why the message stays in the queue; empty if it does not.
	Stays string `json:"stays,omitempty"`
}

// RedriveOptions say how far to go. The zero value delivers all letters again.
type RedriveOptions struct {
	Limit  int  // letters to deliver; 0 = all
	DryRun bool // change nothing, and tell what would be done
}
