package console

import (
	"errors"
	"net/http"
	"regexp"

	"stormbus/internal/lineage"
	"stormbus/internal/telemetry"
)

// trace answers with the tree below an event; with ?root=1, with the whole
// tree that the event belongs to.
func (c *console) trace(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	id := r.PathValue("id")
	if r.URL.Query().Get("root") == "1" {
		root, err := c.Lineage.Root(ctx, id)
		if err != nil {
			c.traceFailed(w, r, id, err)
			return
		}
		id = root
	}
	tree, err := c.Lineage.Tree(ctx, id)
	if err != nil {
		c.traceFailed(w, r, id, err)
		return
	}
	c.answer(w, r, http.StatusOK, tree)
}

// shortID is an id as a tree shows it.
var shortID = regexp.MustCompile(`^[0-9a-f]{8}$`)

func (c *console) traceFailed(w http.ResponseWriter, r *http.Request, id string, err error) {
	if errors.Is(err, lineage.ErrUnknown) {
		if shortID.MatchString(id) {
			c.fail(w, r, http.StatusNotFound, "no event "+id+" is known here: want the whole id, of which a tree shows the first 8 characters; `stormbus trace ID --output json` shows all whole")
			return
		}
		c.fail(w, r, http.StatusNotFound, "no event "+id+" is known here: it was never published to this server, or its record has been trimmed; of messages those are known that have a trace")
		return
	}
	c.Logger.ErrorContext(r.Context(), "read a causation tree", telemetry.KeyEventID, id, telemetry.KeyError, err)
	c.fail(w, r, http.StatusInternalServerError, "the causation tree could not be read; the server's log says why")
}
