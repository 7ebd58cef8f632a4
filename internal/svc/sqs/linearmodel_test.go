package sqs

import (
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// groupCall is what one call, or the passing of time, means for one group of a
// FIFO queue whose deduplication goes by group.
type groupCall struct {
	kind    string // send, receive, delete, hide, time
	dedup   string // send
	body    string // send, delete, hide: of the message
	receive int    // delete, hide: which receive the handle is of
	timeout int64  // receive, hide, time: milliseconds
}

// groupAnswer is what came of it.
type groupAnswer struct {
	sequence string         // send
	got      []groupReceipt // receive: what it got of the group
	complete bool           // receive: it had room for more of the group
	refused  bool           // delete, hide
}

type groupReceipt struct {
	body    string
	receive int
}

// groupState is one group, as one client after another would see it.
type groupState struct {
	now      int64 // milliseconds
	sequence string
	messages []groupMessage
	copies   []groupCopy
}

type groupMessage struct {
	body     string
	receives int
	visible  int64
}

type groupCopy struct {
	dedup    string
	sequence string
	until    int64
}

func (s groupState) locked() bool {
	return slices.ContainsFunc(s.messages, func(m groupMessage) bool { return m.receives > 0 && m.visible > s.now })
}

// groupModel says what a group does. A step never changes a state but makes a new
// one.
func groupModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return groupState{} },
		Step: func(state, input, output any) (bool, any) {
			s := state.(groupState)
			s.messages, s.copies = slices.Clone(s.messages), slices.Clone(s.copies)
			ok := s.step(input.(groupCall), output.(groupAnswer))
			return ok, s
		},
		Equal: func(a, b any) bool {
			x, y := a.(groupState), b.(groupState)
			return x.now == y.now && x.sequence == y.sequence && slices.Equal(x.messages, y.messages) && slices.Equal(x.copies, y.copies)
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
	}
}

// step does a call and reports whether its answer was right.
func (s *groupState) step(in groupCall, out groupAnswer) bool {
	at := slices.IndexFunc(s.messages, func(m groupMessage) bool { return m.body == in.body })
	switch in.kind {
	case "time":
		s.now += in.timeout
		return true
	case "send":
		return s.send(in, out)
	case "receive":
		return s.receive(in, out)
	case "delete":
		if at < 0 {
			return !out.refused
		}
		m := s.messages[at]
		current := m.receives == in.receive && m.visible > s.now
		if current {
			s.messages = slices.Delete(s.messages, at, at+1)
		}
		return out.refused == !current
	case "hide":
		if at < 0 || s.messages[at].receives != in.receive {
			return out.refused
		}
		if s.messages[at].visible > s.now {
			s.messages[at].visible = s.now + in.timeout
		}
		return !out.refused
	}
	panic("unknown call " + in.kind)
}

func (s *groupState) send(in groupCall, out groupAnswer) bool {
	for _, c := range s.copies {
		if c.dedup == in.dedup && c.until > s.now {
			return out.sequence == c.sequence
		}
	}
	if out.sequence <= s.sequence {
		return false
	}
	s.sequence = out.sequence
	s.messages = append(s.messages, groupMessage{body: in.body, visible: s.now})
	s.copies = append(slices.DeleteFunc(s.copies, func(c groupCopy) bool { return c.dedup == in.dedup }),
		groupCopy{in.dedup, out.sequence, s.now + dedupWindow.Milliseconds()})
	return true
}

func (s *groupState) receive(in groupCall, out groupAnswer) bool {
	if s.locked() {
		return len(out.got) == 0
	}
	if len(out.got) > len(s.messages) || out.complete && len(out.got) < len(s.messages) {
		return false
	}
	for i, r := range out.got {
		m := &s.messages[i]
		if m.body != r.body || m.receives+1 != r.receive {
			return false
		}
		m.receives, m.visible = r.receive, s.now+in.timeout
	}
	return true
}

func milliseconds(seconds int64) int64 { return seconds * int64(time.Second/time.Millisecond) }
