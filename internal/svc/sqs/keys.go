package sqs

import (
	"time"

	"stormbus/internal/store"
)

// Heads is the template of the index that receives read; it must be among
// [store.Options.Heads].
const Heads = "q/####/r/"

// Rows of the meta partition:
//
//	sq/n/<region><account><name>   the queue
//	sq/d/<id>                      a deleted queue whose messages are not gone yet
//	sq/w/<region><account><name>   a name that waits after its queue was deleted
//
// Rows of the partition that a queue is pinned to, all below q/<id>:
//
//	/n                  stats
//	/r/<visible><seq>   the one index: messages, and tickets of groups
//	/m/<seq>            the message
//	/s/<seq>            its state; missing until it is first received
//	/e/<sent><seq>      messages that are older than their neighbours (expiry)
//	/o/<seq>            messages on their way to another queue
//	/f/<group>          a message group
//	/g/<group><seq>     its messages in order
//	/h/<visible><seq>   FIFO: delayed and in flight, to count them
//	/d/<kind><hash>     FIFO: what is remembered for five minutes
//	/x/<until><kind><hash>  the same, by the time at which it is forgotten
//	/k                  FIFO: something is remembered, and a timer is set
//	/t/<number>         message move tasks that began here
const (
	metaNames   = "sq/n/"
	metaDeleted = "sq/d/"
	metaWaiting = "sq/w/"

	queuePrefix = "q/"

	tableIndex   = "/r/"
	tableMessage = "/m/"
	tableState   = "/s/"
	tableEarly   = "/e/"
	tableOutbox  = "/o/"
	tableGroup   = "/f/"
	tableMember  = "/g/"
	tableHidden  = "/h/"
	tableMemory  = "/d/"
	tableForget  = "/x/"
	tableTask    = "/t/"
	rowStats     = "/n"
	rowForget    = "/k"
)

func nameKey(k key) []byte { return store.AppendString(scopePrefix(k), k.name) }

// scopePrefix begins the names of all queues that live where k does.
func scopePrefix(k key) []byte { return appendScope([]byte(metaNames), k) }

func waitingKey(k key) []byte {
	return store.AppendString(appendScope([]byte(metaWaiting), k), k.name)
}

func appendScope(b []byte, k key) []byte {
	return store.AppendString(store.AppendString(b, k.scope.Region), k.scope.Account)
}

func deletedKey(id uint32) []byte { return store.AppendUint32([]byte(metaDeleted), id) }

func (q *Queue) table(name string) []byte {
	return q.appendTable(make([]byte, 0, len(queuePrefix)+4+len(name)+16), name)
}

func (q *Queue) appendTable(b []byte, name string) []byte {
	return append(store.AppendUint32(append(b, queuePrefix...), q.ID), name...)
}

func (q *Queue) row(table string, seq uint64) []byte {
	return store.AppendUint64(q.table(table), seq)
}

func (q *Queue) statsKey() []byte           { return q.table(rowStats) }
func (q *Queue) messageKey(n uint64) []byte { return q.row(tableMessage, n) }
func (q *Queue) stateKey(n uint64) []byte   { return q.row(tableState, n) }
func (q *Queue) outboxKey(n uint64) []byte  { return q.row(tableOutbox, n) }

func (q *Queue) taskKey(n uint64) []byte { return q.row(tableTask, n) }
func (q *Queue) forgetKey() []byte       { return q.table(rowForget) }

func (q *Queue) timed(table string, at time.Time, seq uint64) []byte {
	return store.AppendUint64(store.AppendTime(q.table(table), at), seq)
}

func (q *Queue) indexKey(visible time.Time, seq uint64) []byte {
	return q.timed(tableIndex, visible, seq)
}

func (q *Queue) earlyKey(sent time.Time, seq uint64) []byte {
	return q.timed(tableEarly, sent, seq)
}

// hiddenTable is the table in which messages stand by the time at which they
// become visible.
func (q *Queue) hiddenTable() string {
	if q.Settings.Fifo {
		return tableHidden
	}
	return tableIndex
}

func (q *Queue) groupKey(group string) []byte {
	return store.AppendString(q.table(tableGroup), group)
}

// members begins the keys of the messages of a group.
func (q *Queue) members(group string) []byte {
	return store.AppendString(q.table(tableMember), group)
}

func (q *Queue) memberKey(group string, seq uint64) []byte {
	return store.AppendUint64(q.members(group), seq)
}

// splitTimed reads what follows the table's name in a key of the index or of
// the early messages.
func (q *Queue) splitTimed(table string, k []byte) (at time.Time, seq uint64, ok bool) {
	k = k[min(len(k), len(queuePrefix)+4+len(table)):]
	at, k, ok = store.ReadTime(k)
	if !ok {
		return at, 0, false
	}
	seq, k, ok = store.ReadUint64(k)
	return at, seq, ok && len(k) == 0
}

// splitSeq reads the sequence number that ends a key.
func (q *Queue) splitSeq(table string, k []byte) (seq uint64, ok bool) {
	seq, k, ok = store.ReadUint64(k[min(len(k), len(queuePrefix)+4+len(table)):])
	return seq, ok && len(k) == 0
}
