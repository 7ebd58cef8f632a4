package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"stormbus/internal/bus"
	"stormbus/internal/telemetry"
)

// Event is one line of the stream of events.
type Event struct {
	Bus     string          `json:"bus"`
	Matched int             `json:"matched"` // rules
	Time    time.Time       `json:"accepted"`
	Trace   string          `json:"trace,omitempty"`
	Event   json.RawMessage `json:"event"` // the envelope, as it is delivered
}

// events streams the events published from now on, one JSON document a line,
// until the caller goes away. With ?bus=NAME only those of one bus.
func (c *console) events(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := c.whileServing(r)
	defer cancel()
	from, err := c.Events.Now(ctx)
	if err != nil {
		c.Logger.ErrorContext(ctx, "tail events", telemetry.KeyError, err)
		c.fail(w, r, http.StatusInternalServerError, "the events could not be read; the server's log says why")
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w)
	if err := flush.Flush(); err != nil { // tells the caller that the tail has begun
		return
	}
	only := r.URL.Query().Get("bus")
	for stored, err := range c.Events.Tail(ctx, from) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				c.Logger.ErrorContext(ctx, "tail events", telemetry.KeyError, err)
			}
			return
		}
		if only != "" && stored.BusName != only {
			continue
		}
		if err := writeEvent(w, stored); err != nil {
			return // the caller went away
		}
		if err := flush.Flush(); err != nil {
			return
		}
	}
}

func writeEvent(w http.ResponseWriter, s bus.Stored) error {
	line, err := json.Marshal(Event{
		Bus: s.BusName, Matched: s.Matched, Time: s.Accepted, Trace: s.Trace.String(), Event: s.Envelope,
	})
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
