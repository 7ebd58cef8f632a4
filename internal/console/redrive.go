package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// Letters delivers dead letters again.
type Letters interface {
	// Redrive tells of each message what became of it. It ends with the first error.
	Redrive(ctx context.Context, queue arn.ARN, o delivery.RedriveOptions) iter.Seq2[delivery.Redriven, error]
}

// Redrive asks for the dead letters of a queue to be delivered again.
type Redrive struct {
	Queue  string `json:"queue"` // ARN
	Limit  int    `json:"limit,omitempty"`
	DryRun bool   `json:"dryRun,omitempty"`
}

// RedriveLine is one line of the answer: a message, or how it all ended. An answer
// without an end was cut off; what it does not tell of may have been delivered.
type RedriveLine struct {
	Letter *delivery.Redriven `json:"letter,omitempty"`
	End    bool               `json:"end,omitempty"`
	Error  string             `json:"error,omitempty"` // with End
}

// redrive delivers dead letters again, and answers with one JSON document a line.
// It ends with the caller, or the server: what was told of by then stays done.
func (c *console) redrive(w http.ResponseWriter, r *http.Request) {
	var in Redrive
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil || in.Limit < 0 {
		c.fail(w, r, http.StatusBadRequest, `want {"queue": "ARN", "limit": N, "dryRun": false}; a limit of 0 is none`)
		return
	}
	queue, err := arn.Parse(in.Queue)
	if err != nil {
		c.fail(w, r, http.StatusBadRequest, "queue "+in.Queue+" is not the ARN of a queue")
		return
	}
	if account := wire.From(r.Context()).Scope.Account; c.OwnAccount && account != queue.Account {
		c.fail(w, r, http.StatusForbidden, "the queue "+in.Queue+" belongs to another account than the key, which is "+account+"'s")
		return
	}
	ctx, cancel := c.whileServing(r)
	defer cancel()
	answer := redriving{console: c, w: w, r: r}
	for letter, err := range c.Letters.Redrive(ctx, queue, delivery.RedriveOptions{Limit: in.Limit, DryRun: in.DryRun}) {
		if err != nil {
			answer.failed(ctx, in.Queue, err)
			return
		}
		if answer.line(RedriveLine{Letter: &letter}) != nil {
			return // the caller went away
		}
	}
	if err := answer.line(RedriveLine{End: true}); err != nil {
		c.Logger.DebugContext(ctx, "the caller went away", "path", r.URL.Path, telemetry.KeyError, err)
	}
}

// redriving is an answer that has begun with its first line.
type redriving struct {
	*console
	w     http.ResponseWriter
	r     *http.Request
	begun bool
}

func (a *redriving) line(l RedriveLine) error {
	if !a.begun {
		a.begun = true
		a.w.Header().Set("Content-Type", "application/x-ndjson")
		a.w.Header().Set("Cache-Control", "no-store")
		a.w.WriteHeader(http.StatusOK)
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := a.w.Write(append(text, '\n')); err != nil {
		return err
	}
	return http.NewResponseController(a.w).Flush()
}

// failed tells that the rest could not be delivered again.
func (a *redriving) failed(ctx context.Context, queue string, err error) {
	if errors.Is(err, sqs.ErrNoQueue) && !a.begun {
		a.fail(a.w, a.r, http.StatusNotFound, "there is no queue "+queue)
		return
	}
	message := "the dead letters could not be delivered again; the server's log says why"
	switch {
	case ctx.Err() != nil:
		message = "the server stops; redrive again when it runs"
	case errors.Is(err, sqs.ErrNoQueue):
		message = "the queue was deleted"
	default:
		a.Logger.ErrorContext(ctx, "redrive dead letters", telemetry.KeyQueue, queue, telemetry.KeyError, err)
	}
	if !a.begun {
		a.fail(a.w, a.r, http.StatusInternalServerError, message)
		return
	}
	if err := a.line(RedriveLine{End: true, Error: message}); err != nil {
		a.Logger.DebugContext(ctx, "the caller went away", "path", a.r.URL.Path, telemetry.KeyError, err)
	}
}
