package sqs

import (
	"encoding/binary"
	"fmt"

	"stormbus/internal/store"
)

// A receiver from a FIFO queue may name its call with a ReceiveRequestAttemptId.
// If it does not get the answer it calls again with the same name, and gets the
// same messages with the same receipt handles, hidden for another while: without
// that, their groups would be locked until the timeout has passed. It works
// until any of the messages was deleted, hidden anew, or became visible.

// again answers a call that was made before. It reports whether it could.
func (t *taking) again(w *work) (bool, error) {
	if t.wanted.attempt == nil {
		return false, nil
	}
	value, ok, err := w.recall(memoryAttempt, t.wanted.attempt)
	if !ok || err != nil {
		return false, err
	}
	handles, err := decodeAttempt(w.q, value)
	if err != nil {
		return false, err
	}
	states := make([]state, len(handles))
	for i, h := range handles {
		st, ok, err := w.state(h.seq)
		if err != nil {
			return false, err
		}
		if !ok || st.receives != h.receive || !st.visible.After(w.tx.Now()) || millis(st.visible) != h.visible {
			return false, nil
		}
		states[i] = st
	}
	for i, h := range handles {
		row, _, _, err := w.message(h.seq, false)
		if err != nil {
			return false, err
		}
		m, err := decodeKept(row)
		if err != nil {
			return false, err
		}
		m.seq = h.seq
		if err := w.hide(h.seq, &states[i], in(w.tx, t.wanted.visibility)); err != nil {
			return false, err
		}
		t.got = append(t.got, received{message: m, state: states[i], handle: h.handle})
	}
	return true, t.remember(w)
}

// remember keeps what a call with a name got.
func (t *taking) remember(w *work) error {
	if t.wanted.attempt == nil || len(t.got) == 0 {
		return nil
	}
	var value []byte
	for _, r := range t.got {
		value = store.AppendUint64(value, r.handle.seq)
		value = store.AppendUint32(value, r.handle.receive)
		value = store.AppendUint64(value, millis(r.state.visible))
	}
	w.remember(memoryAttempt, t.wanted.attempt, value)
	return nil
}

// attempted is one message that a call got, and until when it was hidden then.
type attempted struct {
	handle
	visible uint64 // milliseconds
}

func decodeAttempt(q *Queue, b []byte) ([]attempted, error) {
	const size = 8 + 4 + 8
	if len(b)%size != 0 {
		return nil, fmt.Errorf("receive attempt: %w", store.ErrDamaged)
	}
	var out []attempted
	for ; len(b) > 0; b = b[size:] {
		out = append(out, attempted{
			handle: handle{
				queue: q.ID, seq: binary.BigEndian.Uint64(b), receive: binary.BigEndian.Uint32(b[8:]),
			},
			visible: binary.BigEndian.Uint64(b[12:]),
		})
	}
	return out, nil
}
