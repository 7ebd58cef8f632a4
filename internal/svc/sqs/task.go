package sqs

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/store"
)

// task is a message move task: it moves what is in a dead-letter queue to where
// it came from, or to another queue. It belongs to the queue that it empties,
// as a row of that queue.
type task struct {
	ID          string    `json:"id"`
	Destination string    `json:"destination,omitempty"` // ARN; empty: where each message came from
	Rate        int64     `json:"rate,omitempty"`        // messages a second; 0: as fast as it goes
	Status      string    `json:"status"`
	Failure     string    `json:"failure,omitempty"`
	Started     time.Time `json:"started"`
	ToMove      uint64    `json:"toMove"` // how many there were at the start
	Moved       uint64    `json:"moved"`

	number uint64 // its key
}

// The states of a task.
const (
	taskRunning    = "RUNNING"
	taskCancelling = "CANCELLING"
	taskCancelled  = "CANCELLED"
	taskCompleted  = "COMPLETED"
	taskFailed     = "FAILED"
)

// The reasons for which tasks fail.
const (
	failureNoSource = "CouldNotDetermineMessageSource"
	failureNoQueue  = legacy + "NonExistentQueue"
)

const (
	taskVersion = 1
	// tasksKept is how many tasks a queue remembers: as many as
	// ListMessageMoveTasks shows at most.
	tasksKept   = 10
	maxTaskRate = 500
)

func (t *task) active() bool { return t.Status == taskRunning || t.Status == taskCancelling }

// tasks reads the tasks of a queue, oldest first.
func (q *Queue) tasks(v store.View) ([]*task, error) {
	var out []*task
	lo := q.table(tableTask)
	for k, row := range v.Scan(lo, store.PrefixEnd(lo)) {
		t := &task{}
		version, err := store.Unmarshal(row, t)
		if err != nil {
			return nil, fmt.Errorf("move task of queue %d: %w", q.ID, err)
		}
		var ok bool
		if t.number, ok = q.splitSeq(tableTask, k); !ok || version != taskVersion {
			return nil, fmt.Errorf("move task of queue %d: %w", q.ID, store.ErrDamaged)
		}
		out = append(out, t)
	}
	return out, nil
}

// activeTask returns the task that works on a queue; nil if there is none.
func (q *Queue) activeTask(v store.View) (*task, error) {
	all, err := q.tasks(v)
	if err != nil || len(all) == 0 || !all[len(all)-1].active() {
		return nil, err
	}
	return all[len(all)-1], nil
}

func (w *work) saveTask(t *task) error {
	row, err := store.Marshal(taskVersion, t)
	if err != nil {
		return err
	}
	w.tx.Set(w.q.taskKey(t.number), row)
	return nil
}

// taskHandle is what a task handle says, in AWS's own form.
type taskHandle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func (h taskHandle) String() string {
	b, err := json.Marshal(h)
	if err != nil {
		return "" // two strings can always be written as JSON
	}
	return base64.StdEncoding.EncodeToString(b)
}

func parseTaskHandle(s string) (h taskHandle, source arn.ARN, err error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err != nil || h.TaskID == "" {
		return h, source, errTaskHandle()
	}
	source, err = arn.Parse(h.SourceARN)
	if err != nil {
		return h, source, errTaskHandle()
	}
	return h, source, nil
}
