package console_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stormbus/internal/arn"
	"stormbus/internal/console"
	"stormbus/internal/svc/sqs"
)

// shelf is queues that hold one message, or fail.
type shelf struct{ err error }

func (s shelf) Summaries(context.Context) ([]sqs.Summary, error) {
	return []sqs.Summary{{Name: "q", Visible: 1}}, s.err
}

func (s shelf) Peek(_ context.Context, queue arn.ARN, most int) ([]sqs.Peeked, error) {
	if queue.Resource == "none" {
		return nil, sqs.ErrNoQueue
	}
	return []sqs.Peeked{{Body: "hello"}}[:min(1, most)], s.err
}

func TestQueues(t *testing.T) {
	t.Parallel()
	const q = "?queue=arn:aws:sqs:eu-west-1:123456789012:"
	for _, tt := range []struct {
		path   string
		err    error
		status int
		want   string
	}{
		{"queues", nil, http.StatusOK, `[{"name":"q",`},
		{"queues", errors.New("broken"), http.StatusInternalServerError, "the server's log says why"},
		{"queues/messages" + q + "q", nil, http.StatusOK, `"body":"hello"`},
		{"queues/messages" + q + "q", errors.New("broken"), http.StatusInternalServerError, "the server's log says why"},
		{"queues/messages" + q + "none", nil, http.StatusNotFound, "there is no queue arn:aws:sqs:eu-west-1:123456789012:none"},
		{"queues/messages", nil, http.StatusBadRequest, "is not the ARN of a queue"},
		{"queues/messages" + q + "q&max=0", nil, http.StatusBadRequest, "want a number from 1 to 100"},
		{"queues/messages" + q + "q&max=x", nil, http.StatusBadRequest, "want a number from 1 to 100"},
	} {
		h := console.New(console.Config{Queues: shelf{tt.err}, Logger: slog.New(slog.DiscardHandler)})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, console.Prefix+"api/"+tt.path, nil))
		body, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if w.Code != tt.status || !strings.Contains(string(body), tt.want) {
			t.Errorf("%s: HTTP %d %s\nwant %d with %s", tt.path, w.Code, body, tt.status, tt.want)
		}
	}
}
