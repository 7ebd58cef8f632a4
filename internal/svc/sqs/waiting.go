package sqs

import "stormbus/internal/store"

// waitingTimer is the kind of the timers, one per deleted queue, that set its
// name free. It need not be punctual: the row says until when the name waits.
const waitingTimer = "sqs.name"

const waitingVersion = 1

// letNameWait blocks the name of a queue that is being deleted.
func letNameWait(tx store.Tx, k key) {
	until := in(tx, nameWait)
	row := waitingKey(k)
	tx.Set(row, appendMoment([]byte{waitingVersion}, until))
	tx.Timer(waitingTimer, row, until, nil)
}

// checkFree refuses a name that is still blocked.
func (s *Service) checkFree(tx store.Tx, k key) error {
	if !s.strict {
		return nil
	}
	waits, err := nameWaits(tx, k)
	if waits && err == nil {
		err = errQueueDeletedRecently()
	}
	return err
}

// nameWaits reports whether a name is still blocked.
func nameWaits(tx store.Tx, k key) (bool, error) {
	row, ok := tx.Get(waitingKey(k))
	if !ok {
		return false, nil
	}
	r := newReader(row, waitingVersion)
	until := r.moment()
	return tx.Now().Before(until), r.end("waiting name")
}

// onWaited handles a timer, whose id is the key of the row that goes.
func onWaited(tx store.Tx, f store.Fired) error {
	tx.Delete(f.ID)
	return nil
}
