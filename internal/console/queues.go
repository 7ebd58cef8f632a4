package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"stormbus/internal/arn"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/telemetry"
)

// Queues is where the console looks at queues.
type Queues interface {
	Summaries(ctx context.Context) ([]sqs.Summary, error)
	Peek(ctx context.Context, queue arn.ARN, most int) ([]sqs.Peeked, error)
}

// maxPeek is how many messages can be looked at in one request.
const maxPeek = 100

// queues answers with all queues.
func (c *console) queues(w http.ResponseWriter, r *http.Request) {
	all, err := c.Queues.Summaries(r.Context())
	if err != nil {
		c.Logger.ErrorContext(r.Context(), "look at the queues", telemetry.KeyError, err)
		c.fail(w, r, http.StatusInternalServerError, "the queues could not be read; the server's log says why")
		return
	}
	c.answer(w, r, http.StatusOK, all)
}

// peek answers with the oldest messages of the queue ?queue=ARN, at most ?max=N.
// Unlike receiving them it changes nothing.
func (c *console) peek(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("queue")
	queue, err := arn.Parse(text)
	if err != nil {
		c.fail(w, r, http.StatusBadRequest, "queue="+text+" is not the ARN of a queue")
		return
	}
	most := 10
	if n := r.URL.Query().Get("max"); n != "" {
		if most, err = strconv.Atoi(n); err != nil || most < 1 || most > maxPeek {
			c.fail(w, r, http.StatusBadRequest, "max="+n+": want a number from 1 to "+strconv.Itoa(maxPeek))
			return
		}
	}
	messages, err := c.Queues.Peek(r.Context(), queue, most)
	switch {
	case errors.Is(err, sqs.ErrNoQueue):
		c.fail(w, r, http.StatusNotFound, "there is no queue "+text)
	case err != nil:
		c.Logger.ErrorContext(r.Context(), "look into a queue", telemetry.KeyQueue, text, telemetry.KeyError, err)
		c.fail(w, r, http.StatusInternalServerError, "the queue could not be read; the server's log says why")
	default:
		c.answer(w, r, http.StatusOK, messages)
	}
}
