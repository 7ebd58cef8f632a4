package sqs

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// StartMessageMoveTask starts to move the messages of a dead-letter queue back
// to where they came from, or to another queue.
func (s *Service) StartMessageMoveTask(ctx context.Context, in *shape.StartMessageMoveTaskInput) (*shape.StartMessageMoveTaskOutput, error) {
	l, err := s.taskSource(*in.SourceArn)
	if err != nil {
		return nil, err
	}
	source := l.config.Load()
	if !s.isDeadLetterQueue(source) {
		return nil, errInvalidParameter("Source queue must be configured as a Dead Letter Queue.")
	}
	t := &task{Status: taskRunning}
	if t.Destination, err = s.taskDestination(source, in.DestinationArn); err != nil {
		return nil, err
	}
	if n := in.MaxNumberOfMessagesPerSecond; n != nil {
		if *n < 1 || *n > maxTaskRate {
			return nil, errInvalidNumber(*n, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
		}
		t.Rate = *n
	}
	id, err := uuid.NewRandomFromReader(s.random)
	if err != nil {
		return nil, fmt.Errorf("make a task id: %w", err)
	}
	t.ID = id.String()
	if err := s.startTask(ctx, l, t); err != nil {
		return nil, apiError(err)
	}
	handle := taskHandle{t.ID, source.ARN().String()}.String()
	return &shape.StartMessageMoveTaskOutput{TaskHandle: &handle}, nil
}

// taskSource returns the queue of a SourceArn.
func (s *Service) taskSource(text string) (*live, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return nil, errNoResource("SourceArn")
	}
	l, ok := s.queueByARN(a)
	if !ok {
		return nil, errNoResource("SourceArn")
	}
	return l, nil
}

// taskDestination checks the queue of a DestinationArn.
func (s *Service) taskDestination(source *Queue, text *string) (string, error) {
	if text == nil {
		return "", nil
	}
	a, err := arn.Parse(*text)
	if err != nil {
		return "", errNoResource("DestinationArn")
	}
	l, ok := s.queueByARN(a)
	switch {
	case !ok:
		return "", errNoResource("DestinationArn")
	case l.config.Load().ID == source.ID:
		return "", errInvalidParameter("Source queue arn and destination queue arn cannot be the same.")
	case l.config.Load().Settings.Fifo != source.Settings.Fifo:
		return "", errInvalidParameter("Source queue and destination queue must be of the same type.")
	}
	return a.String(), nil
}

// isDeadLetterQueue reports whether a queue names q as its dead-letter queue.
func (s *Service) isDeadLetterQueue(q *Queue) bool {
	return slices.ContainsFunc(s.queues.all(), func(l *live) bool {
		r := l.config.Load().Settings.Redrive
		return r != nil && r.Target == q.ARN()
	})
}

func (s *Service) startTask(ctx context.Context, l *live, t *task) error {
	return s.update(ctx, l, func(w *work) error {
		all, err := w.q.tasks(w.tx)
		if err != nil {
			return err
		}
		if n := len(all); n > 0 && all[n-1].active() {
			return errInvalidParameter("There is already a task running. " +
				"Only one active task is allowed for a source queue arn at a given time.")
		}
		for _, old := range all[:max(0, len(all)-tasksKept+1)] {
			w.tx.Delete(w.q.taskKey(old.number))
		}
		t.number, t.Started, t.ToMove = w.number(), w.tx.Now(), w.st.total
		w.tx.OnDurable(func() { s.startMover(l) })
		return w.saveTask(t)
	})
}

// CancelMessageMoveTask ends a task early. What was moved stays moved.
func (s *Service) CancelMessageMoveTask(ctx context.Context, in *shape.CancelMessageMoveTaskInput) (*shape.CancelMessageMoveTaskOutput, error) {
	h, source, err := parseTaskHandle(*in.TaskHandle)
	if err != nil {
		return nil, err
	}
	l, ok := s.queueByARN(source)
	if !ok {
		return nil, errNoResource("SourceArn")
	}
	var moved int64
	err = s.update(ctx, l, func(w *work) error {
		t, err := w.q.activeTask(w.tx)
		if err != nil {
			return err
		}
		if t == nil || t.ID != h.TaskID {
			return errNoTask()
		}
		moved, t.Status = int64(t.Moved), taskCancelling
		w.tx.OnDurable(func() { l.cancelled.signal() })
		return w.saveTask(t)
	})
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.CancelMessageMoveTaskOutput{ApproximateNumberOfMessagesMoved: &moved}, nil
}

// ListMessageMoveTasks shows the last tasks of a queue, newest first.
func (s *Service) ListMessageMoveTasks(ctx context.Context, in *shape.ListMessageMoveTasksInput) (*shape.ListMessageMoveTasksOutput, error) {
	l, err := s.taskSource(*in.SourceArn)
	if err != nil {
		return nil, err
	}
	most := int64(1)
	if n := in.MaxResults; n != nil {
		if *n < 1 || *n > tasksKept {
			return nil, errInvalidNumber(*n, "MaxResults", "Must be between 1 and 10, if provided.")
		}
		most = *n
	}
	q := l.config.Load()
	var all []*task
	err = s.store.View(ctx, q.Part, func(v store.View) error {
		all, err = q.tasks(v)
		return err
	})
	if err != nil {
		return nil, apiError(err)
	}
	out := &shape.ListMessageMoveTasksOutput{}
	for _, t := range slices.Backward(all) {
		if int64(len(out.Results)) == most {
			break
		}
		out.Results = append(out.Results, t.show(q))
	}
	return out, nil
}

// show makes the API's form of a task. Only a task that runs has a handle.
func (t *task) show(q *Queue) shape.ListMessageMoveTasksResultEntry {
	source, moved, toMove := q.ARN().String(), int64(t.Moved), int64(t.ToMove)
	started := t.Started.UnixMilli()
	out := shape.ListMessageMoveTasksResultEntry{
		Status: &t.Status, SourceArn: &source, DestinationArn: optional(t.Destination), FailureReason: optional(t.Failure),
		ApproximateNumberOfMessagesMoved: &moved, ApproximateNumberOfMessagesToMove: &toMove, StartedTimestamp: &started,
	}
	if t.Rate > 0 {
		out.MaxNumberOfMessagesPerSecond = &t.Rate
	}
	if t.Status == taskRunning {
		handle := taskHandle{t.ID, source}.String()
		out.TaskHandle = &handle
	}
	return out
}
