package sqs

import (
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// Queue is one queue as its owner configured it. A Queue is immutable:
// a change of configuration makes a new value.
type Queue struct {
	ID       uint32
	Part     store.Part // the partition that holds its messages, for ever
	Scope    arn.Scope
	Name     string
	Created  time.Time
	Modified time.Time
	Settings Settings
	Tags     map[string]string
}

// ARN returns the queue's name for other services.
func (q *Queue) ARN() arn.ARN { return q.Scope.Queue(q.Name) }

func (q *Queue) key() key { return key{scope: q.Scope, name: q.Name} }

// Settings are the attributes of a queue that its owner may set.
type Settings struct {
	Visibility     time.Duration // how long a received message stays hidden
	Delay          time.Duration // how long a sent message stays hidden
	Retention      time.Duration // how long a message lives, from its first sending
	Wait           time.Duration // how long a receive waits that does not say
	MaxMessageSize int
	Policy         string
	Redrive        *Redrive
	RedriveAllow   string // JSON as its owner wrote it, without blanks
	KMSKeyID       string
	KMSReuse       string // seconds, as its owner wrote them; kept only
	ManagedSSE     bool

	Fifo            bool // for ever: a queue does not change its kind
	ContentDedup    bool // the body stands in for a missing deduplication id
	DedupScope      string
	ThroughputLimit string
}

// The values of the scopes of a FIFO queue. Deduplication within groups is
// what lets a queue be fast on AWS; here it only narrows what is a duplicate.
const (
	scopeQueue      = "queue"
	scopeGroup      = "messageGroup"
	limitPerQueue   = "perQueue"
	limitPerGroup   = "perMessageGroupId"
	dedupWindow     = 5 * time.Minute
	maxDedupID      = 128
	maxGroupID      = 128
	maxAttemptID    = 128
	inFlightAllowed = 120_000
)

// defaultSettings are the settings of a queue whose owner says nothing.
func defaultSettings(fifo bool) Settings {
	s := standardSettings()
	if fifo {
		s.Fifo, s.DedupScope, s.ThroughputLimit = true, scopeQueue, limitPerQueue
	}
	return s
}

func standardSettings() Settings {
	return Settings{
		Visibility:     30 * time.Second,
		Retention:      4 * 24 * time.Hour,
		MaxMessageSize: MaxMessageSize,
		ManagedSSE:     true,
	}
}

// Redrive says where messages go that were received too often.
type Redrive struct {
	Target      arn.ARN
	MaxReceives int
	Text        string // JSON as its owner wrote it, without blanks
}

// Limits of SQS.
const (
	// MaxMessageSize is the size in bytes of the largest message, attributes
	// included, and of the largest batch.
	MaxMessageSize = 1 << 20

	maxBatch          = 10
	maxAttributes     = 10
	maxDelay          = 15 * time.Minute
	maxVisibility     = 12 * time.Hour
	maxWait           = 20 * time.Second
	maxReceive        = 10
	purgeInterval     = time.Minute
	nameWait          = time.Minute
	maxTags           = 80
	maxListResults    = 1000
	maxReceivesBefore = 1000
)

// Attribute is one message attribute: a data type and the value that belongs
// to it.
type Attribute struct {
	DataType string // String, Number or Binary, perhaps with a label: Number.float
	Text     string
	Binary   []byte
}

// message is a message as it is stored, apart from what receiving it changes.
type message struct {
	seq         uint64 // its place in the queue; not part of its row
	id          string // the message id, a UUID
	body        string
	attributes  map[string]Attribute
	bodyMD5     string
	attrsMD5    string // empty if there are no attributes
	sender      string
	trace       string        // AWSTraceHeader
	cause       lineage.Cause // the delivery that brought it; zero if somebody sent it
	note        string        // what a part of the server noted for itself, see Outgoing
	group       string        // MessageGroupId
	dedup       string        // MessageDeduplicationId; empty outside FIFO queues
	sent        time.Time
	firstHidden time.Time // until when it is hidden after sending
	source      string    // DeadLetterQueueSourceArn
	carried     uint32    // receives in the queues that it was in before
	firstSeen   time.Time // first receive in those queues; zero if none
}

// size is what SQS counts a message as: body, and name, type and value of each
// attribute.
func (m *message) size() int {
	n := len(m.body)
	for name, a := range m.attributes {
		n += len(name) + len(a.DataType) + len(a.Text) + len(a.Binary)
	}
	return n
}

// state is what receiving a message changes.
type state struct {
	visible  time.Time // from when it can be received
	receives uint32    // how often it was received from this queue
	first    time.Time // first receive
	last     time.Time // last receive: the 12-hour limit counts from here
	early    time.Time // when it was sent, if it has a row among the early ones
	group    string    // the group in which it stands; empty if it stands in the index
}
