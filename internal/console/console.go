package console

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"stormbus/internal/bus"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// Lineage is what the console reads trees from.
type Lineage interface {
	Tree(ctx context.Context, eventID string) (*lineage.Node, error)
	Root(ctx context.Context, eventID string) (string, error)
}

// Events is where the console reads events and rules from.
type Events interface {
	Find(ctx context.Context, busName, id string, published time.Time) (bus.Stored, bool, error)
	Rules(id bus.BusID) []bus.Rule
	Now(ctx context.Context) (bus.Cursor, error)
	Tail(ctx context.Context, from bus.Cursor) iter.Seq2[bus.Stored, error]
}

// Health is what the health page says. Services tells the state of each
// service by name.
type Health struct {
	Ready    bool              `json:"-"`
	Status   string            `json:"status"`
	Version  string            `json:"version"`
	Services map[string]string `json:"services"`
}

// Config configures the console. All fields but OwnAccount are required.
type Config struct {
	Lineage Lineage
	Queues  Queues
	Letters Letters
	Events  Events
	Store   Store
	DataDir string        // where the server keeps its data
	Spaces  []store.Space // the rows in the store
	Health  func() Health
	// OwnAccount says that who calls is known: a caller may only change what
	// belongs to its account.
	OwnAccount bool
	Logger     *slog.Logger
	// Done ends streams that are still open when the server stops.
	Done <-chan struct{}
}

type console struct{ Config }

// New returns the handler of everything under [Prefix]. It is safe for
// concurrent use.
func New(c Config) http.Handler {
	h := &console{c}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Prefix+"health", h.health)
	mux.HandleFunc("GET "+Prefix+"api/trace/{id}", h.trace)
	mux.HandleFunc("GET "+Prefix+"api/why/{id}", h.why)
	mux.HandleFunc("GET "+Prefix+"api/events", h.events)
	mux.HandleFunc("GET "+Prefix+"api/queues", h.queues)
	mux.HandleFunc("GET "+Prefix+"api/queues/messages", h.peek)
	mux.HandleFunc("POST "+Prefix+"api/queues/redrive", h.redrive)
	mux.HandleFunc("GET "+Prefix+"api/store/stats", h.storeStats)
	mux.HandleFunc("POST "+Prefix+"api/store/backup", h.storeBackup)
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		h.fail(w, r, http.StatusNotFound, "there is nothing at "+r.URL.Path)
	})
	return mux
}

// whileServing returns the context of a request that also ends when the server
// stops: long answers must not hold that up.
func (c *console) whileServing(r *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		select {
		case <-c.Done:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (c *console) health(w http.ResponseWriter, r *http.Request) {
	h := c.Health()
	status := http.StatusOK
	if !h.Ready {
		status = http.StatusServiceUnavailable
	}
	c.answer(w, r, status, h)
}

func (c *console) fail(w http.ResponseWriter, r *http.Request, status int, message string) {
	c.answer(w, r, status, map[string]string{"error": message})
}

func (c *console) answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		c.Logger.ErrorContext(r.Context(), "encode an answer", "path", r.URL.Path, telemetry.KeyError, err)
		http.Error(w, `{"error":"the answer could not be encoded"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		c.Logger.DebugContext(r.Context(), "the caller went away", "path", r.URL.Path, telemetry.KeyError, err)
	}
}
